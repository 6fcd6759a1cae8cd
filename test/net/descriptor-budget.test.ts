import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSocketCount } from '../../src/net/byte-socket.js';
import { DescriptorBudget, descriptorLimit } from '../../src/net/descriptor-budget.js';
import { waitFor } from '../fixtures/wait-for.js';
import { acceptPair, type Pair } from './connected-pair.js';

test('the limit of open files is a number, and the budget stays below it', () => {
  const limit = descriptorLimit();
  assert.ok(Number.isInteger(limit) && limit >= 64, String(limit));
  assert.ok(new DescriptorBudget(limit).maxSockets < limit);
});

test('room is made only when there is none, and what cannot be made room for is refused', async (t) => {
  // The least that a budget holds: 16 connections.
  const budget = new DescriptorBudget(0);
  const pairs: Pair[] = [];
  let calls = 0;
  let idle: Pair[] = [];
  budget.onShortage(() => {
    calls++;
    for (const { bytes } of idle) bytes.destroy();
  });
  assert.equal(openSocketCount(), 0);
  for (let count = 0; count < budget.maxSockets - 1; count++) pairs.push(await acceptPair(t, 'plain'));
  assert.equal(budget.hasRoomFor(1), true);
  assert.equal(calls, 0);
  idle = pairs.splice(0, 1);
  assert.equal(budget.hasRoomFor(2), true, 'what is destroyed counts no more');
  assert.equal(calls, 1);
  budget.handshakes = 1;
  idle = [];
  assert.equal(budget.hasRoomFor(2), false, 'a handshake holds a socket too');
  assert.equal(budget.hasRoomFor(2), false);
  assert.equal(calls, 2, 'what was in vain is not done again at once');
  for (const { bytes } of pairs) bytes.destroy();
  await waitFor('the others to be closed', () => pairs.every(({ reader }) => reader.closed !== null));
  assert.equal(openSocketCount(), 0);
});
