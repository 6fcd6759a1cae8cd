// What every balancer must do, whatever it goes by.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Balancer } from '../../src/upstream/balance/balancer.js';
import { serversOfWeights } from '../upstream/stand-in-upstream.js';

/** `takesTurns`: whether idle servers are picked one after the other, in proportion to weight. */
export function balancerContract(name: string, make: () => Balancer, takesTurns = true): void {
  describe(`balancer contract: ${name}`, () => {
    test('no candidates: null, and the next pick is none the worse for it', () => {
      const balancer = make();
      const [only] = serversOfWeights(1);
      assert.equal(balancer.pick([], null), null);
      assert.equal(balancer.pick([only], null), only);
      assert.equal(balancer.pick([], null), null);
    });

    test('picks a candidate, whichever come and go between picks', () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }),
          fc.array(fc.tuple(fc.integer({ min: 1, max: 255 }), fc.nat(3)), { maxLength: 50 }),
          (weights, turns) => {
            const balancer = make();
            const servers = serversOfWeights(...weights);
            for (const [mask, load] of turns) {
              const candidates = servers.filter((server) => (mask >> server.index) % 2 === 1);
              const picked = balancer.pick(candidates, null);
              if (candidates.length === 0) assert.equal(picked, null);
              else assert.ok(picked !== null && candidates.includes(picked));
              if (picked !== null) picked.activeExchanges = load;
            }
          },
        ),
      );
    });

    test('leaves servers and candidates as they are', () => {
      const balancer = make();
      const candidates = Object.freeze(serversOfWeights(3, 1, 2));
      candidates[1].tunnels = 2;
      const facts = () => candidates.map((s) => [s.activeExchanges, s.tunnels, s.connections, s.sessionsGiven, s.isUp, s.adminState]);
      const before = facts();
      for (let i = 0; i < 20; i++) balancer.pick(candidates, null);
      assert.deepEqual(facts(), before);
    });

    if (!takesTurns) return;

    test('equal idle servers get equal shares, one at a time in turn', () => {
      const balancer = make();
      const servers = serversOfWeights(1, 1, 1);
      const picked = Array.from({ length: 9 }, () => balancer.pick(servers, null)!.name).join('');
      assert.equal(picked, 'abcabcabc');
    });

    test('in a round of idle servers each has as many turns as its weight', () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }), (weights) => {
          const balancer = make();
          const servers = serversOfWeights(...weights);
          const turns = weights.map(() => 0);
          const round = weights.reduce((sum, weight) => sum + weight, 0);
          for (let i = 0; i < round; i++) turns[balancer.pick(servers, null)!.index]++;
          assert.deepEqual(turns, weights);
        }),
      );
    });

    test('two balancers do not share their rotation', () => {
      const servers = serversOfWeights(1, 1);
      assert.equal(make().pick(servers, null), servers[0]);
      assert.equal(make().pick(servers, null), servers[0]);
    });
  });
}
