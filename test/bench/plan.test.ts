// A run is planned before it begins: who takes part when, and how long that will be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELLS } from '../../bench/cells.js';
import type { Peer } from '../../bench/peers/peer.js';
import { durationFor, minutes, plannedSeconds, planOf } from '../../bench/plan.js';

const usual = CELLS.filter((cell) => cell.name === 'http-100b');
const rare = CELLS.filter((cell) => cell.name === 'http-10kb');
const limpet = { name: 'limpet', cannot: () => undefined } as unknown as Peer;
const caddy = { name: 'caddy', cannot: () => undefined } as unknown as Peer;

test('peers take turns in each round, and one that is asked for once has one round of the usual cells', () => {
  const names = (once: string[]) =>
    planOf([...usual, ...rare], [limpet, caddy], 2, once).map(({ cell, peer, round }) => `${cell.name} ${peer.name} ${round}`);
  assert.deepEqual(names([]).slice(0, 4), ['http-100b limpet 1', 'http-100b caddy 1', 'http-100b limpet 2', 'http-100b caddy 2']);
  assert.deepEqual(names(['caddy']), [
    'http-100b limpet 1',
    'http-100b caddy 1',
    'http-100b limpet 2',
    'http-10kb limpet 1',
    'http-10kb limpet 2',
  ]);
});

test('a peer that cannot do a cell has no sample in it', () => {
  const none = { name: 'none', cannot: () => 'moves bytes only' } as unknown as Peer;
  assert.deepEqual(planOf(usual, [none], 3, []), []);
});

test('samples are as long as the whole allows, and a time that is too short is an error', () => {
  const plan = planOf(usual, [limpet], 10, []);
  const warmupSeconds = 1;
  for (const totalSeconds of [40, 60, 1000]) {
    const durationSeconds = durationFor(plan, totalSeconds, warmupSeconds);
    assert.ok(plannedSeconds(plan, { durationSeconds, warmupSeconds }) <= totalSeconds);
    assert.ok(plannedSeconds(plan, { durationSeconds: durationSeconds + 1, warmupSeconds }) > totalSeconds);
  }
  assert.throws(() => durationFor(plan, 20, warmupSeconds), /10 samples take 28 s at least/);
  assert.equal(minutes(2100), '35 min');
});

test('a cell that has to open thousands of connections is planned as long as it takes', () => {
  const idle = CELLS.filter((cell) => cell.name === 'websocket-idle');
  assert.ok(plannedSeconds(planOf(idle, [limpet], 1, []), { durationSeconds: 1, warmupSeconds: 1 }) > 10);
});
