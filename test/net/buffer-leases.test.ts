import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEASE_BYTES, leasesLent, returnLease, takeLease } from '../../src/net/buffer-leases.js';

test('a lease is a buffer that nobody else has, and comes back to be lent again', () => {
  const one = takeLease() as Buffer;
  const other = takeLease() as Buffer;
  assert.equal(one.length, LEASE_BYTES);
  assert.notEqual(one.buffer, other.buffer);
  assert.equal(leasesLent(), 2);
  returnLease(one);
  assert.equal(leasesLent(), 1);
  assert.equal(takeLease(), one);
  returnLease(one);
  returnLease(other);
  assert.equal(leasesLent(), 0);
});

test('leases are bounded: who gets none is told so', () => {
  const taken: Buffer[] = [];
  for (let lease = takeLease(); lease !== null; lease = takeLease()) taken.push(lease);
  assert.equal(leasesLent(), taken.length);
  assert.ok(taken.length * LEASE_BYTES <= 64 * 1024 * 1024);
  assert.equal(new Set(taken).size, taken.length);
  returnLease(taken.pop() as Buffer);
  assert.notEqual(takeLease(), null);
  assert.equal(takeLease(), null);
  returnLease(Buffer.alloc(LEASE_BYTES));
  for (const lease of taken) returnLease(lease);
  assert.equal(leasesLent(), 0);
});
