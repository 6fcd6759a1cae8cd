// Config → Runtime: the objects that serve, put together beside those that serve already. A config that cannot run (ciphers
// that OpenSSL refuses) throws before anything is bound. Putting the new ones in place is runtime-change.ts.
import { randomBytes } from 'node:crypto';
import type { SecureVersion } from 'node:tls';
import type { Config, ListenerConfig, TlsConfig } from '../config/config.js';
import type { Fault } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { Listener, type ListenerOptions, type Serve } from '../listener/listener.js';
import type { DescriptorBudget } from '../net/descriptor-budget.js';
import { compileNetworks } from '../net/networks.js';
import { ClientConnection } from '../proxy/client-connection.js';
import type { CurrentService, HttpService } from '../proxy/http-service.js';
import { TcpConnection, type TcpDestination, type TcpService } from '../proxy/tcp-connection.js';
import { compileAdmission } from '../route/admission.js';
import { compileMatch } from '../route/match.js';
import type { Store } from '../store/store.js';
import { readCertificate } from '../tls/certificate.js';
import { createTlsListener, type TlsListener } from '../tls/tls-listener.js';
import type { AccessRecorder } from './access-recorder.js';
import { compileHttpService, compileMaps, type Referred } from './compile-http-service.js';
import { type CompiledUpstream, compileUpstreams, type Earlier } from './compile-upstreams.js';
import { socketKey } from './socket-key.js';

/** A listener with what serves its connections. */
export interface Entry {
  readonly listener: Listener;
  /** null: in tcp mode. */
  readonly current: CurrentService | null;
}

export interface Runtime {
  /** By {@link socketKey}. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly upstreams: ReadonlyMap<string, CompiledUpstream>;
}

export interface RuntimeParts {
  readonly logger: Logger;
  readonly recorder: AccessRecorder;
  readonly budget: DescriptorBudget;
  /** 48 bytes, the same in every worker and under every config. */
  readonly ticketKeys: Buffer;
  readonly store: Store;
}

const ticketKeyBytes = 48;
export function newTicketKeys(): Buffer {
  return randomBytes(ticketKeyBytes);
}

const refusal = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n';

export const noRuntime: Runtime = { entries: new Map(), upstreams: new Map() };

/** What a listener is to be under a config. */
export interface ListenerPlan {
  readonly listener: Listener;
  /** null: in tcp mode. */
  readonly current: CurrentService | null;
  /** What is to be put into `current`. */
  readonly service: HttpService | null;
  readonly options: ListenerOptions;
}

/** A Runtime that is put together beside the running one, of which nothing is changed. */
export interface RuntimePlan {
  readonly upstreams: ReadonlyMap<string, CompiledUpstream>;
  readonly listeners: ReadonlyMap<string, ListenerPlan>;
}

/**
 * Listeners, servers and their pools that the config has in common with `running` are the same objects in both. Throws an
 * Error with one clear line when something that the config names cannot be used.
 */
export function planRuntime(config: Config, parts: RuntimeParts, running: Runtime, serversOf: Earlier['serversOf']): RuntimePlan {
  const upstreams = compileUpstreams(config, parts.logger, parts.store, { upstreams: running.upstreams, serversOf });
  const referred = { upstreams, maps: compileMaps(config) };
  const listeners = new Map<string, ListenerPlan>();
  for (const [name, listener] of Object.entries(config.listeners)) {
    const key = socketKey(name, listener.address);
    listeners.set(key, planListener(name, listener, parts, referred, running.entries.get(key) ?? null));
  }
  return { upstreams, listeners };
}

function planListener(name: string, config: ListenerConfig, parts: RuntimeParts, referred: Referred, before: Entry | null): ListenerPlan {
  const listener = before?.listener ?? new Listener(parts.budget);
  if (config.mode === 'tcp') {
    const serve = serveTcp(compileTcpService(name, config, referred.upstreams, parts));
    return { listener, current: null, service: null, options: listenerOptions(name, config, listener, serve, parts) };
  }
  const service = compileHttpService(name, config, referred, parts.budget, (exchange) => parts.recorder.recordExchange(exchange));
  const current = before?.current ?? { service, isDraining: false };
  const serve: Serve = (end, onGone) => new ClientConnection(current, end, onGone);
  return { listener, current, service, options: listenerOptions(name, config, listener, serve, parts) };
}

function serveTcp(service: TcpService): Serve {
  return (end, onGone) => new TcpConnection(service, end, onGone);
}

function compileTcpService(
  name: string,
  listener: ListenerConfig,
  upstreams: ReadonlyMap<string, CompiledUpstream>,
  { recorder, budget }: RuntimeParts,
): TcpService {
  return {
    name,
    routes: listener.routes.map(({ match, destination, timeouts }) => ({
      condition: compileMatch(match),
      destination: destination.kind === 'upstream' ? tcpDestination(upstreams.get(destination.upstream)!, timeouts) : null,
    })),
    budget,
    log: (connection) => recorder.recordTcp(connection),
  };
}

function tcpDestination({ upstream, proxyProtocol }: CompiledUpstream, timeouts: ListenerConfig['timeouts']): TcpDestination {
  const tunnel = { tunnelIdleMs: timeouts.tunnelIdle, halfClosedMs: timeouts.halfClosed };
  return { upstream, proxyProtocol, connectMs: timeouts.connect, tunnel };
}

function listenerOptions(name: string, config: ListenerConfig, listener: Listener, serve: Serve, parts: RuntimeParts): ListenerOptions {
  const { tls, proxyProtocol } = config;
  return {
    name,
    maxConnections: config.maxConnections ?? 0,
    proxyProtocol: proxyProtocol === null ? null : { from: compileNetworks(proxyProtocol.from), timeoutMs: proxyProtocol.timeout },
    trustedProxies: compileNetworks(config.trustedProxies),
    tls: tls === null ? null : withListenerName(name, () => createTls(name, tls, config.mode, listener, parts.ticketKeys)),
    handshakeTimeoutMs: tls?.handshakeTimeout ?? 0,
    admission: compileAdmission(config.connectionRules),
    refusal: config.mode === 'http' ? refusal : '',
    serve,
    onFault: (peerIp, fault, detail) => logFault(parts.logger, name, peerIp, fault, detail),
  };
}

function createTls(name: string, tls: TlsConfig, mode: 'http' | 'tcp', listener: Listener, ticketKeys: Buffer): TlsListener {
  return createTlsListener(tlsOptions(name, tls, mode, ticketKeys), listener.onSecure, listener.onTlsFault);
}

/** What cannot be used is said with the name of the listener that wants it. */
function withListenerName<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`listener "${name}": ${(error as Error).message}`);
  }
}

function tlsOptions(name: string, tls: TlsConfig, mode: 'http' | 'tcp', ticketKeys: Buffer): Parameters<typeof createTlsListener>[0] {
  return {
    certificates: tls.certificates.map(({ cert, key, certPem, keyPem }) =>
      readCertificate({ cert: certPem, key: keyPem, certLabel: cert, keyLabel: key }),
    ),
    minVersion: tls.minVersion as SecureVersion,
    maxVersion: tls.maxVersion as SecureVersion,
    ciphers: tls.ciphers ?? '',
    curves: tls.curves ?? '',
    prefersServerCiphers: tls.preferServerCiphers,
    sessionTimeoutMs: tls.sessionTimeout,
    hasTickets: tls.tickets,
    ticketKeys,
    sessionId: name,
    handshakeTimeoutMs: tls.handshakeTimeout,
    alpnProtocols: mode === 'http' ? ['http/1.1'] : null,
  };
}

/** What clients do wrong before there is an exchange to log. Repeats of a code are thinned out by the log. */
function logFault(logger: Logger, listener: string, peerIp: string, fault: Fault, detail: string): void {
  logger.info('Connection refused', {
    code: fault.code,
    listener,
    client: peerIp === '' ? 'unix' : peerIp,
    ...(detail !== '' && { detail }),
  });
}
