// The balancer "hash" by "rehash": CRC-32 says which of all servers, and where that one may not be chosen it is drawn again, so
// that the texts of the others stay where they are. Both steps are nginx's (and Cache::Memcached's), so that both choose alike.
import { crc32 } from 'node:zlib';
import type { ExchangeView } from '../../route/exchange-view.js';
import type { Server } from '../server.js';
import type { ConnectionView } from '../sticky/sticky-policy.js';
import type { Balancer } from './balancer.js';
import { type HashKey, MAX_DRAWS } from './hash-key.js';
import { SmoothWeightedRoundRobin } from './smooth-weighted-round-robin.js';

export class Rehash implements Balancer {
  private readonly turns = new SmoothWeightedRoundRobin();

  /** `servers` are those that are asked first, whether they may be chosen now or not. */
  constructor(
    private readonly key: HashKey,
    private readonly servers: readonly Server[],
  ) {}

  pick(candidates: readonly Server[], x: ExchangeView | ConnectionView | null): Server | null {
    if (candidates.length < 2) return candidates[0] ?? null;
    const text = this.key.read(x);
    if (text !== '' && this.servers.length > 0) {
      let hash = 0;
      for (let draw = 0; draw <= MAX_DRAWS; draw++) {
        hash += (crc32(Buffer.from(draw === 0 ? text : `${draw}${text}`, 'latin1')) >>> 16) & 0x7fff;
        const server = this.serverAt(hash);
        if (candidates.includes(server)) return server;
      }
    }
    return this.turns.pick(candidates);
  }

  /** Each server has as many places as its weight. */
  private serverAt(hash: number): Server {
    let total = 0;
    for (const server of this.servers) total += server.weight;
    let place = hash % total;
    for (const server of this.servers) {
      if (place < server.weight) return server;
      place -= server.weight;
    }
    return this.servers[0]!;
  }
}
