// The balancer "least-connections": the server with the least load for its weight, the load that all workers give it;
// servers that are equal in this take turns in proportion to weight, so that an idle upstream does not send everyone to its
// first server.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';
import { SmoothRotation } from './smooth-rotation.js';

export class LeastConnections implements Balancer {
  private readonly rotation = new SmoothRotation();

  pick(candidates: readonly Server[]): Server | null {
    if (candidates.length === 0) return null;
    let least = candidates[0];
    for (let i = 1; i < candidates.length; i++) {
      if (compareLoad(candidates[i], least) < 0) least = candidates[i];
    }
    for (let i = 0; i < candidates.length; i++) {
      if (compareLoad(candidates[i], least) === 0) this.rotation.offer(candidates[i]);
    }
    return this.rotation.take();
  }
}

/** Load by weight, compared crosswise: whole numbers, where quotients would round. */
function compareLoad(a: Server, b: Server): number {
  return a.loadOfAll * b.weight - b.loadOfAll * a.weight;
}
