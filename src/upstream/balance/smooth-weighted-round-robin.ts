// The balancer "round-robin": every server in turn, in proportion to weight.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';
import { SmoothRotation } from './smooth-rotation.js';
import { TurnsByWeight } from './turns-by-weight.js';

/** Fewer are gone through as fast. */
const MANY_SERVERS = 16;

export class SmoothWeightedRoundRobin implements Balancer {
  private readonly rotation = new SmoothRotation();
  private candidates: readonly Server[] = [];
  /** Their turns, when they are many and have been the same before; it then holds what they have earned. */
  private turns: TurnsByWeight | null = null;

  pick(candidates: readonly Server[]): Server | null {
    if (candidates === this.candidates && candidates.length >= MANY_SERVERS) {
      this.turns ??= new TurnsByWeight(candidates, this.rotation.credit);
      return this.turns.take();
    }
    if (this.turns !== null) this.turns.settle(this.rotation.credit);
    this.turns = null;
    this.candidates = candidates;
    for (let i = 0; i < candidates.length; i++) this.rotation.offer(candidates[i]);
    return this.rotation.take();
  }
}
