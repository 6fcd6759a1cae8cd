// The balancers by the names that the config gives them.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';
import { First } from './first.js';
import { HashKey, type KeyReader } from './hash-key.js';
import { LeastConnections } from './least-connections.js';
import { RandomDraws } from './random.js';
import { Rehash } from './rehash.js';
import { Ring } from './ring.js';
import { SmoothWeightedRoundRobin } from './smooth-weighted-round-robin.js';
import { SourceHash } from './source.js';
import { StaticRoundRobin } from './static-round-robin.js';
import { type HashName, textHash } from './text-hash.js';
import { ValueHash } from './value-hash.js';

/** A name, or a name with what goes with it. `key` is what `reader` was made from: by it the same balancer is known again. */
export type BalanceOptions =
  | 'round-robin'
  | 'static-round-robin'
  | 'least-connections'
  | 'source'
  | 'first'
  | 'random'
  | { readonly by: 'random'; readonly draws: number }
  | HashOptions;

interface HashOptions {
  readonly by: 'hash';
  readonly key: string;
  readonly reader: KeyReader;
  /** How the hash says which server: value-hash.ts, rehash.ts, ring.ts. */
  readonly over: 'slots' | 'rehash' | 'ring';
  /** For slots; the others have their own. */
  readonly hash: HashName;
  readonly mix: boolean;
}

/** `servers` are all of the upstream but its backups. */
export function createBalancer(options: BalanceOptions, servers: readonly Server[]): Balancer {
  if (typeof options === 'object') {
    return options.by === 'hash' ? createHash(options, servers) : new RandomDraws(options.draws);
  }
  switch (options) {
    case 'round-robin':
      return new SmoothWeightedRoundRobin();
    case 'static-round-robin':
      return new StaticRoundRobin();
    case 'least-connections':
      return new LeastConnections();
    case 'source':
      return new SourceHash();
    case 'first':
      return new First();
    case 'random':
      return new RandomDraws(2);
  }
}

function createHash({ key, reader, over, hash, mix }: HashOptions, servers: readonly Server[]): Balancer {
  const text = new HashKey(reader, key === '${client.ip}');
  if (over === 'slots') return new ValueHash(text, textHash(hash, mix));
  return over === 'rehash' ? new Rehash(text, servers) : new Ring(text, servers);
}

/** Whether both give the same balancer, so that one can go on in the place of the other. */
export function isSameBalance(a: BalanceOptions, b: BalanceOptions): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  // Those that go by all servers are made for them.
  if (a.by === 'hash')
    return b.by === 'hash' && a.key === b.key && a.over === 'slots' && b.over === 'slots' && a.hash === b.hash && a.mix === b.mix;
  return b.by === 'random' && a.draws === b.draws;
}
