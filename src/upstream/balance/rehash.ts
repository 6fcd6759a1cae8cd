// The balancer "hash" by "rehash": CRC-32 says which of all servers, and where that one may not be chosen it is drawn again, so
// that the texts of the others stay where they are. Both steps are nginx's (and Cache::Memcached's), so that both choose alike.
import { crc32 } from 'node:zlib';
import type { Server } from '../server.js';
import { HashDraws } from './hash-draws.js';

export class Rehash extends HashDraws {
  protected place(text: string, draw: number, before: number): number {
    return before + ((crc32(Buffer.from(draw === 0 ? text : `${draw}${text}`, 'latin1')) >>> 16) & 0x7fff);
  }

  /** Each server has as many places as its weight. */
  protected serverAt(hash: number): Server {
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
