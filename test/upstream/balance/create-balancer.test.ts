import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileValue } from '../../../src/route/value.js';
import { type BalanceOptions, createBalancer, isSameBalance } from '../../../src/upstream/balance/create-balancer.js';
import { First } from '../../../src/upstream/balance/first.js';
import { LeastConnections } from '../../../src/upstream/balance/least-connections.js';
import { RandomDraws } from '../../../src/upstream/balance/random.js';
import { Rehash } from '../../../src/upstream/balance/rehash.js';
import { Ring } from '../../../src/upstream/balance/ring.js';
import { SmoothWeightedRoundRobin } from '../../../src/upstream/balance/smooth-weighted-round-robin.js';
import { SourceHash } from '../../../src/upstream/balance/source.js';
import { StaticRoundRobin } from '../../../src/upstream/balance/static-round-robin.js';
import { ValueHash } from '../../../src/upstream/balance/value-hash.js';

function hashOver(over: 'slots' | 'rehash' | 'ring', key = '${path}'): BalanceOptions {
  return { by: 'hash', key, reader: compileValue(key), over, hash: 'sdbm', mix: false };
}

const classes: [BalanceOptions, new (...options: never[]) => unknown][] = [
  ['round-robin', SmoothWeightedRoundRobin],
  ['static-round-robin', StaticRoundRobin],
  ['least-connections', LeastConnections],
  ['source', SourceHash],
  ['first', First],
  ['random', RandomDraws],
  [{ by: 'random', draws: 3 }, RandomDraws],
  [hashOver('slots'), ValueHash],
  [hashOver('rehash'), Rehash],
  [hashOver('ring'), Ring],
];

test('each name gives its balancer', () => {
  for (const [options, expected] of classes) assert.ok(createBalancer(options, []) instanceof expected, JSON.stringify(options));
});

test('a balancer goes on where the options are the same', () => {
  const hash = (key: string): BalanceOptions => hashOver('slots', key);
  assert.ok(isSameBalance('first', 'first'));
  assert.ok(!isSameBalance('first', 'source'));
  assert.ok(isSameBalance(hash('${path}'), hash('${path}')));
  assert.ok(!isSameBalance(hash('${path}'), hash('${host}')));
  assert.ok(!isSameBalance(hash('${path}'), { ...(hash('${path}') as object), hash: 'djb2' } as BalanceOptions));
  assert.ok(!isSameBalance(hashOver('ring'), hashOver('ring')), 'it is made for its servers');
  assert.ok(!isSameBalance(hash('${path}'), { by: 'random', draws: 2 }));
  assert.ok(isSameBalance({ by: 'random', draws: 2 }, { by: 'random', draws: 2 }));
});
