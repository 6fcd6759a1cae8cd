import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RandomDraws } from '../../../src/upstream/balance/random.js';
import { balancerContract } from '../../contract/balancer.contract.js';
import { serversOfWeights } from '../stand-in-upstream.js';

balancerContract('random', () => new RandomDraws(2), false);

describe('random', () => {
  /** Random numbers that go evenly through the interval. */
  const even = (steps: number) => {
    let at = 0;
    return () => (at++ % steps) / steps;
  };

  test('each server is as likely as its weight', () => {
    const balancer = new RandomDraws(1, even(4));
    const servers = serversOfWeights(3, 1);
    assert.equal(Array.from({ length: 4 }, () => balancer.pick(servers)!.name).join(''), 'aaab');
  });

  test('of those drawn the one with the least load for its weight is taken', () => {
    const servers = serversOfWeights(1, 1);
    servers[0].activeExchanges = 2;
    servers[1].activeExchanges = 1;
    assert.equal(new RandomDraws(2, even(2)).pick(servers), servers[1]);
    servers[1].activeExchanges = 3;
    assert.equal(new RandomDraws(2, even(2)).pick(servers), servers[0]);
  });
});
