// What all exchanges of one http listener share, and where its routes lead: everything that a config decides, decided
// when it was loaded. The data path reads these and never the Config.
import type { DescriptorBudget } from '../net/descriptor-budget.js';
import type { Networks } from '../net/networks.js';
import type { ErrorPages } from '../route/error-page.js';
import type { Route } from '../route/route.js';
import type { RouteTable } from '../route/route-table.js';
import type { Rule } from '../route/rule.js';
import type { ValueMap } from '../route/value-map.js';
import type { IdleConnections } from '../upstream/connection-pool.js';
import type { Server } from '../upstream/server.js';
import type { Upstream } from '../upstream/upstream.js';
import type { ServerHop } from '../wire/http1-head-writer.js';
import type { HeadLimits } from '../wire/http1-request-head.js';
import type { WireProfile } from '../wire/profile.js';
import type { Exchange } from './exchange.js';
import type { AttemptTimeouts, ServerConnection, ServerConnectionOptions } from './server-connection.js';
import type { TunnelTimeouts } from './tunnel.js';

/** Deadlines of the client's side before a route is known. */
export interface ClientTimeouts {
  /** From the first byte of a head to its end. */
  readonly requestHeadMs: number;
  /** Between two requests. */
  readonly idleMs: number;
}

/** Deadlines of the client's side while an exchange is under way. */
export interface BodyTimeouts {
  /** Without a byte of the request body. */
  readonly requestBodyMs: number;
  /** Without the client taking a byte of what is queued for it. */
  readonly sendMs: number;
}

/** Where a route leads. */
export interface Destination {
  /** null: a rule of the route answers. */
  readonly upstream: UpstreamLink | null;
  readonly body: BodyTimeouts;
  readonly attempt: AttemptTimeouts;
  readonly tunnel: TunnelTimeouts;
  /** 0: no limit. */
  readonly maxBodyBytes: number;
  /** Protocols that may be upgraded to, in lower case: see {@link allowsUpgrade}. */
  readonly upgrades: ReadonlySet<string>;
  readonly hop: ServerHop;
  readonly errorPages: ErrorPages;
  /** Request bodies up to this size are awaited whole before a server is chosen; 0: none is. */
  readonly bufferedBodyBytes: number;
}

/** Whether a client may ask for `protocol`, in lower case, or a list of them. `*` allows any but HTTP/2, which would lead past the routes. */
export function allowsUpgrade(upgrades: ReadonlySet<string>, protocol: string): boolean {
  return upgrades.has(protocol) || (upgrades.has('*') && !/h2c|^h2$|http/.test(protocol));
}

/** An upstream with what is needed to speak to its servers. */
export interface UpstreamLink {
  readonly upstream: Upstream;
  readonly connections: ServerConnectionOptions;
  /** By the server's index, of which some may be nobody's. */
  readonly pools: readonly IdleConnections<ServerConnection>[];
  readonly requestRules: readonly Rule[];
  readonly responseRules: readonly Rule[];
  /** PROXY protocol towards the servers: 0 none, else its version. */
  readonly proxyProtocol: 0 | 1 | 2;
}

/** An http listener as its connections and exchanges see it. */
export interface HttpService {
  readonly name: string;
  readonly profile: WireProfile;
  readonly limits: HeadLimits;
  readonly timeouts: ClientTimeouts;
  /** Where no route says otherwise. */
  readonly bodyTimeouts: BodyTimeouts;
  /** Whose forwarded fields are believed. */
  readonly trustedProxies: Networks;
  /** Whether X-Forwarded-* are written towards servers. */
  readonly writesForwarded: boolean;
  /** Whether an exchange ends when the client has closed its side while it waits. */
  readonly abortsOnClose: boolean;
  readonly requestRules: readonly Rule[];
  readonly responseRules: readonly Rule[];
  /** Run when nothing else is done to a response any more. */
  readonly lastRules: readonly Rule[];
  /** Whether there are any, here or in a route. */
  readonly hasLastRules: boolean;
  readonly routes: RouteTable<Destination>;
  /** Routes that rules lead to by name. */
  readonly namedRoutes: ReadonlyMap<string, Route<Destination>>;
  readonly maps: ReadonlyMap<string, ValueMap>;
  /** Where no route says otherwise. */
  readonly errorPages: ErrorPages;
  /** Asked before a connection to a server is opened. */
  readonly budget: DescriptorBudget;
  /** Called once for each exchange, at its end. */
  readonly log: (exchange: Exchange) => void;
}

/** What serves the connections of a listener now. A new config puts another service here; each request stays with the one it began with. */
export interface CurrentService {
  service: HttpService;
  /** No new requests on open connections: Limpet is shutting down, or the listener is no longer in the config. */
  isDraining: boolean;
}

export function poolOf(link: UpstreamLink, server: Server): IdleConnections<ServerConnection> {
  return link.pools[server.index]!;
}
