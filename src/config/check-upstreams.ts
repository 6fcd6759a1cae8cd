// What is wrong inside an upstream, and stickiness that could never work.
import { formatAddress, parseServerAddress } from '../net/address.js';
import { parsedAddress } from './check-listeners.js';
import { type RawObject, rawList, rawObject, rawObjects, rawText } from './raw.js';
import type { Path, Source } from './source.js';

export function checkUpstreams(source: Source): void {
  const root = rawObject(source.value);
  for (const [name, upstream] of rawObjects(root['upstreams'])) {
    const path = ['upstreams', name];
    checkServers(source, [...path, 'servers'], upstream['servers']);
    if (upstream['sticky'] !== undefined) checkStickyUse(source, path, name, rawObject(upstream['sticky']), rawObjects(root['listeners']));
    const policy = rawObject(upstream['sticky'])['policy'];
    if (policy === 'app-cookie' || policy === 'route') checkRoutes(source, [...path, 'servers'], upstream['servers']);
    checkCookie(source, [...path, 'sticky'], rawObject(upstream['sticky']));
  }
  for (const [, listener] of rawObjects(root['listeners'])) checkCookieClash(source, listener, root);
}

interface StickyRoute {
  readonly upstream: string;
  /** The cookie as browsers keep it: one per name, path and domain. */
  readonly cookie: string;
  readonly cookieName: string;
  readonly host: unknown;
}

/** Two sticky upstreams for one host under one cookie would take turns at overwriting each other's bindings. */
function checkCookieClash(source: Source, listener: RawObject, root: RawObject): void {
  const upstreams = rawObject(root['upstreams']);
  const routes = rawList(listener['routes']).flatMap((route): StickyRoute[] => {
    const name = rawText(rawObject(route)['upstream']);
    const written = name === null ? undefined : rawObject(upstreams[name])['sticky'];
    if (name === null || written === undefined) return [];
    const sticky = rawObject(written);
    // Others set no cookie of ours.
    // Where the mode is written, servers are told apart by values of their own, and the file says which may meet.
    if (sticky['policy'] !== 'cookie' || sticky['mode'] !== undefined) return [];
    const cookieName = rawText(sticky['name']) ?? 'route';
    const cookie = JSON.stringify([cookieName, sticky['path'] ?? '/', sticky['domain'] ?? '']);
    return [{ upstream: name, cookie, cookieName, host: rawObject(rawObject(route)['match'])['host'] }];
  });
  for (const [index, later] of routes.entries()) {
    const earlier = routes
      .slice(0, index)
      .find((other) => other.upstream !== later.upstream && other.cookie === later.cookie && mayShareHost(other.host, later.host));
    if (earlier === undefined) continue;
    const path = ['upstreams', later.upstream, 'sticky'];
    const message = `upstream "${earlier.upstream}" uses the cookie "${later.cookieName}" for the same host, and each would overwrite the other's; write another "name", such as "${later.cookieName}-${later.upstream}"`;
    if (rawObject(rawObject(upstreams[later.upstream])['sticky'])['name'] === undefined) source.addAtKey(path, message);
    else source.addAtValue([...path, 'name'], message);
  }
}

/** Whether one host may take both routes, as far as exact names tell. */
function mayShareHost(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return true;
  const names = (host: unknown): string[] => (typeof host === 'string' ? [host] : rawList(host).filter((name) => typeof name === 'string'));
  const others = names(other).map((name) => name.toLowerCase());
  const hasPattern = [...names(one), ...others].some((name) => name.startsWith('*'));
  return hasPattern || names(one).some((name) => others.includes(name.toLowerCase()));
}

function checkServers(source: Source, path: Path, written: unknown): void {
  const addresses = new Map<string, number>();
  const names = new Map<string, number>();
  for (const [index, server] of rawList(written).entries()) {
    const object = rawObject(server);
    const addressPath = typeof server === 'string' ? [...path, index] : [...path, index, 'address'];
    const address = parsedAddress(typeof server === 'string' ? server : object['address'], parseServerAddress);
    if (address === null) continue;
    const addressText = formatAddress(address);
    const name = rawText(object['name']) ?? addressText;
    const sameAddress = addresses.get(addressText);
    const sameName = names.get(name);
    if (sameAddress !== undefined) {
      const message = `${addressText} is a server of this upstream already, in line ${source.lineOf([...path, sameAddress])}; write it once, with a "weight" if it is to have a larger share`;
      source.addAtValue(addressPath, message);
    } else if (sameName !== undefined) {
      const message = `"${name}" is the name of another server of this upstream, in line ${source.lineOf([...path, sameName])}; write another name instead`;
      source.addAtValue(object['name'] === undefined ? addressPath : [...path, index, 'name'], message);
    }
    addresses.set(addressText, index);
    names.set(name, index);
  }
}

/** A session's route must name one server. */
function checkRoutes(source: Source, path: Path, written: unknown): void {
  const owners = new Map<string, number>();
  for (const [index, server] of rawList(written).entries()) {
    const object = rawObject(server);
    const address = parsedAddress(typeof server === 'string' ? server : object['address'], parseServerAddress);
    const route = rawText(object['route']) ?? rawText(object['name']) ?? (address === null ? null : formatAddress(address));
    if (route === null) continue;
    const owner = owners.get(route);
    owners.set(route, index);
    const hasOwn = object['route'] !== undefined;
    // Two of one name are told as such.
    if (owner === undefined || (!hasOwn && rawObject(rawList(written)[owner])['route'] === undefined)) continue;
    const message = `"${route}" is the route of another server of this upstream, in line ${source.lineOf([...path, owner])}; write another "route" instead`;
    source.addAtValue(hasOwn ? [...path, index, 'route'] : [...path, index], message);
  }
}

function checkStickyUse(source: Source, path: Path, name: string, sticky: RawObject, listeners: readonly [string, RawObject][]): void {
  const users = listeners.filter(([, listener]) => leadsTo(listener, name));
  if (sticky['policy'] === 'source' || users.length === 0 || users.some(([, listener]) => listener['mode'] !== 'tcp')) return;
  source.addAtKey(
    [...path, 'sticky'],
    'only tcp listeners use this upstream, and there is no cookie in plain bytes; write { "policy": "source" } instead, or an http listener that leads here',
  );
}

function leadsTo(listener: RawObject, upstream: string): boolean {
  return listener['upstream'] === upstream || rawList(listener['routes']).some((route) => rawObject(route)['upstream'] === upstream);
}

/** Browsers refuse such cookies: every client would be a new one for ever. */
function checkCookie(source: Source, path: Path, sticky: RawObject): void {
  const needsSecure = sticky['sameSite'] === 'none' ? '"sameSite": "none"' : sticky['partitioned'] === true ? '"partitioned": true' : null;
  if (needsSecure !== null && sticky['secure'] === false) {
    source.addAtValue([...path, 'secure'], `browsers refuse a cookie with ${needsSecure} that is not secure; write true instead`);
  }
}
