import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SmoothRotation } from '../../../src/upstream/balance/smooth-rotation.js';
import { SmoothWeightedRoundRobin } from '../../../src/upstream/balance/smooth-weighted-round-robin.js';
import type { Server } from '../../../src/upstream/server.js';
import { serversOfWeights } from '../stand-in-upstream.js';

function turnOf(rotation: SmoothRotation, candidates: readonly Server[]): Server | null {
  for (const server of candidates) rotation.offer(server);
  return rotation.take();
}

test('many servers have the turns that going through all of them gives, whichever come and go', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 16, maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(39), fc.nat(40)), { minLength: 1, maxLength: 12 }),
      (weights, spells) => {
        const servers = serversOfWeights(...weights);
        const [rotation, balancer] = [new SmoothRotation(), new SmoothWeightedRoundRobin()];
        for (const [missing, turns] of spells) {
          const candidates = servers.filter((server) => server.index !== missing);
          for (let i = 0; i < turns; i++) assert.equal(balancer.pick(candidates), turnOf(rotation, candidates));
        }
      },
    ),
  );
});

test('servers whose weights have changed go on with what they had earned before', () => {
  const servers = serversOfWeights(...Array.from({ length: 20 }, (_, i) => 1 + (i % 3)));
  const [rotation, balancer] = [new SmoothRotation(), new SmoothWeightedRoundRobin()];
  for (let round = 0; round < 3; round++) {
    const candidates = [...servers];
    for (let i = 0; i < 33; i++) assert.equal(balancer.pick(candidates), turnOf(rotation, candidates));
    for (const server of servers) server.weight = 1 + ((server.index + round) % 5);
  }
});
