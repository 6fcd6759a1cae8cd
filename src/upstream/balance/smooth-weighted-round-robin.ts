// The balancer "round-robin": every server in turn, in proportion to weight.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';
import { SmoothRotation } from './smooth-rotation.js';

export class SmoothWeightedRoundRobin implements Balancer {
  private readonly rotation = new SmoothRotation();

  pick(candidates: readonly Server[]): Server | null {
    for (let i = 0; i < candidates.length; i++) this.rotation.offer(candidates[i]);
    return this.rotation.take();
  }
}
