// What is wrong between the listeners, and between listeners and upstreams: addresses that collide, upstreams that
// do not exist, keys that the mode does not have. Whether the system lets us bind is found out when it is tried.
import { AddressError, formatAddress, type ListenAddress, parseListenAddress, type TcpAddress } from '../net/address.js';
import { checkConnectionRules, checkTcpRoutes } from './check-connections.js';
import { checkRouteNames, checkRoutes } from './check-routes.js';
import { checkUpstreamName } from './check-upstream-name.js';
import { type RawObject, rawObject, rawObjects, rawText } from './raw.js';
import type { Path, Source } from './source.js';

/** Keys that say something about requests. */
const httpOnlyKeys = [
  'request',
  'response',
  'limits',
  'trustedProxies',
  'forwarded',
  'abortOnClose',
  'rules',
  'responseRules',
  'lastRules',
  'errorPages',
  'toServer',
];

export function checkListeners(source: Source): void {
  const root = rawObject(source.value);
  const upstreams = new Set(Object.keys(rawObject(root['upstreams'])));
  const listeners = rawObjects(root['listeners']);
  checkCollisions(source, listeners);
  for (const [name, listener] of listeners) {
    const path = ['listeners', name];
    if (listener['socketMode'] !== undefined && parsedAddress(listener['address'], parseListenAddress)?.kind !== 'unix')
      source.addAtKey([...path, 'socketMode'], 'only a unix socket has a file with permissions; remove "socketMode"');
    checkUpstreamName(source, [...path, 'upstream'], listener['upstream'], upstreams);
    checkConnectionRules(source, path, listener);
    if (listener['mode'] === 'tcp') checkTcp(source, path, listener, upstreams);
    else checkHttp(source, path, listener, upstreams);
  }
}

function checkTcp(source: Source, path: Path, listener: RawObject, upstreams: ReadonlySet<string>): void {
  for (const key of httpOnlyKeys) {
    if (listener[key] !== undefined)
      source.addAtKey([...path, key], `a tcp listener reads no requests and has no "${key}"; remove it, or write "mode": "http"`);
  }
  const { upstream, routes } = listener;
  if (upstream === undefined && routes === undefined)
    source.addAtValue(
      path,
      'a tcp listener needs to know where connections go; write "upstream": with the name of one, or "routes": [ … ]',
    );
  else if (upstream !== undefined && routes !== undefined) source.addAtKey([...path, 'upstream'], standsForRoute);
  checkTcpRoutes(source, [...path, 'routes'], routes);
  checkRoutes(source, [...path, 'routes'], routes, upstreams);
}

const standsForRoute =
  '"upstream" stands for a single route and cannot stand beside "routes"; write { "upstream": … } as the last of the routes instead';

function checkHttp(source: Source, path: Path, listener: RawObject, upstreams: ReadonlySet<string>): void {
  const { upstream, routes } = listener;
  if (upstream === undefined && routes === undefined) {
    source.addAtValue(path, 'the listener leads nowhere; write "upstream": with the name of one, or "routes": [ … ]');
  } else if (upstream !== undefined && routes !== undefined) {
    source.addAtKey([...path, 'upstream'], standsForRoute);
  }
  checkRoutes(source, [...path, 'routes'], routes, upstreams);
  checkRouteNames(source, path, listener);
}

function checkCollisions(source: Source, listeners: readonly [string, RawObject][]): void {
  const seen: { name: string; address: ListenAddress }[] = [];
  for (const [name, listener] of listeners) {
    const address = parsedAddress(listener['address'], parseListenAddress);
    if (address === null) continue;
    const other = seen.find((earlier) => collide(earlier.address, address));
    if (other !== undefined) {
      const message = `listener "${other.name}" already listens on ${formatAddress(other.address)}; write another address or port instead`;
      source.addAtValue(['listeners', name, 'address'], message);
    }
    seen.push({ name, address });
  }
}

function collide(a: ListenAddress, b: ListenAddress): boolean {
  if (a.kind !== 'tcp' || b.kind !== 'tcp') return formatAddress(a) === formatAddress(b);
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || covers(a, b) || covers(b, a);
}

/** Whether binding to `a` takes the port of `b` as well: '' and '::' take both families. */
function covers(a: TcpAddress, b: TcpAddress): boolean {
  return a.host === '' || a.host === '::' || (a.host === '0.0.0.0' && !b.host.includes(':'));
}

/** The address, or null when the schema has to complain about it. */
export function parsedAddress<T>(written: unknown, parse: (text: string) => T): T | null {
  const text = rawText(written);
  if (text === null) return null;
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof AddressError) return null;
    throw error;
  }
}
