// Slots for servers, as many for each as its weight, spread out evenly: what a hash or a counter points into. It is
// HAProxy's map of servers.
import type { Server } from '../server.js';
import { TurnsByWeight } from './turns-by-weight.js';

export class ServerSlots {
  /** The list that was given last, and that which the slots were made for: it has the same servers. */
  private last: readonly Server[] = [];
  private servers: readonly Server[] = [];
  private weights: readonly number[] = [];
  private slots: readonly Server[] = [];

  /** The slots of the candidates, made anew when these are others than at the last call. */
  of(candidates: readonly Server[]): readonly Server[] {
    if (candidates === this.last) return this.slots;
    this.last = candidates;
    if (!this.isFor(candidates)) {
      this.servers = candidates;
      this.weights = candidates.map((server) => server.weight);
      this.slots = slotsOf(candidates);
    }
    return this.slots;
  }

  private isFor(candidates: readonly Server[]): boolean {
    if (candidates.length !== this.servers.length) return false;
    for (let i = 0; i < candidates.length; i++) {
      if (candidates[i] !== this.servers[i] || candidates[i].weight !== this.weights[i]) return false;
    }
    return true;
  }
}

function slotsOf(candidates: readonly Server[]): Server[] {
  const divisor = candidates.reduce((common, server) => commonDivisor(common, server.weight), 0);
  const count = candidates.reduce((sum, server) => sum + server.weight / divisor, 0);
  const turns = new TurnsByWeight(candidates, []);
  return Array.from({ length: count }, () => turns.take());
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
