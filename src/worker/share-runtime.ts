// What workers share: limits that hold over all of them, loads for the balancer that looks at loads, and health, which one
// finds and the others learn.
import type { Config } from '../config/config.js';
import type { Listener } from '../listener/listener.js';
import type { Store } from '../store/store.js';
import type { Server } from '../upstream/server.js';
import type { Upstream } from '../upstream/upstream.js';

/** What is published of a server's health; 0: it is well again. */
interface HealthFact {
  readonly downForMs: number;
}

/** To be called when the listeners take effect. */
export function shareListeners(config: Config, listeners: Iterable<Listener>, store: Store): void {
  for (const listener of listeners) {
    const { name } = listener.options;
    const limit = config.listeners[name]?.maxConnections ?? null;
    listener.quota = limit === null ? null : store.quota(JSON.stringify(['clients', name]), limit);
  }
}

/** To be called when the upstreams take effect; they replace those of the same name. */
export function shareServers(config: Config, upstreams: Iterable<Upstream>, store: Store): void {
  for (const upstream of upstreams) {
    const needsLoads = config.upstreams[upstream.name]?.balance === 'least-connections';
    for (const server of upstream.servers) {
      server.quota = server.maxConnections === 0 ? null : store.quota(topicOf('limit', upstream, server), server.maxConnections);
      server.othersLoad = needsLoads ? store.column(topicOf('load', upstream, server), () => server.load) : null;
      store.subscribe(topicOf('health', upstream, server), (value, ageMs) => learnHealth(upstream, server, value as HealthFact, ageMs));
    }
  }
}

export function publishHealth(store: Store, upstream: Upstream, server: Server, downForMs: number): void {
  const fact: HealthFact = { downForMs };
  store.publish(topicOf('health', upstream, server), fact);
}

function learnHealth(upstream: Upstream, server: Server, { downForMs }: HealthFact, ageMs: number): void {
  if (downForMs === 0) upstream.learnHealth(server, 0);
  else if (downForMs > ageMs) upstream.learnHealth(server, downForMs - ageMs);
}

/** The same for the same server, in every worker and across reloads; at another address it is another server. */
function topicOf(what: 'limit' | 'load' | 'health', upstream: Upstream, server: Server): string {
  return JSON.stringify([what, upstream.name, server.name, server.addressText]);
}
