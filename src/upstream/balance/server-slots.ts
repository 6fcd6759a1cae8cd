// Slots for servers, as many for each as its weight, spread out: what a hash or a counter points into. It is
// HAProxy's map of servers.
import type { Server } from '../server.js';

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

/**
 * For each slot every server earns its weight, and one pays what all of them earn. It is the first of those that have earned a
 * slot, whoever has earned more of the next one: that order is HAProxy's.
 */
function slotsOf(candidates: readonly Server[]): Server[] {
  const divisor = candidates.reduce((common, server) => commonDivisor(common, server.weight), 0);
  // All alike earn their first slot before anybody earns a second one.
  if (candidates.every(({ weight }) => weight === divisor)) return [...candidates];
  const shares = candidates.map((server) => server.weight / divisor);
  const count = shares.reduce((sum, share) => sum + share, 0);
  const credit = candidates.map(() => 0);
  return Array.from({ length: count }, () => {
    let taken = 0;
    for (const [index, share] of shares.entries()) {
      credit[index]! += share;
      if (Math.floor(credit[index]! / count) > Math.floor(credit[taken]! / count)) taken = index;
    }
    credit[taken]! -= count;
    return candidates[taken]!;
  });
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
