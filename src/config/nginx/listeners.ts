// Server blocks as listeners: one for each address, its servers chosen by name in nginx's order of precedence.
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';
import { errorPages } from './error-pages.js';
import type { LocationParts } from './location-parts.js';
import { locationRoutes, routeContent } from './locations.js';
import { judgePattern, rewriteRules } from './rewrite-rules.js';
import type { Scope } from './scope.js';
import type { Statement } from './statements.js';
import { tlsOf } from './tls.js';
import { durationOf, parseSize } from './units.js';
import { captureNames } from './variables.js';

type Written = Record<string, unknown>;

export interface VirtualServer {
  readonly scope: Scope;
  readonly place: Place;
}

interface Listening {
  readonly server: VirtualServer;
  readonly statement: Statement;
  readonly isDefault: boolean;
  readonly isTls: boolean;
  readonly hasProxyProtocol: boolean;
  readonly setsSocket: boolean;
}

/** Options of "listen" that say how the system is asked for the socket. */
const socketOptions =
  /^(reuseport|deferred|bind|backlog=\d+|rcvbuf=\d+[kKmM]?|sndbuf=\d+[kKmM]?|fastopen=\d+|ipv6only=(on|off)|so_keepalive=(on|off|\w*:\w*:\d*)|setfib=\d+|accept_filter=\w+)$/;
/** Options that say what is spoken. */
const protocolOptions = ['default_server', 'default', 'ssl', 'proxy_protocol', 'http2', 'quic'];

/** Every address of the servers, with who listens there, in the order of the file. */
export function addressesOf(servers: readonly VirtualServer[], builder: TranslationBuilder): Map<string, Listening[]> {
  const byAddress = new Map<string, Listening[]>();
  for (const server of servers) {
    const written = server.scope.all('listen');
    const statements =
      written.length > 0 ? written : [{ name: 'listen', args: [{ text: '80', isQuoted: false }], block: null, place: server.place }];
    for (const statement of statements) {
      const options = statement.args.slice(1).map(({ text }) => text);
      for (const option of options) {
        if (!protocolOptions.includes(option) && !socketOptions.test(option))
          builder.refuse(
            statement.place,
            `invalid parameter "${option}"; write default_server, ssl, proxy_protocol or an option of the socket`,
          );
        if (option === 'http2' || option === 'quic') builder.note(statement.place, `"${option}": clients are offered HTTP/1.1`);
      }
      const address = listenAddress(statement, builder);
      const listening = {
        server,
        statement,
        isDefault: options.includes('default_server') || options.includes('default'),
        isTls: options.includes('ssl'),
        hasProxyProtocol: options.includes('proxy_protocol'),
        setsSocket: options.some((option) => socketOptions.test(option)),
      };
      const others = byAddress.get(address) ?? [];
      if (others.some((other) => other.server === server)) builder.refuse(statement.place, `a duplicate listen ${address}; write it once`);
      if (listening.isDefault && others.some(({ isDefault }) => isDefault))
        builder.refuse(statement.place, `a duplicate default server for ${address}; write default_server once`);
      if (listening.setsSocket && others.some(({ setsSocket }) => setsSocket))
        builder.refuse(statement.place, `duplicate listen options for ${address}; write them with the first "listen" of the address alone`);
      byAddress.set(address, [...others, listening]);
    }
  }
  return joinFamilies(byAddress);
}

function listenAddress({ args, place }: Statement, builder: TranslationBuilder): string {
  const text = args[0]!.text;
  const written = addressOf(text);
  const port = /:(\d+)$/.exec(written)?.[1];
  if (text === '') builder.refuse(place, 'no host in "" of the "listen" directive; write an address, a port, or both');
  else if (!text.startsWith('unix:') && (port === undefined || Number(port) < 1 || Number(port) > 65_535))
    builder.refuse(place, `invalid port in "${text}" of the "listen" directive; write one from 1 to 65535`);
  return written;
}

function addressOf(text: string): string {
  if (text.startsWith('unix:')) return text;
  if (/^\d+$/.test(text)) return `0.0.0.0:${text}`;
  const host = /^\[.*\]$/.test(text) || !/:\d+$/.test(text) ? text : text.slice(0, text.lastIndexOf(':'));
  const port = host === text ? '80' : text.slice(text.lastIndexOf(':') + 1);
  return `${host === '*' ? '0.0.0.0' : host === 'localhost' ? '127.0.0.1' : host}:${port}`;
}

/** "listen 80; listen [::]:80;" is one socket for both families here. */
function joinFamilies(byAddress: Map<string, Listening[]>): Map<string, Listening[]> {
  for (const [address, listening] of [...byAddress]) {
    const port = /^\[::\]:(\d+)$/.exec(address)?.[1];
    const other = port === undefined ? undefined : byAddress.get(`0.0.0.0:${port}`);
    if (port === undefined || other === undefined) continue;
    const servers = new Set(other.map(({ server }) => server));
    byAddress.delete(address);
    byAddress.delete(`0.0.0.0:${port}`);
    byAddress.set(`:${port}`, [...other, ...listening.filter(({ server }) => !servers.has(server))]);
  }
  return byAddress;
}

/** The listener for an address. */
export function httpListener(
  address: string,
  listening: readonly Listening[],
  parts: Omit<LocationParts, 'ownOrigin' | 'routeNames' | 'serverPages'>,
): Written {
  const { builder } = parts;
  const chosen = listening.find(({ isDefault }) => isDefault) ?? listening[0]!;
  const { scope } = chosen.server;
  const isTls = listening.some((one) => one.isTls);
  const plain = isTls ? listening.find((one) => !one.isTls) : undefined;
  if (plain !== undefined) builder.lack(plain.statement.place, `other servers speak TLS at ${address}; write "ssl" here too`);
  const port = /:(\d+)$/.exec(address)?.[1] ?? '';
  const isStandard = port === '' || port === (isTls ? '443' : '80');
  const ownOrigin = `\${scheme}://\${host}${isStandard ? '' : `:${port}`}`;
  const routes = serverRoutes(listening, chosen, { ...parts, ownOrigin, routeNames: new Map(), serverPages: [] });
  const written: Written = {
    address,
    ...(isTls
      ? {
          tls: tlsOf(
            listening.map(({ server }) => server.scope),
            scope,
            chosen.statement.place,
            builder,
          ),
        }
      : {}),
    ...(listening.some((one) => one.hasProxyProtocol) ? { proxyProtocol: { from: ['0.0.0.0/0', '::/0', 'unix'] } } : {}),
    profile: 'nginx',
    forwarded: false,
    timeouts: clientTimeouts(scope, builder),
    limits: headLimits(scope, builder),
    response: { set: { Server: 'limpet' } },
    routes,
  };
  return builder.mark(written, chosen.statement.place, `${chosen.statement.place.file}:${chosen.statement.place.line} listen ${address}`);
}

function clientTimeouts(scope: Scope, builder: TranslationBuilder): Written {
  const read = (name: string, absent: string) => {
    const statement = scope.find(name);
    return statement === undefined ? absent : (durationOf(statement, builder) ?? absent);
  };
  return { requestHead: read('client_header_timeout', '60s'), idle: read('keepalive_timeout', '75s'), halfClosed: '60s' };
}

/** A head has so many buffers of this size, and a line of it one. */
function headLimits(scope: Scope, builder: TranslationBuilder): Written {
  const statement = scope.find('large_client_header_buffers');
  const count = Number(statement?.args[0]?.text ?? 4);
  const bytes = statement === undefined ? 8192 : parseSize(statement.args[1]!.text);
  if (bytes === null || !Number.isInteger(count) || count < 1) {
    builder.refuse(statement!.place, '"large_client_header_buffers" directive has invalid value; write a number and a size, such as 4 8k');
    return {};
  }
  return { head: Math.min(Math.max(count * bytes, 1024), 1024 ** 2), target: Math.min(Math.max(bytes, 64), 1024 ** 2), fields: 1000 };
}

interface NamedServer {
  readonly server: VirtualServer;
  /** exact, then longest "*.…", then longest "….*", then patterns in order. */
  readonly rank: number;
  readonly length: number;
  readonly match: Written;
}

/** In nginx's order of precedence; the default server last, for everybody else. */
function serverRoutes(listening: readonly Listening[], chosen: Listening, parts: LocationParts): Written[] {
  const servers = [...new Set(listening.map(({ server }) => server))];
  const all = servers.flatMap((server) => namesOf(server, parts.builder));
  const onlyExact = all.every(({ rank, server }) => rank === 0 || server === chosen.server);
  // Where nobody's wildcard could take what the default server names, its names need no routes of their own.
  const needed = onlyExact ? all.filter(({ server }) => server !== chosen.server) : all;
  const sorted = [...needed].sort((a, b) => a.rank - b.rank || (a.rank === 3 ? 0 : b.length - a.length));
  const groups: { server: VirtualServer; matches: Written[] }[] = [];
  for (const { server, match } of sorted) {
    const last = groups.at(-1);
    if (last?.server === server) last.matches.push(match);
    else groups.push({ server, matches: [match] });
  }
  const names = routeNamesOf(groups.map(({ server }) => server).concat(chosen.server));
  const routes = groups.map(({ server, matches }, index) => ({ match: joined(matches), ...serverRoute(server, names[index]!, parts) }));
  return [...routes, serverRoute(chosen.server, names.at(-1)!, parts)].map((route, index) => {
    const { place } = groups[index]?.server ?? chosen.server;
    return parts.builder.mark(route, place, `${place.file}:${place.line} server`);
  });
}

/** The named locations of each server; a name that was given before gets a number, since routes of a listener share one room. */
function routeNamesOf(servers: readonly VirtualServer[]): Map<string, string>[] {
  const taken = new Set<string>();
  return servers.map(({ scope }) => {
    const names = scope.all('location').flatMap(({ args }) => (args[0]!.text.startsWith('@') ? [args[0]!.text.slice(1)] : []));
    const own = new Map<string, string>();
    for (const name of names) {
      let unique = name;
      for (let count = 2; taken.has(unique); count++) unique = `${name}-${count}`;
      taken.add(unique);
      own.set(name, unique);
    }
    return own;
  });
}

function joined(matches: readonly Written[]): Written {
  if (matches.length === 1) return matches[0]!;
  if (matches.every((match) => match['host'] !== undefined)) return { host: matches.map((match) => match['host']) };
  return { any: matches };
}

function namesOf(server: VirtualServer, builder: TranslationBuilder): NamedServer[] {
  return server.scope.all('server_name').flatMap(({ args, place }) =>
    args.flatMap(({ text }): NamedServer[] => {
      const name = text.toLowerCase();
      if (name === '' || name === '_' || name.includes('$')) return [];
      if (name === '.') {
        builder.refuse(place, 'server name "." is invalid; write a name');
        return [];
      }
      const entry = (rank: number, match: Written): NamedServer => ({ server, rank, length: name.length, match });
      if (name.startsWith('~')) {
        const hostPattern = text.slice(1).replaceAll('(?P<', '(?<');
        judgePattern(hostPattern, place, builder);
        return [entry(3, { hostPattern })];
      }
      if (name.startsWith('.')) return [entry(0, { host: name.slice(1) }), entry(1, { host: `*${name}` })];
      if (name.startsWith('*.')) return [entry(1, { host: name })];
      if (name.endsWith('.*')) return [entry(2, { hostPattern: `^${name.slice(0, -2).replaceAll('.', '\\.')}\\.` })];
      if (name.includes('*'))
        (/^[^*]+\.\*\.[^*]+$/.test(name) ? builder.lack : builder.refuse).call(
          builder,
          place,
          `invalid server name or wildcard "${text}"; write *.name or name.*`,
        );
      return [entry(0, { host: name })];
    }),
  );
}

function serverRoute(server: VirtualServer, routeNames: ReadonlyMap<string, string>, parts: LocationParts): Written {
  const { scope, place } = server;
  const first = scope.find('server_name')?.args[0]?.text ?? '';
  const values = parts.values.with({ server_name: first });
  const named = { ...parts, values, routeNames };
  const serverPages = errorPages(scope, named);
  const inside = { ...named, serverPages };
  const rules = rewriteRules(scope.statements, {
    builder: parts.builder,
    values,
    isInLocation: false,
    contentType: () => parts.types.templateFor(scope, null),
    ownOrigin: parts.ownOrigin,
  });
  const locations = locationRoutes(scope, inside);
  // What a name's pattern has found is kept: the next pattern would take its place.
  const names = scope.all('server_name').flatMap(({ args }) => args.flatMap(({ text }) => captureNames(text)));
  const kept = names.length === 0 ? [] : [{ variables: Object.fromEntries(names.map((name) => [name, `\${capture.${name}}`])) }];
  const withRules = kept.length + rules.length === 0 ? {} : { rules: [...kept, ...rules] };
  const withPages = serverPages.length === 0 ? {} : { errorPages: serverPages };
  if (locations.length > 0) return { ...withRules, ...withPages, choose: 'closest-path', routes: locations };
  return { ...withPages, ...routeContent(scope, { head: {}, path: '', isNamed: false }, place, inside) };
}
