// The balancer "hash" by "ring": servers have points on a ring, and a text goes to the one whose point is next, so that few texts
// move when servers come and go. The points are nginx's (and Cache::Memcached::Fast's), so that both choose alike.
import { crc32 } from 'node:zlib';
import type { Server } from '../server.js';
import { HashDraws } from './hash-draws.js';

/** For each unit of weight. */
const POINTS = 160;

interface Point {
  readonly hash: number;
  readonly server: Server;
}

export class Ring extends HashDraws {
  /** Laid out when it is first asked: until then weights may be those of an earlier config. */
  private laidOut: readonly Point[] | null = null;

  private get points(): readonly Point[] {
    this.laidOut ??= pointsOf(this.servers);
    return this.laidOut;
  }

  protected place(text: string, draw: number, before: number): number {
    return draw === 0 ? firstFrom(this.points, crc32(Buffer.from(text, 'latin1'))) : before + 1;
  }

  protected serverAt(place: number): Server {
    return this.points[place % this.points.length]!.server;
  }
}

/** In ascending order; of two with one hash the first server keeps it. */
function pointsOf(servers: readonly Server[]): Point[] {
  const points = servers.flatMap((server) => {
    const base = crc32(hostAndPort(server.name));
    const previous = Buffer.alloc(4);
    return Array.from({ length: server.weight * POINTS }, (): Point => {
      const hash = crc32(previous, base);
      previous.writeUInt32LE(hash);
      return { hash, server };
    });
  });
  points.sort((a, b) => a.hash - b.hash);
  return points.filter(({ hash }, i) => i === 0 || points[i - 1]!.hash !== hash);
}

/** HOST NUL PORT. */
function hostAndPort(name: string): string {
  if (/^unix:/i.test(name)) return `${name.slice(5)}\0`;
  const [, host, port] = /^(.*):(\d*)$/s.exec(name) ?? [null, name, ''];
  return `${host}\0${port}`;
}

/** The index of the first point that is not below `hash`; behind the last one when all are. */
function firstFrom(points: readonly Point[], hash: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]!.hash < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}
