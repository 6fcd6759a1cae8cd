// Says in words what a configuration would do: the summary of `limpet check`.
import { relative } from 'node:path';
import type {
  CertificateConfig,
  Config,
  Destination,
  EditsConfig,
  ListenerConfig,
  MatchConfig,
  RouteConfig,
  ServerConfig,
  StickyConfig,
  TimeoutsConfig,
  TlsConfig,
  UpstreamConfig,
} from '../config/config.js';
import { formatDuration } from '../config/duration.js';
import { isByNameOnly } from '../config/route-by-name.js';
import { formatSize } from '../config/size.js';
import { formatAddress } from '../net/address.js';
import { readCertificate } from '../tls/certificate.js';

/** The summary, several lines, ending with a newline. */
export function describeConfig(config: Config, file: string): string {
  const used = usedUpstreams(config);
  const lines = [
    `${file} is sound. It would run ${countWorkers(config.workers)}${asWhom(config)}, finish within ${formatDuration(config.shutdownTimeout)} when stopped, and`,
    '',
    ...Object.entries(config.listeners).flatMap(([name, listener]) => [...describeListener(name, listener), '']),
    ...Object.entries(config.upstreams).flatMap(([name, upstream]) => [...describeUpstream(name, upstream, used.has(name)), '']),
    describeAccessLog(config),
    `write errors (${config.errorLog.level} and worse) to ${shortPath(config.errorLog.to)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function countWorkers(workers: number | 'auto'): string {
  if (workers === 'auto') return 'one worker for each processor';
  return workers === 1 ? 'one worker' : `${workers} workers`;
}

function asWhom({ user }: Config): string {
  return user === null ? '' : ` as ${user.name} (user ${user.uid}, group ${user.gid})`;
}

function describeListener(name: string, listener: ListenerConfig): string[] {
  const protocol = listener.mode === 'tcp' ? (listener.tls === null ? 'tcp' : 'tcp over tls') : listener.tls === null ? 'http' : 'https';
  return [
    `listen on ${formatAddress(listener.address)} (${name}, ${protocol})`,
    ...describeTls(listener.tls),
    ...(listener.proxyProtocol === null ? [] : [`  behind PROXY protocol from ${listener.proxyProtocol.from.join(', ')}`]),
    ...(listener.trustedProxies.length === 0 ? [] : [`  believing X-Forwarded-* from ${listener.trustedProxies.join(', ')}`]),
    ...describeRules('  ', listener),
    ...describeEdits('  ', listener),
    ...listener.connectionRules.map(({ when, deny }) => `  ${deny === true ? 'deny' : 'accept'} connections: ${describeMatch(when ?? {})}`),
    ...(listener.mode === 'tcp'
      ? listener.routes.flatMap((route) => describeTcpRoute(route, listener))
      : listener.routes.flatMap((route, index) => describeRoute(route, `${index + 1}.`, '  ', listener))),
    `  timeouts: ${describeTimeouts(relevantTimeouts(listener))}`,
    ...(listener.mode === 'tcp'
      ? []
      : [
          `  limits: head ${formatSize(listener.limits.head)}, fields ${listener.limits.fields}, target ${formatSize(listener.limits.target)}, body ${bodyLimit(listener.limits.body)}`,
        ]),
  ];
}

function describeTls(tls: TlsConfig | null): string[] {
  if (tls === null) return [];
  const versions = tls.minVersion === tls.maxVersion ? tls.minVersion : `${tls.minVersion} to ${tls.maxVersion}`;
  return [
    `  TLS: ${versions}, sessions resumed for ${formatDuration(tls.sessionTimeout)}`,
    ...tls.certificates.map((certificate) => `  ${describeCertificate(certificate)}`),
  ];
}

function describeCertificate({ cert, key, certPem, keyPem }: CertificateConfig): string {
  const { names, expiresMs } = readCertificate({ cert: certPem, key: keyPem, certLabel: cert, keyLabel: key });
  const expiry = new Date(expiresMs).toISOString().slice(0, 10);
  const validity = expiresMs < Date.now() ? `EXPIRED on ${expiry}` : `valid until ${expiry}`;
  return `certificate ${shortPath(cert)} for ${names.join(', ') || 'no name'}, ${validity}`;
}

function describeTcpRoute(route: RouteConfig, listener: ListenerConfig): string[] {
  const { match, destination } = route;
  const own = ownTimeouts(route, listener);
  return [
    `  connections${Object.keys(match).length === 0 ? '' : ` (${describeMatch(match)})`} → ${destination.kind === 'upstream' ? `upstream ${destination.upstream}` : 'closed'}`,
    ...(own.length === 0 ? [] : [`     timeouts: ${describeTimeouts(own)}`]),
  ];
}

function ownTimeouts(route: RouteConfig, outer: Pick<ListenerConfig, 'timeouts'>): [string, number][] {
  return Object.entries(route.timeouts).filter(([key, milliseconds]) => milliseconds !== outer.timeouts[key as keyof TimeoutsConfig]);
}

/** `outer`: what the route inherits from. */
function describeRoute(route: RouteConfig, number: string, indent: string, outer: Pick<ListenerConfig, 'timeouts' | 'limits'>): string[] {
  const own = ownTimeouts(route, outer);
  const hasOwnBody = route.limits.body !== outer.limits.body;
  const { destination } = route;
  const below = `${indent}   `;
  return [
    `${indent}${number} ${describeTaken(route)} → ${describeDestination(destination)}`,
    ...describeRules(below, route),
    ...describeEdits(below, route),
    ...describeHop(below, route),
    ...(own.length === 0 ? [] : [`${below}timeouts: ${describeTimeouts(own)}`]),
    ...(hasOwnBody ? [`${below}limits: body ${bodyLimit(route.limits.body)}`] : []),
    ...(destination.kind === 'routes'
      ? destination.routes.flatMap((inner, index) => describeRoute(inner, `${number}${index + 1}.`, below, route))
      : []),
  ];
}

function describeHop(indent: string, { toServer, destination }: RouteConfig): string[] {
  if (destination.kind !== 'upstream') return [];
  const parts = [
    toServer.httpVersion === '1.1' ? '' : `HTTP/${toServer.httpVersion}`,
    toServer.keepAlive ? '' : 'a new connection each time',
    toServer.buffer === 0 ? '' : `bodies awaited up to ${formatSize(toServer.buffer)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`${indent}to servers: ${parts.join(', ')}`];
}

function describeTaken(route: RouteConfig): string {
  if (isByNameOnly(route)) return `by the name ${route.name}`;
  return describeMatch(route.match) + (route.name === null ? '' : ` (${route.name})`);
}

function describeRules(
  indent: string,
  { rules, responseRules, lastRules }: Pick<RouteConfig, 'rules' | 'responseRules' | 'lastRules'>,
): string[] {
  const counts = [
    rules.length === 0 ? '' : `${rules.length} rules for requests`,
    responseRules.length === 0 ? '' : `${responseRules.length} for responses`,
    lastRules.length === 0 ? '' : `${lastRules.length} behind all else`,
  ].filter((count) => count !== '');
  return counts.length === 0 ? [] : [`${indent}${counts.join(', ')}`];
}

function describeMatch(match: MatchConfig): string {
  const lists = (['method', 'host', 'hostPattern', 'path', 'pathPattern', 'client'] as const).flatMap((key) => {
    const patterns = match[key];
    return patterns === undefined ? [] : [`${key} ${[patterns].flat().join(' or ')}`];
  });
  const named = (['header', 'cookie'] as const).flatMap((kind) =>
    Object.entries(match[kind] ?? {}).map(([name, pattern]) => describePattern(kind, name, pattern)),
  );
  return [...lists, ...named, ...describeFurther(match)].join(', ') || 'everything';
}

function describeFurther(match: MatchConfig): string[] {
  const { all = [], any = [], not, test = [], tls } = match;
  return [
    ...(tls === undefined ? [] : [tls ? 'over TLS' : 'without TLS']),
    ...test.map(
      ({ value, header, responseHeader, cookie, argument, members, filters, ...comparison }) =>
        `${members === true ? 'a member of ' : ''}${value ?? describeName({ field: header, 'response field': responseHeader, cookie, argument })}${[
          filters ?? [],
        ]
          .flat()
          .map((filter) => `|${filter}`)
          .join('')} ${Object.entries(comparison)
          .map(([key, wanted]) => `${key} ${[wanted].flat().join(' or ')}`)
          .join(', ')}`,
    ),
    ...all.map(describeMatch),
    ...(any.length === 0 ? [] : [`(${any.map(describeMatch).join(') or (')})`]),
    ...(not === undefined ? [] : [`not (${describeMatch(not)})`]),
  ];
}

/** The kind and the name of the one that is given. */
function describeName(names: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(names)
    .flatMap(([kind, name]) => (name === undefined ? [] : [`${kind} ${name}`]))
    .join('');
}

function describePattern(kind: string, name: string, pattern: string | boolean | readonly string[]): string {
  if (typeof pattern === 'boolean') return `${pattern ? 'with' : 'without'} ${kind} ${name}`;
  return `${kind} ${name} ${[pattern]
    .flat()
    .map((text) => `"${text}"`)
    .join(' or ')}`;
}

function describeDestination(destination: Destination): string {
  switch (destination.kind) {
    case 'upstream':
      return `upstream ${destination.upstream}`;
    case 'respond':
      return `answer ${destination.status}`;
    case 'redirect':
      return `redirect ${destination.status} to ${destination.to}`;
    case 'deny':
      return `deny with ${destination.status}`;
    case 'close':
      return 'close without an answer';
    case 'routes':
      return destination.choose === 'first' ? 'the first of' : 'the closest path of';
  }
}

function describeEdits(indent: string, owner: { request: EditsConfig; response: EditsConfig }): string[] {
  return (['request', 'response'] as const).flatMap((side) => {
    const { remove, set, add, replace = {} } = owner[side];
    const steps = [
      ...remove.map((name) => `remove ${name}`),
      ...Object.entries(set).map(([name, value]) => `set ${name}: ${value}`),
      ...Object.entries(add).map(([name, value]) => `add ${name}: ${value}`),
      ...Object.keys(replace).map((name) => `replace in ${name}`),
    ];
    return steps.length === 0 ? [] : [`${indent}${side}: ${steps.join(', ')}`];
  });
}

/** A tcp listener has no phases but connecting and the tunnel. */
function relevantTimeouts({ mode, timeouts }: ListenerConfig): [string, number][] {
  return Object.entries(timeouts).filter(([key]) => mode === 'http' || ['connect', 'tunnelIdle', 'halfClosed'].includes(key));
}

function describeTimeouts(timeouts: readonly [string, number][]): string {
  return timeouts.map(([key, milliseconds]) => `${key} ${formatDuration(milliseconds)}`).join(', ');
}

function bodyLimit(bytes: number): string {
  return bytes === 0 ? 'unlimited' : formatSize(bytes);
}

function usedUpstreams(config: Config): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = ({ destination }: RouteConfig): void => {
    if (destination.kind === 'upstream') used.add(destination.upstream);
    else if (destination.kind === 'routes') destination.routes.forEach(visit);
  };
  for (const { routes } of Object.values(config.listeners)) routes.forEach(visit);
  return used;
}

function describeUpstream(name: string, upstream: UpstreamConfig, used: boolean): string[] {
  return [
    `upstream ${name}: ${typeof upstream.balance === 'string' ? upstream.balance : upstream.balance.by}, ${describeSticky(upstream.sticky)}${used ? '' : ' (nothing leads here)'}`,
    ...upstream.servers.map(describeServer),
    ...describeEdits('  ', upstream),
    upstream.servers.length === 1
      ? '  the only server is never taken out'
      : `  ${describeHealth(upstream.health, 'servers are', 'a server')}`,
    ...(upstream.proxyProtocol === null ? [] : [`  servers get PROXY protocol ${upstream.proxyProtocol}`]),
  ];
}

function describeHealth({ passive }: UpstreamConfig['health'], subject: string, object: string): string {
  if (passive === null) return `${subject} never taken out`;
  return `${passive.failures} failures within ${formatDuration(passive.window)} take ${object} out for ${formatDuration(passive.downFor)}`;
}

function describeServer(server: ServerConfig): string {
  const address = formatAddress(server.address);
  const facts = [
    server.name === address ? '' : address,
    server.weight === 1 ? '' : `weight ${server.weight}`,
    server.backup ? 'backup' : '',
    server.maxConnections === null ? '' : `at most ${server.maxConnections} at a time`,
    server.admin === 'ready' ? '' : server.admin,
    server.health === null ? '' : describeHealth(server.health, 'it is', 'it'),
  ];
  return `  server ${server.name}${facts
    .filter((fact) => fact !== '')
    .map((fact, index) => (index === 0 ? ` ${fact}` : `, ${fact}`))
    .join('')}`;
}

function describeSticky(sticky: StickyConfig | null): string {
  if (sticky === null) return 'not sticky';
  const lost = sticky.strict ? '503 while its server is down' : 'another server when its own is down';
  return `sticky by ${describeSession(sticky)}, ${lost}`;
}

function describeSession(sticky: StickyConfig): string {
  switch (sticky.policy) {
    case 'cookie':
      return `${sticky.secret === null ? '' : 'signed '}cookie "${sticky.name}"`;
    case 'source':
      return `source address (${describePrefixes(sticky.ipv4Prefix, sticky.ipv6Prefix)})`;
    case 'app-cookie':
      return `the application's cookie "${sticky.name}"`;
    case 'route':
      return `the route in ${sticky.from.join(', or ')}`;
  }
}

function describePrefixes(ipv4Prefix: number, ipv6Prefix: number): string {
  return `IPv4 /${ipv4Prefix}, IPv6 /${ipv6Prefix}`;
}

function describeAccessLog({ accessLog }: Config): string {
  return accessLog === null ? 'write no access log' : `write the access log (${accessLog.format}) to ${shortPath(accessLog.to)}`;
}

/** From here, where that is shorter. */
function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return path.startsWith('/') && !fromHere.startsWith('..') ? fromHere : path;
}
