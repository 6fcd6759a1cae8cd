// The names that a Value can read of an exchange, with their meaning: docs/values.md is checked against it.
import type { MessageHead } from '../wire/message-head.js';
import type { ExchangeView } from './exchange-view.js';
import { membersOf } from './list-members.js';
import { decodeBytes } from './percent-encoding.js';
import { queryArgument } from './query-argument.js';
import { requestCookie } from './request-cookie.js';
import { isToken } from './token.js';

export type ValueReader<X extends ExchangeView = ExchangeView> = (x: X) => string;

/** A name that stands alone, such as `client.ip`. */
export interface SingleName<X extends ExchangeView> {
  readonly meaning: string;
  readonly read: ValueReader<X>;
}

/** Names that share a beginning and go on with a key, such as `header.NAME`. */
export interface NameFamily<X extends ExchangeView> {
  readonly meaning: string;
  /** What a key must be, for messages. */
  readonly wants: string;
  takes(key: string): boolean;
  readerFor(key: string): ValueReader<X>;
}

/** What a template may name. The keys of `families` end with a dot. */
export interface ValueNames<X extends ExchangeView = ExchangeView> {
  readonly singles: ReadonlyMap<string, SingleName<X>>;
  readonly families: ReadonlyMap<string, NameFamily<X>>;
}

function lastMember(head: MessageHead, name: string): string {
  if (head.get(name) === undefined) return '';
  return membersOf(head.getAll(name).at(-1)!).at(-1)!.trim();
}

function versionText(version: number): string {
  if (version === 11) return '1.1';
  return version === 10 ? '1.0' : '2';
}

/** A dot at the beginning of a name hides it and ends nothing. */
function extensionOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot < 1 || path[dot - 1] === '/' || path.indexOf('/', dot) >= 0 ? '' : path.slice(dot + 1).toLowerCase();
}

function portText(port: number): string {
  return port === 0 ? '' : String(port);
}

const singles: Record<string, SingleName<ExchangeView>> = {
  'client.ip': {
    meaning: "The client's address, after the PROXY protocol and trusted forwarded fields; empty for a unix socket.",
    read: (x) => x.client.ip,
  },
  'client.port': { meaning: "The client's port; empty when it is not known.", read: (x) => portText(x.client.port) },
  'peer.ip': { meaning: 'The address at the other end of the socket itself, whoever it speaks for.', read: (x) => x.peerIp },
  'listener.name': { meaning: 'The name of the listener.', read: (x) => x.listener.name },
  'listener.ip': { meaning: 'The local address that the client connected to.', read: (x) => x.listener.localIp },
  'listener.port': { meaning: 'The local port that the client connected to.', read: (x) => portText(x.listener.localPort) },
  scheme: { meaning: '`https` or `http`: what the client speaks, a trusted X-Forwarded-Proto applied.', read: (x) => x.scheme },
  host: { meaning: 'The host that the client asked for, in lower case, without port and without a dot at its end.', read: (x) => x.host },
  authority: { meaning: 'Host and port as the client gave them.', read: (x) => x.request.authority },
  method: { meaning: 'The request method.', read: (x) => x.request.method },
  'method.received': {
    meaning: 'The request method as the client sent it, also where an error page is asked for with GET.',
    read: (x) => x.receivedMethod,
  },
  target: { meaning: 'The request target, path and query, as it goes to the server.', read: (x) => x.request.target },
  'target.received': {
    meaning: 'The request target as the client sent it, whatever rules have made of it.',
    read: (x) => x.receivedTarget,
  },
  'target.changed': {
    meaning: '`1` when a rule or an error page has given the request another target, else empty.',
    read: (x) => (x.isRetargeted ? '1' : ''),
  },
  path: { meaning: 'The normalised path, which routes match; without the query.', read: (x) => x.path },
  'path.decoded': { meaning: 'The normalised path with everything decoded.', read: (x) => decodeBytes(x.path) },
  'path.extension': {
    meaning: 'What stands behind the last dot of the last part of the path, in small letters; empty when nothing does.',
    read: (x) => extensionOf(decodeBytes(x.path)),
  },
  query: { meaning: 'The query with its `?`; empty when there is none.', read: (x) => x.query },
  arguments: { meaning: 'The query without its `?`.', read: (x) => x.query.slice(1) },
  questionMark: { meaning: '`?` when there is a query, else nothing.', read: (x) => (x.query.length > 1 ? '?' : '') },
  forwardedFor: {
    meaning: "X-Forwarded-For as it came, with the client's address behind it.",
    read: (x) => {
      const before = x.request.get('x-forwarded-for');
      return before === undefined ? x.client.ip : `${before}, ${x.client.ip}`;
    },
  },
  version: { meaning: "The request's HTTP version: `1.0`, `1.1` or `2`.", read: (x) => versionText(x.request.version) },
  'response.status': {
    meaning: 'The status of the response; empty before there is one.',
    read: (x) => (x.response === null ? '' : String(x.response.status)),
  },
  'tls.protocol': { meaning: 'The TLS version with the client, such as `TLSv1.3`.', read: (x) => (x.tls === null ? '' : x.tls.protocol) },
  'tls.cipher': { meaning: 'The cipher suite of the TLS connection with the client.', read: (x) => (x.tls === null ? '' : x.tls.cipher) },
  'tls.serverName': {
    meaning: 'The server name that the client sent in TLS (SNI).',
    read: (x) => (x.tls === null ? '' : x.tls.serverName),
  },
  'tls.resumed': {
    meaning: '`true` when the client resumed a TLS session, `false` when not; empty without TLS.',
    read: (x) => (x.tls === null ? '' : String(x.tls.resumed)),
  },
  'upstream.name': { meaning: 'The name of the upstream; empty while none is chosen.', read: (x) => x.upstreamName },
  'server.name': { meaning: 'The name of the server; empty while none is chosen.', read: (x) => x.serverName },
  'server.address': { meaning: 'The address of the server; empty while none is chosen.', read: (x) => x.serverAddress },
  id: { meaning: 'A random id of the exchange, 32 hex digits, the same wherever it is read.', read: (x) => x.id },
  'time.iso': { meaning: 'The time now, in UTC: `2026-01-31T12:34:56.789Z`.', read: () => new Date().toISOString() },
  'time.unix': { meaning: 'The time now, in whole seconds since 1970.', read: () => String(Math.floor(Date.now() / 1000)) },
};

const families: Record<string, NameFamily<ExchangeView>> = {
  'header.': {
    meaning: 'The first request field NAME, in any case.',
    wants: 'a field name',
    takes: isToken,
    readerFor(key) {
      const name = key.toLowerCase();
      return (x) => x.request.get(name) ?? '';
    },
  },
  'lastMember.': {
    meaning: 'The last member of all request fields NAME, as of one list with commas.',
    wants: 'a field name',
    takes: isToken,
    readerFor(key) {
      const name = key.toLowerCase();
      return (x) => lastMember(x.request, name);
    },
  },
  'cookie.': {
    meaning: 'The value of the first cookie NAME of the request, without quotes around it; nothing is decoded.',
    wants: 'a cookie name',
    takes: isToken,
    readerFor: (key) => (x) => requestCookie(x.request, key) ?? '',
  },
  'response.header.': {
    meaning: 'The first response field NAME, in any case; empty before there is a response.',
    wants: 'a field name',
    takes: isToken,
    readerFor(key) {
      const name = key.toLowerCase();
      return (x) => (x.response === null ? '' : (x.response.get(name) ?? ''));
    },
  },
  'response.lastMember.': {
    meaning: 'The same of the response fields NAME.',
    wants: 'a field name',
    takes: isToken,
    readerFor(key) {
      const name = key.toLowerCase();
      return (x) => (x.response === null ? '' : lastMember(x.response, name));
    },
  },
  'query.': {
    meaning: 'The first argument NAME of the query, as it came; nothing is decoded.',
    wants: "an argument's name",
    takes: isToken,
    readerFor: (key) => (x) => queryArgument(x.query, key),
  },
  'capture.': {
    meaning: 'What the pattern that matched last has found for its group, by number (0 is the whole) or by name.',
    wants: "a group's number or name",
    takes: (key) => /^(\d{1,2}|[A-Za-z_]\w*)$/.test(key),
    readerFor(key) {
      if (!/^\d/.test(key)) return (x) => x.captures?.groups?.[key] ?? '';
      const group = Number(key);
      return (x) => x.captures?.[group] ?? '';
    },
  },
  'map.': {
    meaning: 'What the map NAME makes of the exchange.',
    wants: "a map's name",
    takes: isToken,
    readerFor: (key) => (x) => x.readMap(key),
  },
  'var.': {
    meaning: 'The variable NAME that a rule has set on the exchange.',
    wants: 'a variable name',
    takes: isToken,
    readerFor: (key) => (x) => x.getVariable(key),
  },
};

/** The names of the JSON language: docs/values.md lists them. */
export const standardNames: ValueNames = {
  singles: new Map(Object.entries(singles)),
  families: new Map(Object.entries(families)),
};

const ofConnections = ['client.', 'peer.', 'listener.', 'tls.', 'time.'];

/** Those that are known before anything of the protocol has been read. */
export const connectionNames: ValueNames = {
  singles: new Map(Object.entries(singles).filter(([name]) => ofConnections.some((beginning) => name.startsWith(beginning)))),
  families: new Map(),
};
