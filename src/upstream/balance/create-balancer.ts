// The balancers by the names that the config gives them.
import type { Balancer } from './balancer.js';
import { First } from './first.js';
import { LeastConnections } from './least-connections.js';
import { RandomDraws } from './random.js';
import { SmoothWeightedRoundRobin } from './smooth-weighted-round-robin.js';
import { SourceHash } from './source.js';
import { StaticRoundRobin } from './static-round-robin.js';
import { type HashName, textHash } from './text-hash.js';
import { type KeyReader, ValueHash } from './value-hash.js';

/** A name, or a name with what goes with it. `key` is what `reader` was made from: by it the same balancer is known again. */
export type BalanceOptions =
  | 'round-robin'
  | 'static-round-robin'
  | 'least-connections'
  | 'source'
  | 'first'
  | 'random'
  | { readonly by: 'random'; readonly draws: number }
  | { readonly by: 'hash'; readonly key: string; readonly reader: KeyReader; readonly hash: HashName; readonly mix: boolean };

export function createBalancer(options: BalanceOptions): Balancer {
  if (typeof options === 'object') {
    return options.by === 'hash' ? new ValueHash(options.reader, textHash(options.hash, options.mix)) : new RandomDraws(options.draws);
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

/** Whether both give the same balancer, so that one can go on in the place of the other. */
export function isSameBalance(a: BalanceOptions, b: BalanceOptions): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (a.by === 'hash') return b.by === 'hash' && a.key === b.key && a.hash === b.hash && a.mix === b.mix;
  return b.by === 'random' && a.draws === b.draws;
}
