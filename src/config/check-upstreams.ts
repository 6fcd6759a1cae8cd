// What is wrong inside an upstream, and stickiness that could never work.
import { formatAddress } from '../net/address.js';
import { parsedAddress } from './check-listeners.js';
import { type RawObject, rawList, rawObject, rawObjects, rawText } from './raw.js';
import type { Path, Source } from './source.js';

export function checkUpstreams(source: Source): void {
  const root = rawObject(source.value);
  for (const [name, upstream] of rawObjects(root['upstreams'])) {
    const path = ['upstreams', name];
    checkServers(source, [...path, 'servers'], upstream['servers']);
    if (upstream['sticky'] !== undefined) checkStickyUse(source, path, name, rawObjects(root['listeners']));
    checkCookie(source, [...path, 'sticky'], rawObject(upstream['sticky']));
  }
}

function checkServers(source: Source, path: Path, written: unknown): void {
  const addresses = new Map<string, number>();
  const names = new Map<string, number>();
  for (const [index, server] of rawList(written).entries()) {
    const object = rawObject(server);
    const addressPath = typeof server === 'string' ? [...path, index] : [...path, index, 'address'];
    const address = parsedAddress(typeof server === 'string' ? server : object['address'], 'server');
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

function checkStickyUse(source: Source, path: Path, name: string, listeners: readonly [string, RawObject][]): void {
  const users = listeners.filter(([, listener]) => leadsTo(listener, name));
  if (users.length === 0 || users.some(([, listener]) => listener['mode'] !== 'tcp')) return;
  source.addAtKey(
    [...path, 'sticky'],
    'only tcp listeners use this upstream, and there is no cookie in plain bytes; remove it, or write an http listener that leads here',
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
