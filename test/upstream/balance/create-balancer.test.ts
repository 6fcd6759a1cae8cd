import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBalancer } from '../../../src/upstream/balance/create-balancer.js';
import { LeastConnections } from '../../../src/upstream/balance/least-connections.js';
import { SmoothWeightedRoundRobin } from '../../../src/upstream/balance/smooth-weighted-round-robin.js';

test('each name gives its balancer', () => {
  assert.ok(createBalancer('round-robin') instanceof SmoothWeightedRoundRobin);
  assert.ok(createBalancer('least-connections') instanceof LeastConnections);
});
