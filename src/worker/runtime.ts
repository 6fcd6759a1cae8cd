// Config → Runtime: the objects that serve, put together once. A config that cannot run (a certificate that is gone)
// throws before anything is bound.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { SecureVersion, TLSSocket } from 'node:tls';
import type { Config, ListenerConfig, TlsConfig } from '../config/config.js';
import type { Fault } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { Listener, type Serve } from '../listener/listener.js';
import type { DescriptorBudget } from '../net/descriptor-budget.js';
import { compileNetworks } from '../net/networks.js';
import { ClientConnection } from '../proxy/client-connection.js';
import type { HttpService } from '../proxy/http-service.js';
import { TcpConnection, type TcpService } from '../proxy/tcp-connection.js';
import type { Store } from '../store/store.js';
import { readCertificate } from '../tls/certificate.js';
import { createTlsListener, type TlsListener } from '../tls/tls-listener.js';
import type { AccessRecorder } from './access-recorder.js';
import { compileHttpService } from './compile-http-service.js';
import { type CompiledUpstream, compileUpstreams } from './compile-upstreams.js';

export interface Runtime {
  readonly listeners: readonly Listener[];
  readonly services: readonly HttpService[];
  readonly upstreams: ReadonlyMap<string, CompiledUpstream>;
}

export interface RuntimeParts {
  readonly logger: Logger;
  /** null: the access log is off. */
  readonly recorder: AccessRecorder | null;
  readonly budget: DescriptorBudget;
  /** 48 bytes, the same in every worker. */
  readonly ticketKeys: Buffer;
  readonly store: Store;
}

const ticketKeyBytes = 48;
export function newTicketKeys(): Buffer {
  return randomBytes(ticketKeyBytes);
}

const refusal = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n';

/** Throws an Error with one clear line when something that the config names cannot be used. */
export function createRuntime(config: Config, parts: RuntimeParts): Runtime {
  const upstreams = compileUpstreams(config, parts.logger, parts.store);
  const listeners: Listener[] = [];
  const services: HttpService[] = [];
  for (const [name, listener] of Object.entries(config.listeners)) {
    let serve: Serve;
    if (listener.mode === 'tcp') {
      serve = serveTcp(compileTcpService(name, listener, upstreams, parts));
    } else {
      const service = compileHttpService(name, listener, upstreams, parts.budget, (exchange) => parts.recorder?.recordExchange(exchange));
      services.push(service);
      serve = (end, onGone) => new ClientConnection(service, end, onGone);
    }
    listeners.push(createListener(name, listener, serve, parts));
  }
  return { listeners, services, upstreams };
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
  const compiled = upstreams.get(listener.upstream as string) as CompiledUpstream;
  const { timeouts } = listener;
  return {
    name,
    upstream: compiled.upstream,
    proxyProtocol: compiled.proxyProtocol,
    connectMs: timeouts.connect,
    tunnel: { tunnelIdleMs: timeouts.tunnelIdle, halfClosedMs: timeouts.halfClosed },
    budget,
    log: (connection) => recorder?.recordTcp(connection),
  };
}

function createListener(name: string, config: ListenerConfig, serve: Serve, parts: RuntimeParts): Listener {
  const { tls, proxyProtocol } = config;
  const makeTls =
    tls === null
      ? null
      : (onSecure: (socket: TLSSocket) => void, onFault: (socket: Socket, error: Error) => void): TlsListener =>
          withListenerName(name, () => createTlsListener(tlsOptions(name, tls, config.mode, parts.ticketKeys), onSecure, onFault));
  return new Listener(
    {
      name,
      address: config.address,
      maxConnections: config.maxConnections ?? 0,
      proxyProtocol: proxyProtocol === null ? null : { from: compileNetworks(proxyProtocol.from), timeoutMs: proxyProtocol.timeout },
      trustedProxies: compileNetworks(config.trustedProxies),
      handshakeTimeoutMs: tls?.handshakeTimeout ?? 0,
      refusal: config.mode === 'http' ? refusal : '',
      serve,
      onFault: (peerIp, fault, detail) => logFault(parts.logger, name, peerIp, fault, detail),
    },
    parts.budget,
    makeTls,
  );
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
    certificates: tls.certificates.map(({ cert, key }) =>
      readCertificate({ cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8'), certLabel: cert, keyLabel: key }),
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
