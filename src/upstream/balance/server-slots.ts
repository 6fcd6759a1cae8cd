// Slots for servers, as many for each as its weight, spread out evenly: what a hash or a counter points into. It is
// HAProxy's map of servers.
import type { Server } from '../server.js';
import { SmoothRotation } from './smooth-rotation.js';

export class ServerSlots {
  private servers: readonly Server[] = [];
  private weights: readonly number[] = [];
  private slots: readonly Server[] = [];

  /** The slots of the candidates, made anew when these are others than at the last call. */
  of(candidates: readonly Server[]): readonly Server[] {
    if (!this.isFor(candidates)) {
      // The caller may reuse its list.
      this.servers = [...candidates];
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
  const rotation = new SmoothRotation();
  return Array.from({ length: count }, () => {
    for (const server of candidates) rotation.offer(server);
    return rotation.take()!;
  });
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
