// The balancer "hash": a hash of a Value says which server, so that the same text meets the same one as long as the
// servers stay the same. An empty text takes turns. The hash goes over HAProxy's map, so that both choose alike.
import type { ExchangeView } from '../../route/exchange-view.js';
import type { Server } from '../server.js';
import type { ConnectionView } from '../sticky/sticky-policy.js';
import type { Balancer } from './balancer.js';
import type { HashKey } from './hash-key.js';
import { ServerSlots } from './server-slots.js';
import { StaticRoundRobin } from './static-round-robin.js';
import type { TextHash } from './text-hash.js';

export class ValueHash implements Balancer {
  private readonly slots = new ServerSlots();
  private readonly turns = new StaticRoundRobin();

  constructor(
    private readonly key: HashKey,
    private readonly hash: TextHash,
  ) {}

  pick(candidates: readonly Server[], x: ExchangeView | ConnectionView | null): Server | null {
    const slots = this.slots.of(candidates);
    if (slots.length < 2) return slots.length === 0 ? null : slots[0];
    const text = this.key.read(x);
    return text === '' ? this.turns.pick(candidates) : slots[this.hash(text) % slots.length];
  }
}
