// Brings what the file said into the one form that the program runs on: shorthands become routes, routes have
// complete timeouts and limits, files are absolute paths, certificates are there themselves. It expects what the checks have
// found to be sound.
import { resolve } from 'node:path';
import { findUser } from '../core/account.js';
import type { ListenAddress } from '../net/address.js';
import type { CertificateFiles } from './certificate-files.js';
import type { CertificateConfig, Config, Destination, ListenerConfig, RouteConfig, ToServerConfig } from './config.js';
import type { ParsedConfig } from './schema/root.js';
import { type ParsedRoute, routeSchema } from './schema/route.js';
import type { ToServer } from './schema/to-server.js';

type ParsedListener = ParsedConfig['listeners'][string];
/** For HTTP/1.0 towards servers, which cannot do without. */
const DEFAULT_BUFFER_BYTES = 1024 ** 2;

/** What routes inside a listener or another route have from it. */
interface Inherited extends Pick<ListenerConfig, 'timeouts' | 'limits' | 'errorPages'> {
  readonly toServer: ToServer;
}

/** `folder` is the configuration file's: relative paths start there. `files` has read the certificates already. */
export function normaliseConfig(parsed: ParsedConfig, folder: string, files: CertificateFiles): Config {
  return {
    workers: parsed.workers,
    user: parsed.user === null ? null : findUser(parsed.user, parsed.group),
    shutdownTimeout: parsed.shutdownTimeout,
    drainTimeout: parsed.drainTimeout,
    accessLog: parsed.accessLog && { ...parsed.accessLog, to: logTarget(parsed.accessLog.to, folder) },
    errorLog: { ...parsed.errorLog, to: logTarget(parsed.errorLog.to, folder) },
    maxClientConnections: parsed.maxClientConnections,
    listeners: mapValues(parsed.listeners, (listener) => normaliseListener(listener, folder, files)),
    maps: parsed.maps,
    upstreams: mapValues(parsed.upstreams, (upstream) => ({
      ...upstream,
      servers: upstream.servers.map((server) => ({ ...server, address: absoluteAddress(server.address, folder) })),
    })),
  };
}

function normaliseListener(listener: ParsedListener, folder: string, files: CertificateFiles): ListenerConfig {
  const routes = listener.routes ?? [routeSchema.parse({ upstream: listener.upstream })];
  const { toServer: _, upstream: __, ...kept } = listener;
  return {
    ...kept,
    address: absoluteAddress(listener.address, folder),
    routes: routes.map((route) => normaliseRoute(route, listener)),
    tls: listener.tls && { ...listener.tls, certificates: listener.tls.certificates.map((pair) => certificateOf(pair, folder, files)) },
  };
}

function normaliseRoute(route: ParsedRoute, outer: Inherited): RouteConfig {
  const own = {
    timeouts: { ...outer.timeouts, ...withoutNulls(route.timeouts) },
    limits: { ...outer.limits, ...withoutNulls(route.limits) },
    errorPages: route.errorPages.length > 0 ? route.errorPages : outer.errorPages,
    toServer: {
      httpVersion: route.toServer.httpVersion ?? outer.toServer.httpVersion,
      keepAlive: route.toServer.keepAlive ?? outer.toServer.keepAlive,
      buffer: route.toServer.buffer ?? outer.toServer.buffer,
    },
  };
  return {
    name: route.name,
    match: route.match,
    final: route.final === true,
    rules: route.rules,
    responseRules: route.responseRules,
    lastRules: route.lastRules,
    request: route.request,
    response: route.response,
    timeouts: own.timeouts,
    limits: own.limits,
    errorPages: own.errorPages,
    toServer: completeHop(own.toServer),
    upgrade: route.upgrade,
    destination: destinationOf(route, own),
  };
}

/** HTTP/1.0 knows no chunked bodies, and connections that live on only by agreement. RFC 9112 §6.1, §9.3. */
function completeHop({ httpVersion, keepAlive, buffer }: ToServer): ToServerConfig {
  const isOld = httpVersion === '1.0';
  return {
    httpVersion: httpVersion ?? '1.1',
    keepAlive: keepAlive ?? !isOld,
    buffer: isOld ? buffer || DEFAULT_BUFFER_BYTES : (buffer ?? 0),
  };
}

function destinationOf(route: ParsedRoute, own: Inherited): Destination {
  if (route.routes !== undefined) {
    return { kind: 'routes', choose: route.choose, routes: route.routes.map((inner) => normaliseRoute(inner, own)) };
  }
  if (route.upstream !== null) return { kind: 'upstream', upstream: route.upstream };
  if (route.respond !== null) return { kind: 'respond', ...route.respond };
  if (route.redirect !== null) return { kind: 'redirect', ...route.redirect };
  if (route.deny === 'close') return { kind: 'close' };
  return { kind: 'deny', status: route.deny === null || route.deny === true ? 403 : route.deny.status };
}

function certificateOf(written: { cert: string; key: string }, folder: string, files: CertificateFiles): CertificateConfig {
  const [cert, key] = [resolve(folder, written.cert), resolve(folder, written.key)];
  return { cert, key, certPem: files.read(cert), keyPem: files.read(key) };
}

function absoluteAddress<A extends ListenAddress>(address: A, folder: string): A {
  return address.kind === 'unix' ? { ...address, path: resolve(folder, address.path) } : address;
}

function logTarget(to: string, folder: string): string {
  return to === 'stdout' || to === 'stderr' ? to : resolve(folder, to);
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function withoutNulls<T extends Record<string, number | null>>(values: T): Partial<Record<keyof T, number>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Partial<Record<keyof T, number>>;
}
