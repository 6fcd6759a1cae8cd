// Config: what the program runs on, whichever language it was written in. Plain data that can be sent between
// processes: durations in milliseconds, sizes in bytes, addresses parsed, files as absolute paths, every key in
// place, null for what is absent. Value texts and patterns are compiled by whoever uses them.
import type { Account } from '../core/account.js';
import type { ListenAddress } from '../net/address.js';
import type { WireProfile } from '../wire/profile.js';
import type { ConnectionRuleConfig } from './schema/connection-rule.js';
import type { EditsConfig } from './schema/edits.js';
import type { ErrorPageConfig } from './schema/error-pages.js';
import type { LimitsConfig, TimeoutsConfig } from './schema/limits.js';
import type { TlsConfig as WrittenTls } from './schema/listener.js';
import type { AccessLogConfig, ErrorLogConfig } from './schema/logs.js';
import type { MapConfig } from './schema/map.js';
import type { MatchConfig } from './schema/match.js';
import type { LastRuleConfig, ResponseRuleConfig, RuleConfig } from './schema/rule.js';
import type { UpstreamConfig } from './schema/upstream.js';

export type { ServerConfig, StickyConfig } from './schema/upstream.js';
export type {
  AccessLogConfig,
  EditsConfig,
  ErrorLogConfig,
  ErrorPageConfig,
  LimitsConfig,
  MatchConfig,
  ResponseRuleConfig,
  RuleConfig,
  TimeoutsConfig,
  UpstreamConfig,
};

export interface Config {
  readonly workers: number | 'auto';
  /** Who the workers run as; null: who started the program. */
  readonly user: Account | null;
  /** Milliseconds. */
  readonly shutdownTimeout: number;
  /** Milliseconds. */
  readonly drainTimeout: number;
  /** null: off. `to` is "stdout", "stderr" or an absolute path. */
  readonly accessLog: AccessLogConfig | null;
  readonly errorLog: ErrorLogConfig;
  /** null: derived from the limit of open files. */
  readonly maxClientConnections: number | null;
  readonly listeners: Readonly<Record<string, ListenerConfig>>;
  readonly maps: Readonly<Record<string, MapConfig>>;
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>;
}

export interface ListenerConfig {
  readonly address: ListenAddress;
  /** Permission bits of a unix socket's file; null: as the umask leaves them. */
  readonly socketMode: number | null;
  readonly mode: 'http' | 'tcp';
  /** How its clients' and its servers' bytes are read where peers differ. */
  readonly profile: WireProfile['name'];
  /** In the order in which they are tried. In tcp mode they lead to an upstream or to a refusal, and match what is known of a connection. */
  readonly routes: readonly RouteConfig[];
  readonly connectionRules: readonly ConnectionRuleConfig[];
  readonly tls: TlsConfig | null;
  /** null: connections must not begin with a PROXY protocol header. `timeout` in milliseconds. */
  readonly proxyProtocol: { readonly from: readonly string[]; readonly timeout: number } | null;
  /** Networks, and "unix". */
  readonly trustedProxies: readonly string[];
  readonly forwarded: boolean;
  readonly maxConnections: number | null;
  readonly limits: LimitsConfig;
  readonly timeouts: TimeoutsConfig;
  readonly abortOnClose: boolean;
  readonly errorPages: readonly ErrorPageConfig[];
  readonly rules: readonly RuleConfig[];
  readonly responseRules: readonly ResponseRuleConfig[];
  readonly lastRules: readonly LastRuleConfig[];
  readonly request: EditsConfig;
  readonly response: EditsConfig;
}

/** A certificate and its key: the files as absolute paths, and what was in them when the configuration was loaded. */
export interface CertificateConfig {
  readonly cert: string;
  readonly key: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export type TlsConfig = Omit<WrittenTls, 'certificates'> & { readonly certificates: readonly CertificateConfig[] };

export interface RouteConfig {
  /** null: no rule leads here by name. */
  readonly name: string | null;
  readonly match: MatchConfig;
  /** Under "closest-path": see the schema. */
  readonly final: boolean;
  readonly rules: readonly RuleConfig[];
  readonly responseRules: readonly ResponseRuleConfig[];
  readonly lastRules: readonly LastRuleConfig[];
  readonly request: EditsConfig;
  readonly response: EditsConfig;
  /** Complete: the listener's, with the route's own in their place. */
  readonly timeouts: TimeoutsConfig;
  /** Complete, like the timeouts. */
  readonly limits: LimitsConfig;
  readonly errorPages: readonly ErrorPageConfig[];
  readonly toServer: ToServerConfig;
  /** Protocols that a client may switch to, in lower case. */
  readonly upgrade: readonly string[];
  readonly destination: Destination;
}

/** How requests go to servers. */
export interface ToServerConfig {
  readonly httpVersion: '1.0' | '1.1';
  readonly keepAlive: boolean;
  /** Bytes; 0: no request body is awaited whole. */
  readonly buffer: number;
}

/** Where a route leads. The texts of `respond` and `redirect` are Values. */
export type Destination =
  | { readonly kind: 'upstream'; readonly upstream: string }
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body?: string | undefined;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'routes'; readonly choose: 'first' | 'closest-path'; readonly routes: readonly RouteConfig[] }
  | { readonly kind: 'redirect'; readonly status: number; readonly to: string }
  | { readonly kind: 'deny'; readonly status: number }
  /** The connection is closed without an answer. */
  | { readonly kind: 'close' };
