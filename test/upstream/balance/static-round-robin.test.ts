import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StaticRoundRobin } from '../../../src/upstream/balance/static-round-robin.js';
import { balancerContract } from '../../contract/balancer.contract.js';
import { serversOfWeights } from '../stand-in-upstream.js';

balancerContract('static-round-robin', () => new StaticRoundRobin());

describe('static round robin', () => {
  test('the order is laid out anew when servers come and go', () => {
    const balancer = new StaticRoundRobin();
    const [a, b, c] = serversOfWeights(2, 1, 1);
    const picks = (candidates: (typeof a)[], count: number) =>
      Array.from({ length: count }, () => balancer.pick(candidates)!.name).join('');
    assert.equal(picks([a, b, c], 4), 'aabc');
    assert.equal(picks([a, b], 3), 'aab');
  });

  test('weights with a common divisor take no more slots than they need', () => {
    const balancer = new StaticRoundRobin();
    const servers = serversOfWeights(200, 100);
    assert.equal(Array.from({ length: 6 }, () => balancer.pick(servers)!.name).join(''), 'aabaab');
  });
});
