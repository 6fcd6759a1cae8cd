// Config → the upstreams of a Runtime: servers with their pools, balancers, sticky policies, retry options.
import type { Config, StickyConfig, UpstreamConfig } from '../config/config.js';
import { faults } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { formatAddress } from '../net/address.js';
import type { UpstreamLink } from '../proxy/http-service.js';
import type { ServerConnection } from '../proxy/server-connection.js';
import { requestEditRules, responseEditRules } from '../route/route.js';
import { compileValue } from '../route/value.js';
import type { SessionTable, SessionTableOptions, Store } from '../store/store.js';
import type { BalanceOptions } from '../upstream/balance/create-balancer.js';
import { IdleConnections } from '../upstream/connection-pool.js';
import type { PassiveHealthOptions } from '../upstream/health/passive.js';
import { adminState, type Server } from '../upstream/server.js';
import type { StickyOptions } from '../upstream/sticky/create-sticky-policy.js';
import { Upstream } from '../upstream/upstream.js';
import { profiles } from '../wire/profile.js';
import { publishHealth } from './share-runtime.js';

/** Fields that a server's response may have. A server is trusted further than a client: the size of the head is the limit. */
const MAX_RESPONSE_FIELDS = 1000;

/** The names that "retries": "on" has for them. */
const retriedFaults = {
  closed: [faults.serverClosed],
  timeout: [faults.headTimeout],
  'bad-head': [faults.badResponseHead, faults.badResponseFraming],
} as const;

/** The upstream without what depends on the listener that leads to it. */
export type CompiledUpstream = Omit<UpstreamLink, 'connections'> & { readonly idleMs: number; readonly maxIdle: number };

/** What has run before and may go on. */
export interface Earlier {
  readonly upstreams: ReadonlyMap<string, CompiledUpstream>;
  /** The servers of the upstream with that name that live on, in the config or not. */
  serversOf(upstream: string): readonly Server[];
}

export const nothingEarlier: Earlier = { upstreams: new Map(), serversOf: () => [] };

/** Changes nothing of what runs, until {@link takeOver}. */
export function compileUpstreams(
  config: Config,
  logger: Logger,
  store: Store,
  earlier: Earlier = nothingEarlier,
): Map<string, CompiledUpstream> {
  return new Map(
    Object.entries(config.upstreams).map(([name, upstream]) => [name, compileUpstream(name, upstream, logger, store, earlier)]),
  );
}

/** The upstreams take the place of those from before: from now on their servers are what the new config says. */
export function takeOver(upstreams: ReadonlyMap<string, CompiledUpstream>): void {
  for (const { upstream, pools, maxIdle } of upstreams.values()) {
    upstream.takeOver();
    for (const server of upstream.servers) pools[server.index]!.resize(maxIdle);
  }
}

function compileUpstream(name: string, config: UpstreamConfig, logger: Logger, store: Store, earlier: Earlier): CompiledUpstream {
  const upstream = new Upstream({
    name,
    servers: config.servers.map((server) => ({
      name: server.name,
      address: server.address,
      addressText: formatAddress(server.address),
      weight: server.weight,
      isBackup: server.backup,
      maxConnections: server.maxConnections ?? 0,
      admin: adminState[server.admin],
      ...(server.health === null ? {} : { passiveHealth: passiveHealth(server.health) }),
    })),
    balance: balanceOptions(config.balance),
    sticky: config.sticky === null ? null : stickyOptions(name, config, config.sticky, logger, store),
    passiveHealth: passiveHealth(config.health),
    retries: {
      attempts: config.retries.attempts,
      boundAttempts: config.retries.bound,
      pauseMs: config.retries.pause,
      replayBytes: config.retries.replay,
      methods: new Set(config.retries.methods),
      on: new Set(config.retries.on.flatMap((failure) => retriedFaults[failure])),
    },
    onServerChange: (changed, server) => logServerChange(logger, changed, server),
    onHealthFound: (found, server, downForMs) => publishHealth(store, found, server, downForMs),
    known: earlier.serversOf(name),
    predecessor: earlier.upstreams.get(name)?.upstream ?? null,
  });
  const { maxIdle } = config.connectionPool;
  const pools: IdleConnections<ServerConnection>[] = [];
  for (const server of upstream.servers) {
    server.pool ??= new IdleConnections<ServerConnection>(maxIdle);
    // Nobody else gives servers their pools.
    pools[server.index] = server.pool as IdleConnections<ServerConnection>;
  }
  return {
    upstream,
    pools,
    requestRules: requestEditRules(config.request),
    responseRules: responseEditRules(config.response),
    proxyProtocol: config.proxyProtocol === null ? 0 : config.proxyProtocol === 'v1' ? 1 : 2,
    idleMs: config.connectionPool.idleTimeout,
    maxIdle,
  };
}

function passiveHealth({ passive }: UpstreamConfig['health']): PassiveHealthOptions | null {
  return passive === null ? null : { failures: passive.failures, windowMs: passive.window, downForMs: passive.downFor };
}

function balanceOptions(balance: UpstreamConfig['balance']): BalanceOptions {
  return typeof balance === 'object' && balance.by === 'hash' ? { ...balance, reader: compileValue(balance.key) } : balance;
}

function stickyOptions(upstream: string, config: UpstreamConfig, sticky: StickyConfig, logger: Logger, store: Store): StickyOptions {
  if (sticky.policy === 'cookie') return stickyCookieOptions(config, sticky);
  const routes = config.servers.map((server) => server.route ?? server.name);
  if (sticky.policy === 'route')
    return { policy: 'route', readers: sticky.from.map((from) => compileValue(from)), routes, isStrict: sticky.strict };
  const sessions = sessionTable(upstream, sticky, store);
  if (sticky.policy === 'source') {
    return { policy: 'source', ipv4Prefix: sticky.ipv4Prefix, ipv6Prefix: sticky.ipv6Prefix, sessions, isStrict: sticky.strict };
  }
  return {
    policy: 'app-cookie',
    name: sticky.name,
    routes,
    sessions,
    isStrict: sticky.strict,
    warn: (message, fields) => logger.warn(message, { upstream, ...fields }),
  };
}

/** Learned sessions are as large and as old as the config says from now on. */
export function shareSessions(config: Config, store: Store): void {
  for (const [name, { sticky }] of Object.entries(config.upstreams)) {
    if (sticky?.policy === 'source' || sticky?.policy === 'app-cookie')
      sessionTable(name, sticky, store).setOptions(sessionTableOptions(sticky));
  }
}

type LearningConfig = Extract<StickyConfig, { policy: 'source' | 'app-cookie' }>;

function sessionTable(upstream: string, sticky: LearningConfig, store: Store): SessionTable {
  const table = sticky.policy === 'source' ? `source ${upstream}` : `app-cookie ${sticky.name} ${upstream}`;
  return store.sessions(table, sessionTableOptions(sticky));
}

function sessionTableOptions({ maxSessions, idleTimeout }: LearningConfig): SessionTableOptions {
  return { maxSessions, idleMs: idleTimeout };
}

function stickyCookieOptions(config: UpstreamConfig, sticky: Extract<StickyConfig, { policy: 'cookie' }>): StickyOptions {
  const values = new Map(config.servers.flatMap(({ name, cookie }) => (cookie === null ? [] : [[name, cookie]])));
  const common = { name: sticky.name, values, isIndirect: sticky.indirect, marksPrivate: sticky.noCache, isStrict: sticky.strict };
  if (sticky.mode !== 'insert') return { policy: 'server-cookie', mode: sticky.mode, ...common };
  return {
    policy: 'cookie',
    ...common,
    preserves: sticky.preserve,
    attributes: sticky.attributes,
    secret: sticky.secret ?? '',
    path: sticky.path,
    domain: sticky.domain ?? '',
    secure: sticky.secure,
    httpOnly: sticky.httpOnly,
    sameSite: sticky.sameSite,
    partitioned: sticky.partitioned,
    maxAgeMs: sticky.maxAge,
  };
}

function logServerChange(logger: Logger, upstream: Upstream, server: Server): void {
  const fields = { upstream: upstream.name, server: server.name, address: server.addressText };
  // One worker finds it and tells it; what the others learn of it is no news.
  if (!server.wasFoundDownHere) logger.debug(server.isUp ? 'Server is up, as was learned' : 'Server is down, as was learned', fields);
  else if (server.isUp) logger.info('Server is up', fields);
  else logger.warn('Server is down', fields);
}

/** What the connections of one listener to one upstream have in common. */
export function linkFor(compiled: CompiledUpstream, profile: keyof typeof profiles, maxHeadBytes: number): UpstreamLink {
  const { idleMs, maxIdle: _, ...link } = compiled;
  return { ...link, connections: { profile: profiles[profile], maxHeadBytes, maxFields: MAX_RESPONSE_FIELDS, idleMs } };
}
