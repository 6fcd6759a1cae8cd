// What is wrong inside an upstream, and stickiness that could never work.
import { formatAddress, parseServerAddress } from '../net/address.js';
import { checkCookieClash } from './check-cookie-clash.js';
import { parsedAddress } from './check-listeners.js';
import { type RawObject, rawList, rawObject, rawObjects, rawText } from './raw.js';
import type { Path, Source } from './source.js';

export function checkUpstreams(source: Source): void {
  const root = rawObject(source.value);
  const modes = modesByUpstream(root);
  for (const [name, upstream] of rawObjects(root['upstreams'])) {
    const path = ['upstreams', name];
    checkServers(source, [...path, 'servers'], upstream['servers']);
    const sticky = rawObject(upstream['sticky']);
    if (upstream['sticky'] !== undefined) checkStickyUse(source, path, sticky, modes.get(name));
    if (sticky['policy'] === 'app-cookie' || sticky['policy'] === 'route') checkRoutes(source, [...path, 'servers'], upstream['servers']);
    checkCookie(source, [...path, 'sticky'], rawObject(upstream['sticky']));
  }
  for (const [, listener] of rawObjects(root['listeners'])) checkCookieClash(source, listener, root);
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

function checkStickyUse(source: Source, path: Path, sticky: RawObject, modes: ReadonlySet<unknown> | undefined): void {
  if (sticky['policy'] === 'source' || modes === undefined || modes.size > 1 || !modes.has('tcp')) return;
  source.addAtKey(
    [...path, 'sticky'],
    'only tcp listeners use this upstream, and there is no cookie in plain bytes; write { "policy": "source" } instead, or an http listener that leads here',
  );
}

/** For each upstream that listeners lead to, what "mode" says in those. */
function modesByUpstream(root: RawObject): ReadonlyMap<string, ReadonlySet<unknown>> {
  const modes = new Map<string, Set<unknown>>();
  for (const [, listener] of rawObjects(root['listeners'])) addMode(listener, listener['mode'], modes);
  return modes;
}

function addMode(owner: RawObject, mode: unknown, modes: Map<string, Set<unknown>>): void {
  const upstream = rawText(owner['upstream']);
  if (upstream !== null) modes.set(upstream, (modes.get(upstream) ?? new Set()).add(mode));
  for (const route of rawList(owner['routes'])) addMode(rawObject(route), mode, modes);
}

/** Browsers refuse such cookies: every client would be a new one for ever. */
function checkCookie(source: Source, path: Path, sticky: RawObject): void {
  const needsSecure = sticky['sameSite'] === 'none' ? '"sameSite": "none"' : sticky['partitioned'] === true ? '"partitioned": true' : null;
  if (needsSecure !== null && sticky['secure'] === false) {
    source.addAtValue([...path, 'secure'], `browsers refuse a cookie with ${needsSecure} that is not secure; write true instead`);
  }
}
