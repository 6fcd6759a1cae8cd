// The rotation that gives servers their turns in proportion to weight and spread out evenly: with weights 5, 1, 1 the
// order is a a b a c a a, not five times a. It is the smooth weighted round robin that nginx made known.
import type { Server } from '../server.js';

/**
 * One turn is `offer` for each server that takes part, then `take`. In each turn every server earns its weight, the
 * richest is taken and pays what all of them earned. Servers that are not offered keep what they have.
 */
export class SmoothRotation {
  /** What a server has earned and not spent, by its index. */
  readonly credit: number[] = [];
  private richest: Server | null = null;
  private earned = 0;

  offer(server: Server): void {
    const credit = this.credit;
    while (credit.length <= server.index) credit.push(0);
    const own = credit[server.index] + server.weight;
    credit[server.index] = own;
    this.earned += server.weight;
    if (this.richest === null || own > credit[this.richest.index]) this.richest = server;
  }

  /** Ends the turn; null if no server was offered. */
  take(): Server | null {
    const taken = this.richest;
    if (taken === null) return null;
    this.credit[taken.index] -= this.earned;
    this.richest = null;
    this.earned = 0;
    return taken;
  }
}
