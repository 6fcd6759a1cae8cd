// The balancers by the names that the config gives them.
import type { Balancer } from './balancer.js';
import { LeastConnections } from './least-connections.js';
import { SmoothWeightedRoundRobin } from './smooth-weighted-round-robin.js';

export const balancerNames = ['round-robin', 'least-connections'] as const;
export type BalancerName = (typeof balancerNames)[number];

export function createBalancer(name: BalancerName): Balancer {
  switch (name) {
    case 'round-robin':
      return new SmoothWeightedRoundRobin();
    case 'least-connections':
      return new LeastConnections();
  }
}
