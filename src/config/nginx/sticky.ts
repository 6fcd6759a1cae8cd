// How an upstream sticks: ip_hash, the sticky directive of nginx itself, and that of the module that many build into it. What
// a cookie says of a server is the same as there, so that clients keep theirs.
import { createHash, createHmac } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { TranslationBuilder } from '../translation-builder.js';
import type { Statement } from './statements.js';
import { duration, parseTime } from './units.js';
import { hasVariable, type ValueTranslator } from './variables.js';

type Written = Record<string, unknown>;

/** What is known where a sticky directive is translated. */
interface Surroundings {
  readonly statement: Statement;
  readonly servers: readonly Written[];
  readonly values: ValueTranslator | null;
  readonly builder: TranslationBuilder;
}

/** The upstream's "sticky"; servers are given what names them in cookies. */
export function stickyOf(
  statements: readonly Statement[],
  servers: readonly Written[],
  values: ValueTranslator | null,
  builder: TranslationBuilder,
): Written {
  // By the first three bytes of an IPv4 address, and by the whole of an IPv6 address.
  if (statements.some(({ name }) => name === 'ip_hash')) return { sticky: { policy: 'source', ipv4Prefix: 24, ipv6Prefix: 128 } };
  const statement = statements.find(({ name }) => name === 'sticky');
  if (statement === undefined) return {};
  const around = { statement, servers, values, builder };
  switch (statement.args[0]?.text) {
    case 'cookie':
      return ownCookie(around);
    case 'route':
      return route(around);
    case 'learn':
      return learn(around);
    default:
      return moduleCookie(around);
  }
}

/** sticky cookie NAME …; */
function ownCookie({ statement: { args, place }, servers, builder }: Surroundings): Written {
  const [, name = '', ...options] = args.map(({ text }) => text);
  if (name === '' || name.includes('=')) builder.refuse(place, 'the cookie has no name; write sticky cookie route;');
  const cookie: Written = { policy: 'cookie', name, httpOnly: false, secure: false };
  for (const option of options) {
    if (!takeAttribute(cookie, option, place, builder))
      builder.refuse(place, `invalid parameter "${option}"; write expires=, domain=, path=, httponly, secure or samesite=`);
  }
  for (const server of servers) {
    const address = String(server['address']);
    if (server['route'] !== undefined) server['cookie'] = server['route'];
    else if (isIpAddress(address)) server['cookie'] = createHash('md5').update(address).digest('hex');
  }
  return { sticky: cookie };
}

/** sticky route $VARIABLE …; */
function route({ statement: { args, place }, values, builder }: Surroundings): Written {
  const variables = args.slice(1).map(({ text }) => text);
  if (variables.length === 0) builder.refuse(place, 'nothing tells the route; write sticky route $cookie_route;');
  return { sticky: { policy: 'route', from: variables.map((text) => values?.template(text, place) ?? '') } };
}

/** sticky learn create=$upstream_cookie_NAME lookup=$cookie_NAME zone=…; */
function learn({ statement: { args, place }, builder }: Surroundings): Written {
  const sticky: Written = { policy: 'app-cookie', idleTimeout: '10m' };
  const names = { create: '', lookup: '', zone: '' };
  for (const { text: option } of args.slice(1)) {
    const [key = '', value = ''] = splitOption(option);
    if (key === 'create' || key === 'lookup' || key === 'zone') names[key] ||= value;
    else if (key === 'timeout' && parseTime(value) !== null) sticky['idleTimeout'] = duration(value, place, key, builder);
    // Sessions are learned from the head, and shared by all workers.
    else if (option !== 'header' && option !== 'sync')
      builder.refuse(place, `invalid parameter "${option}"; write create=, lookup=, zone=, timeout= or header`);
  }
  if (names.create === '' || names.lookup === '' || names.zone === '')
    builder.refuse(place, 'write create=$upstream_cookie_name, lookup=$cookie_name and zone=name:size');
  const created = /^\$upstream_cookie_(\w+)$/.exec(names.create)?.[1];
  const lookedUp = /^\$cookie_(\w+)$/.exec(names.lookup)?.[1];
  if (created === undefined || created !== lookedUp) {
    builder.lack(place, 'sessions are learned from one cookie; write create=$upstream_cookie_name lookup=$cookie_name');
    return {};
  }
  return { sticky: { ...sticky, name: created } };
}

type Digest = (bytes: Buffer) => string;

/** sticky [name=…] […]; of the module. */
function moduleCookie({ statement: { args, place }, servers, builder }: Surroundings): Written {
  const cookie: Written = { policy: 'cookie', name: 'route', httpOnly: false, secure: false };
  const made: Record<string, string> = {};
  for (const { text: option } of args) {
    const [key = '', value = ''] = splitOption(option);
    if (key === 'name' && value !== '') cookie['name'] = value;
    else if (option === 'no_fallback') cookie['strict'] = true;
    else if (['hash', 'hmac', 'hmac_key', 'text'].includes(key) && value !== '') made[key] = value;
    else if (key === 'samesite' || !takeAttribute(cookie, option, place, builder))
      builder.refuse(
        place,
        `invalid parameter "${option}"; write name=, domain=, path=, expires=, hash=, hmac=, hmac_key=, text=, no_fallback, secure or httponly`,
      );
  }
  if (['hash', 'hmac', 'text'].filter((key) => made[key] !== undefined).length > 1)
    builder.refuse(place, 'please choose between "hash=", "hmac=" and "text="; write one of them');
  if ((made['hmac'] === undefined) !== (made['hmac_key'] === undefined))
    builder.refuse(place, '"hmac=" and "hmac_key=" belong together; write both');
  const digest = digestOf(made);
  if (digest === null) builder.refuse(place, 'wrong value for "hash=", "hmac=" or "text="; write md5 or sha1, or hash=index or text=raw');
  else nameServers(servers, made, digest);
  // Where there is no choice, the module has nothing to say.
  return servers.filter((server) => server['backup'] !== true).length > 1 ? { sticky: cookie } : {};
}

function digestOf({ hash = 'md5', hmac, hmac_key: key = '', text }: Record<string, string>): Digest | null {
  const algorithm = hmac ?? text ?? hash;
  if (text === 'raw') return (bytes) => bytes.toString('latin1');
  if (algorithm === 'index' && hmac === undefined && text === undefined) return () => '';
  if (algorithm !== 'md5' && algorithm !== 'sha1') return null;
  if (hmac !== undefined) return (bytes) => createHmac(algorithm, key).update(bytes).digest('hex');
  return (bytes) => createHash(algorithm).update(bytes).digest('hex');
}

function nameServers(servers: readonly Written[], { hash, text }: Record<string, string>, digest: Digest): void {
  for (const [index, server] of servers.entries()) {
    const address = String(server['address']);
    if (hash === 'index') server['cookie'] = String(index);
    else if (text !== undefined && isIpAddress(address)) server['cookie'] = digest(Buffer.from(address));
    else if (text === undefined && isIPv4(hostOf(address))) server['cookie'] = digest(socketAddress(address));
  }
}

/** What the module makes its digests of: the address as the system has it (struct sockaddr_in). */
function socketAddress(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(2);
  bytes.writeUInt16BE(Number(address.slice(address.lastIndexOf(':') + 1)), 2);
  for (const [index, part] of hostOf(address).split('.').entries()) bytes[4 + index] = Number(part);
  return bytes;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

/** What a name resolves to is not known beforehand. */
function isIpAddress(address: string): boolean {
  return isIPv4(hostOf(address)) || address.startsWith('[');
}

/** An attribute that both directives know. False: it is none. */
function takeAttribute(cookie: Written, option: string, place: Statement['place'], builder: TranslationBuilder): boolean {
  const [key = '', value = ''] = splitOption(option);
  if (hasVariable(value)) builder.lack(place, `"${option}": variables are not supported here; write the ${key} itself`);
  if (key === 'expires' && value === 'max') cookie['maxAge'] = '3650d';
  else if (key === 'expires' && parseTime(value) !== null) cookie['maxAge'] = duration(value, place, key, builder);
  else if (key === 'domain' && value !== '') cookie['domain'] = value;
  else if (key === 'path' && value !== '') cookie['path'] = value;
  else if (option === 'httponly') cookie['httpOnly'] = true;
  else if (option === 'secure') cookie['secure'] = true;
  else if (key === 'samesite' && value !== '') cookie['sameSite'] = value.toLowerCase();
  else return false;
  return true;
}

function splitOption(option: string): [key: string, value: string] {
  const equals = option.indexOf('=');
  return equals < 0 ? [option, ''] : [option.slice(0, equals), option.slice(equals + 1)];
}
