// Closing gently: the answer arrives although the other side is still sending, and nobody is waited for without end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeLingering } from '../../src/net/lingering-close.js';
import { waitFor } from '../fixtures/wait-for.js';
import { acceptPair, type Pair, received, transports } from './connected-pair.js';

interface Closing {
  gone: number;
}

function close(pair: Pair): Closing {
  const closing = { gone: 0 };
  closeLingering(pair.bytes, () => closing.gone++);
  return closing;
}

for (const transport of transports) {
  test(`the answer arrives whole at a client that is still sending (${transport})`, async (t) => {
    const pair = await acceptPair(t, transport);
    const { bytes, peer, reader } = pair;
    const answer = Buffer.alloc(1_000_000, 'a');
    let closing: Closing | null = null;
    reader.take = () => {
      bytes.writeBytes('', answer, 0, answer.length, '', null);
      closing = close(pair);
    };
    peer.write(Buffer.alloc(100_000));
    const got = received(peer);
    await waitFor('the end', () => got.hasEnded);
    assert.equal(got.text.length, answer.length);
    peer.end();
    await waitFor('it to be gone', () => closing?.gone === 1);
  });
}

test('a client that sends on and on is closed after a bounded amount', async (t) => {
  const pair = await acceptPair(t, 'plain');
  const closing = close(pair);
  // It is the amount that ends it.
  pair.bytes.disarm();
  pair.peer.resume();
  pair.peer.write(Buffer.alloc(8_000_000));
  await waitFor('it to be gone', () => closing.gone === 1);
});

test('a client that neither sends nor closes is closed at the deadline', async (t) => {
  const pair = await acceptPair(t, 'plain');
  const closing = close(pair);
  assert.notEqual(pair.bytes.deadlineList, null);
  pair.bytes.onDeadline();
  await waitFor('it to be gone', () => closing.gone === 1);
});

test('a client that takes the rest of its answer slowly is not cut short, and one that takes none is', async (t) => {
  const pair = await acceptPair(t, 'unix');
  const { bytes, peer } = pair;
  const answer = Buffer.alloc(4_000_000, 'a');
  bytes.writeBytes('', answer, 0, answer.length, '', null);
  const closing = close(pair);
  for (let stalls = 0; stalls < 11; stalls++) bytes.onDeadline();
  assert.equal(bytes.socket.destroyed, false);
  const before = bytes.queuedBytes;
  // More than the kernel holds, less than the answer.
  let taken = 0;
  peer.on('data', (chunk: Buffer) => {
    taken += chunk.length;
    if (taken > 1_000_000) peer.pause();
  });
  await waitFor('it to take some', () => bytes.queuedBytes < before);
  // Having taken some gives it all the time anew.
  for (let stalls = 0; stalls < 12; stalls++) bytes.onDeadline();
  assert.equal(bytes.socket.destroyed, false);
  bytes.onDeadline();
  assert.equal(bytes.socket.destroyed, true);
  await waitFor('it to be gone', () => closing.gone === 1);
});
