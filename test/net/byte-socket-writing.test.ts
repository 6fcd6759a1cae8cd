// What a ByteSocket writes: gathered in a turn, in order, with backpressure, and never out of a buffer that others
// read into.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leasesLent } from '../../src/net/buffer-leases.js';
import type { ByteSocket } from '../../src/net/byte-socket.js';
import { waitFor } from '../fixtures/wait-for.js';
import { PositionBytes, StreamCheck } from '../security/whose-buffer/position-bytes.js';
import { acceptPair, received, transports } from './connected-pair.js';

/** What plain text is written to. */
function handleOf(bytes: ByteSocket): { writeLatin1String(...rest: unknown[]): unknown } {
  return (bytes.socket as unknown as { _handle: { writeLatin1String(...rest: unknown[]): unknown } })._handle;
}

test('what is written while bytes are taken leaves in one write, in order', async (t) => {
  const { bytes, reader, peer } = await acceptPair(t, 'plain');
  const write = t.mock.method(handleOf(bytes), 'writeLatin1String');
  reader.take = () => {
    bytes.writeText('head ');
    bytes.writeBytes('<', Buffer.from('small'), 0, 5, '>', null);
    bytes.writeText(' tail');
  };
  const got = received(peer);
  peer.write('go');
  await waitFor('the answer', () => got.text.length >= 17);
  assert.equal(got.text, 'head <small> tail');
  assert.equal(write.mock.callCount(), 1);
});

test('text that is written outside of a read leaves at the end of the turn', async (t) => {
  const { bytes, peer } = await acceptPair(t, 'plain');
  const got = received(peer);
  const write = t.mock.method(handleOf(bytes), 'writeLatin1String');
  bytes.writeText('one ');
  bytes.writeText('two');
  assert.equal(write.mock.callCount(), 0);
  await Promise.resolve();
  assert.equal(write.mock.callCount(), 1);
  await waitFor('the text', () => got.text === 'one two');
});

for (const transport of transports) {
  test(`large bytes stand between the texts before and after them (${transport})`, async (t) => {
    const { bytes, reader, peer } = await acceptPair(t, transport);
    const large = Buffer.alloc(300_000, 'x');
    reader.take = () => {
      bytes.writeText('first,');
      bytes.writeBytes('before,', large, 0, large.length, ',after', null);
      bytes.writeText(',last');
      bytes.writeBytes('[', large, 0, 20_000, ']', null);
    };
    const got = received(peer);
    peer.write('go');
    const expected = `first,before,${'x'.repeat(300_000)},after,last[${'x'.repeat(20_000)}]`;
    await waitFor('all of it', () => got.text.length >= expected.length);
    assert.ok(got.text === expected);
    assert.equal(bytes.bytesWritten, expected.length);
  });

  test(`a reader that waits blocks its writer, and one that reads again unblocks it (${transport})`, async (t) => {
    const { bytes, reader, peer } = await acceptPair(t, transport);
    const large = Buffer.alloc(16_000_000);
    assert.equal(bytes.writeBytes('', large, 0, large.length, '', null), false);
    assert.equal(bytes.isBlocked, true);
    assert.equal(bytes.isFlushed, false);
    assert.equal(reader.unblocked, 0);
    // TLS may begin to encrypt a moment later, and counts its own bytes too.
    await waitFor('the queue', () => bytes.queuedBytes > 0);
    assert.ok(bytes.queuedBytes <= large.length * 1.1);
    const got = received(peer);
    await waitFor('room', () => reader.unblocked > 0);
    assert.equal(bytes.isBlocked, false);
    await waitFor('all of it', () => got.text.length === large.length);
    assert.equal(bytes.queuedBytes, 0);
  });

  test(`what waits in a queue is never read over, although nobody pauses (${transport})`, async (t) => {
    const pattern = new PositionBytes(42);
    const total = 6_000_000;
    const source = await acceptPair(t, 'plain');
    const noise = await acceptPair(t, 'plain');
    const target = await acceptPair(t, transport);
    // In three pieces each time: the second finds the first in the queue, in whatever state that is.
    source.reader.take = (buffer, start, end) => {
      const third = Math.ceil((end - start) / 3);
      for (let at = start; at < end; at += third) {
        target.bytes.writeBytes('', buffer, at, Math.min(end, at + third), '', source.bytes);
      }
    };
    for (let sent = 0; sent < total; ) {
      const piece = pattern.view(1, sent, total - sent);
      source.peer.write(piece);
      sent += piece.length;
    }
    // Meanwhile others read into the same buffers, the leases that come back among them.
    noise.peer.write(Buffer.alloc(total, 0xff));
    await waitFor('everything to be queued', () => source.reader.receivedBytes === total && noise.reader.receivedBytes === total);
    assert.ok(target.bytes.queuedBytes > 0, 'the reader was slow');
    const check = new StreamCheck(pattern, 1, total, 'relayed');
    let failure: Error | null = null;
    target.peer.on('data', (chunk: Buffer) => {
      try {
        check.take(chunk, 0, chunk.length);
      } catch (error) {
        failure ??= error as Error;
      }
    });
    await waitFor('all of it', () => check.isComplete || failure !== null);
    assert.equal(failure, null);
    for (const { bytes } of [source, noise]) bytes.destroy();
    await waitFor('all leases to come back', () => leasesLent() === 0);
  });

  test(`a queue that is lost gives its leases back (${transport})`, async (t) => {
    const source = await acceptPair(t, 'plain');
    const target = await acceptPair(t, transport);
    source.reader.take = (buffer, start, end) => {
      target.bytes.writeBytes('', buffer, start, end, '', source.bytes);
    };
    source.peer.write(Buffer.alloc(8_000_000));
    await waitFor('everything to be queued', () => source.reader.receivedBytes === 8_000_000);
    target.bytes.destroy();
    source.bytes.destroy();
    await waitFor('the ends', () => target.reader.closed !== null && source.reader.closed !== null);
    await waitFor('all leases to come back', () => leasesLent() === 0);
  });
}

test('nothing is written after the end, or once the connection is closed', async (t) => {
  const { bytes, reader, peer } = await acceptPair(t, 'plain');
  const got = received(peer);
  bytes.writeText('last');
  bytes.end();
  bytes.writeText('more');
  assert.equal(bytes.writeBytes('', Buffer.alloc(50_000), 0, 50_000, '', null), true);
  await waitFor('the end', () => got.hasEnded);
  assert.equal(got.text, 'last');
  peer.destroy();
  await waitFor('the close', () => reader.closed !== null);
  bytes.writeText('more');
  assert.equal(bytes.bytesWritten, 4);
});
