// Turns: what was read in one round is taken together and in order, before whatever happens to a connection next.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrive, gather, type TurnTaker, takeArrivals, takeAtOnce } from '../../src/net/turn.js';
import { waitFor } from '../fixtures/wait-for.js';
import { acceptPair } from './connected-pair.js';

class Taker implements TurnTaker {
  constructor(
    private readonly name: string,
    private readonly events: string[],
  ) {}
  takeArrival(buffer: Buffer, start: number, end: number): void {
    this.events.push(`${this.name} takes ${buffer.toString('latin1', start, end)}`);
    gather(this);
  }
  flush(): void {
    this.events.push(`${this.name} writes`);
  }
}

test('everybody takes before anybody writes, each what was read for it', async () => {
  const events: string[] = [];
  const shared = Buffer.alloc(4);
  for (const name of ['a', 'b', 'c']) {
    shared.fill(name);
    arrive(new Taker(name, events), shared, 3);
  }
  assert.deepEqual(events, []);
  await new Promise(setImmediate);
  assert.deepEqual(events, ['a takes aaa', 'b takes bbb', 'c takes ccc', 'a writes', 'b writes', 'c writes']);
});

test('a read that is taken at once leaves alone what has arrived for others', async () => {
  const events: string[] = [];
  arrive(new Taker('a', events), Buffer.from('1'), 1);
  takeAtOnce(new Taker('b', events), Buffer.from('2'), 1);
  assert.deepEqual(events, ['b takes 2', 'b writes']);
  takeArrivals();
  assert.deepEqual(events.slice(2), ['a takes 1', 'a writes']);
});

test('more than there is room for is taken in several turns, and nothing is lost', () => {
  const events: string[] = [];
  const piece = Buffer.alloc(8 * 1024, 'x');
  for (let i = 0; i < 200; i++) arrive(new Taker(String(i), events), piece, piece.length);
  takeArrivals();
  const takers = events.filter((event) => event.includes('takes'));
  assert.equal(takers.length, 200);
  assert.ok(takers.every((event, i) => event === `${i} takes ${'x'.repeat(piece.length)}`));
});

test('what is gathered outside of a turn is written soon', async () => {
  const events: string[] = [];
  gather(new Taker('a', events));
  assert.deepEqual(events, []);
  await Promise.resolve();
  assert.deepEqual(events, ['a writes']);
});

test('bytes come before the end that was read in the same round', async (t) => {
  const { reader, peer } = await acceptPair(t, 'plain');
  const events: string[] = [];
  reader.take = () => events.push('bytes');
  reader.onEnd = () => void events.push('end');
  peer.end('last words');
  await waitFor('both', () => events.length === 2);
  assert.deepEqual(events, ['bytes', 'end']);
});

test('who was destroyed takes nothing more of what had arrived', async (t) => {
  const { bytes, reader, peer } = await acceptPair(t, 'plain');
  peer.write('first');
  await waitFor('the first', () => reader.receivedBytes === 5);
  bytes.onRead(4, Buffer.from('more'));
  bytes.destroy();
  takeArrivals();
  assert.equal(reader.receivedBytes, 5);
});
