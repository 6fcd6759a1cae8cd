// The balancer "source": a hash of the client's address says which server, so that a client meets the same one as long
// as the servers stay the same. It is HAProxy's hash and map, so that both send a client to the same server.
import { parseIp } from '../../core/ip-address.js';
import type { ExchangeView } from '../../route/exchange-view.js';
import type { Server } from '../server.js';
import type { ConnectionView } from '../sticky/sticky-policy.js';
import type { Balancer } from './balancer.js';
import { ServerSlots } from './server-slots.js';
import { StaticRoundRobin } from './static-round-robin.js';

export class SourceHash implements Balancer {
  private readonly slots = new ServerSlots();
  /** For clients without an address, such as those of a unix socket. */
  private readonly turns = new StaticRoundRobin();

  pick(candidates: readonly Server[], x: ExchangeView | ConnectionView | null): Server | null {
    const slots = this.slots.of(candidates);
    if (slots.length < 2) return slots.length === 0 ? null : slots[0];
    const bytes = x === null || x.client.ip === '' ? null : parseIp(x.client.ip);
    return bytes === null ? this.turns.pick(candidates) : slots[addressHash(bytes) % slots.length];
  }
}

/** The words of the address, one laid over the other: an unsigned number of 32 bits. */
export function addressHash(bytes: Uint8Array): number {
  let hash = 0;
  for (let i = 0; i + 3 < bytes.length; i += 4) hash ^= (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3];
  return hash >>> 0;
}
