// The balancers by the names that the config gives them.
import { compileValue } from '../../route/value.js';
import type { Balancer } from './balancer.js';
import { First } from './first.js';
import { LeastConnections } from './least-connections.js';
import { RandomDraws } from './random.js';
import { SmoothWeightedRoundRobin } from './smooth-weighted-round-robin.js';
import { SourceHash } from './source.js';
import { StaticRoundRobin } from './static-round-robin.js';
import { ValueHash } from './value-hash.js';

/** A name, or a name with what goes with it. `key` is a Value's text. */
export type BalanceOptions =
  | 'round-robin'
  | 'static-round-robin'
  | 'least-connections'
  | 'source'
  | 'first'
  | 'random'
  | { readonly by: 'random'; readonly draws: number }
  | { readonly by: 'hash'; readonly key: string };

/** Throws ValueError for a key that is no Value. */
export function createBalancer(options: BalanceOptions): Balancer {
  if (typeof options === 'object') {
    return options.by === 'hash' ? new ValueHash(compileValue(options.key)) : new RandomDraws(options.draws);
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
