import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SmoothWeightedRoundRobin } from '../../../src/upstream/balance/smooth-weighted-round-robin.js';
import type { Server } from '../../../src/upstream/server.js';
import { balancerContract } from '../../contract/balancer.contract.js';
import { serversOfWeights } from '../stand-in-upstream.js';

balancerContract('round-robin', () => new SmoothWeightedRoundRobin());

describe('smooth weighted round robin', () => {
  const sequences = [
    { weights: [5, 1, 1], order: 'aabacaa' },
    { weights: [1, 2], order: 'bab' },
    { weights: [4, 2, 1], order: 'abacaba' },
    { weights: [1], order: 'a' },
  ];
  for (const { weights, order } of sequences) {
    test(`weights ${weights.join(', ')}: ${order}, over and over`, () => {
      const balancer = new SmoothWeightedRoundRobin();
      const servers = serversOfWeights(...weights);
      const picked = Array.from({ length: order.length * 3 }, () => balancer.pick(servers)?.name).join('');
      assert.equal(picked, order.repeat(3));
    });
  }

  test('a server that comes back goes on where it was, without a burst', () => {
    const balancer = new SmoothWeightedRoundRobin();
    const [a, b, c] = serversOfWeights(1, 1, 1);
    const picks = (candidates: Server[], count: number) => Array.from({ length: count }, () => balancer.pick(candidates)?.name).join('');
    assert.equal(picks([a, b, c], 3), 'abc');
    assert.equal(picks([a, c], 4), 'acac');
    assert.equal(picks([a, b, c], 6), 'abcabc');
  });
});
