// The balancer "hash": a hash of a Value says which server, so that the same text meets the same one as long as the
// servers stay the same. An empty text takes turns. The hash is sdbm, over HAProxy's map, so that both choose alike.
import type { ExchangeView } from '../../route/exchange-view.js';
import type { Server } from '../server.js';
import type { ConnectionView } from '../sticky/sticky-policy.js';
import type { Balancer } from './balancer.js';
import type { HashKey } from './hash-key.js';
import { ServerSlots } from './server-slots.js';
import { StaticRoundRobin } from './static-round-robin.js';

export class ValueHash implements Balancer {
  private readonly slots = new ServerSlots();
  private readonly turns = new StaticRoundRobin();

  constructor(private readonly key: HashKey) {}

  pick(candidates: readonly Server[], x: ExchangeView | ConnectionView | null): Server | null {
    const slots = this.slots.of(candidates);
    if (slots.length < 2) return slots.length === 0 ? null : slots[0];
    const text = this.key.read(x);
    return text === '' ? this.turns.pick(candidates) : slots[sdbmHash(text) % slots.length];
  }
}

/** An unsigned number of 32 bits; every character is taken as one byte. */
export function sdbmHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (text.charCodeAt(i) + (hash << 6) + (hash << 16) - hash) | 0;
  return hash >>> 0;
}
