// The balancer "hash" by "rehash": CRC-32 says which of all servers, and where that one may not be chosen it is drawn again, so
// that the texts of the others stay where they are. Both steps are nginx's (and Cache::Memcached's), so that both choose alike.
import { crc32 } from 'node:zlib';
import type { Server } from '../server.js';
import { HashDraws } from './hash-draws.js';
import { WeightLine } from './weight-line.js';

export class Rehash extends HashDraws {
  /** Laid out when it is first asked: until then weights may be those of an earlier config. */
  private laidOut: WeightLine | null = null;

  protected place(text: string, draw: number, before: number): number {
    return before + ((crc32(Buffer.from(draw === 0 ? text : `${draw}${text}`, 'latin1')) >>> 16) & 0x7fff);
  }

  protected serverAt(place: number): Server {
    this.laidOut ??= new WeightLine(this.servers);
    return this.laidOut.at(place % this.laidOut.length);
  }
}
