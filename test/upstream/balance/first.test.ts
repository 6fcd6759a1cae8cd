import assert from 'node:assert/strict';
import { test } from 'node:test';
import { First } from '../../../src/upstream/balance/first.js';
import { balancerContract } from '../../contract/balancer.contract.js';
import { serversOfWeights } from '../stand-in-upstream.js';

balancerContract('first', () => new First(), false);

test('first: the first that may be chosen, whatever its weight', () => {
  const [a, b, c] = serversOfWeights(1, 9, 1);
  const balancer = new First();
  assert.equal(balancer.pick([a, b, c]), a);
  assert.equal(balancer.pick([b, c]), b);
});
