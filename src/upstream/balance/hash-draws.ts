// What the hashing balancers that go by all servers have in common: servers are drawn one after the other until one may be chosen.
import type { ExchangeView } from '../../route/exchange-view.js';
import type { Server } from '../server.js';
import type { ConnectionView } from '../sticky/sticky-policy.js';
import type { Balancer } from './balancer.js';
import type { HashKey } from './hash-key.js';
import { SmoothWeightedRoundRobin } from './smooth-weighted-round-robin.js';

/** How often a server that may not be chosen is passed over before the servers take turns. nginx's number. */
const MAX_DRAWS = 20;

export abstract class HashDraws implements Balancer {
  private readonly turns = new SmoothWeightedRoundRobin();
  private candidates: readonly Server[] = [];
  /** Whether a server is one of the candidates, by its index. */
  private readonly isCandidate: boolean[] = [];

  /** `servers` are those that are asked first, whether they may be chosen now or not. */
  constructor(
    private readonly key: HashKey,
    protected readonly servers: readonly Server[],
  ) {}

  /** The place of a draw, the first being 0; `before` is that of the draw before it, or 0. */
  protected abstract place(text: string, draw: number, before: number): number;

  protected abstract serverAt(place: number): Server;

  pick(candidates: readonly Server[], x: ExchangeView | ConnectionView | null): Server | null {
    if (candidates.length < 2) return candidates[0] ?? null;
    const text = this.key.read(x);
    if (text !== '' && this.servers.length > 0) {
      if (candidates !== this.candidates) this.mark(candidates);
      let place = 0;
      for (let draw = 0; draw <= MAX_DRAWS; draw++) {
        place = this.place(text, draw, place);
        const server = this.serverAt(place);
        if (this.isCandidate[server.index]) return server;
      }
    }
    return this.turns.pick(candidates);
  }

  private mark(candidates: readonly Server[]): void {
    for (const { index } of this.candidates) this.isCandidate[index] = false;
    for (const { index } of candidates) this.isCandidate[index] = true;
    this.candidates = candidates;
  }
}
