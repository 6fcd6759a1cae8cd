// The balancer "first": the first server, in the order of the config, that has room. With "maxConnections" the servers
// behind it are needed only under load, and can be switched off without.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';

export class First implements Balancer {
  pick(candidates: readonly Server[]): Server | null {
    return candidates.length === 0 ? null : candidates[0];
  }
}
