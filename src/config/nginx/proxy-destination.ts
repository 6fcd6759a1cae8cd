// proxy_pass and its companions: the upstream, what its servers are sent, and what of their answers is changed.
import type { Place } from '../front-end.js';
import { cookieRules } from './cookie-attributes.js';
import type { LocationMatch, LocationParts } from './location-parts.js';
import { javascriptPattern } from './rewrite-rules.js';
import type { Scope } from './scope.js';
import type { Statement } from './statements.js';
import { repeatableMethods } from './upstreams.js';
import { capturesOf, hasVariable, type ValueTranslator } from './variables.js';

type Route = Record<string, unknown>;

/** http://authority/uri, or http://unix:/path:/uri. */
interface Target {
  readonly authority: string;
  /** '' when none is written. */
  readonly uri: string;
  readonly url: string;
}

/** Fields that belong to one hop; what they say is understood, not passed on. */
const hopFields = new Set([
  'connection',
  'upgrade',
  'keep-alive',
  'te',
  'transfer-encoding',
  'content-length',
  'proxy-connection',
  'trailer',
]);

/** The part of a route that proxy_pass makes; null where there is none. */
export function proxyDestination(statement: Statement | undefined, scope: Scope, found: LocationMatch, parts: LocationParts): Route | null {
  if (statement === undefined) return null;
  const target = targetOf(statement, parts);
  if (target === null) return { deny: { status: 500 } };
  const { place } = statement;
  if (target.authority.startsWith('$')) return chosenByMap(scope, found, target, place, parts);
  return toUpstream(scope, found, target, place, parts);
}

function targetOf({ args, place }: Statement, { builder }: LocationParts): Target | null {
  const url = args[0]!.text;
  const scheme = /^(\w+):\/\//.exec(url)?.[1];
  if (scheme === 'https') {
    builder.lack(place, 'servers are spoken to without TLS; write http:// where that is acceptable');
    return null;
  }
  if (scheme !== 'http') {
    builder.refuse(place, 'invalid URL prefix; write http:// before the server or the upstream');
    return null;
  }
  const rest = url.slice(7);
  const unix = /^(unix:[^:]+)(?::(.*))?$/.exec(rest);
  if (unix !== null) return { authority: unix[1]!, uri: unix[2] ?? '', url };
  // A variable at the beginning is the server; one behind it begins the URI.
  const found = rest.slice(1).search(/[/?]|\$/);
  const slash = found < 0 || (rest.startsWith('$') && rest[found + 1] === '$') ? rest.search(/[/?]/) : found + 1;
  return { authority: slash < 0 ? rest : rest.slice(0, slash), uri: slash < 0 ? '' : rest.slice(slash), url };
}

/** proxy_pass http://$name: a route for each upstream that the map can name. */
function chosenByMap(scope: Scope, found: LocationMatch, target: Target, place: Place, parts: LocationParts): Route {
  const name = /^\$\{?(\w+)\}?$/.exec(target.authority)?.[1];
  const results = name === undefined ? undefined : parts.mapResults.get(name);
  if (name === undefined || results === undefined) {
    parts.builder.lack(place, `where "${target.authority}" leads is not known beforehand; write a map whose results are upstreams`);
    return { deny: { status: 500 } };
  }
  const routes = results
    .filter((result) => result !== '')
    .map((result) => {
      const route = toUpstream(scope, found, { ...target, authority: result }, place, parts);
      return { match: { test: [{ value: `\${map.${name}}`, is: result }] }, ...route };
    });
  return { routes: [...routes, { deny: { status: 500 } }] };
}

function toUpstream(scope: Scope, found: LocationMatch, target: Target, place: Place, parts: LocationParts): Route {
  const { builder } = parts;
  const asked = parts.upstreams.get(target.authority, place);
  const upstream = parts.upstreams.withSettings(asked, { retries: retries(scope, asked.written['retries'] as Route, builder) }, place);
  const port = /:(\d+)$/.exec(target.authority)?.[1] ?? '80';
  const host = target.authority.startsWith('unix:') ? 'localhost' : target.authority;
  const values = parts.values.with({ proxy_host: host, proxy_port: port });
  const isNew = scope.text('proxy_http_version', '1.0') === '1.1';
  const fields = requestFields(scope, host, values, builder);
  const lives = isNew && fields.connection !== 'close';
  const isUpgraded = isNew && fields.upgrade !== '' && fields.connection !== '' && fields.connection !== 'close';
  return {
    ...pathRules(target, found, place, values, builder),
    responseRules: cookieRules(scope, values, builder),
    upstream: upstream.name,
    toServer: { httpVersion: isNew ? '1.1' : '1.0', keepAlive: lives && upstream.keepsConnections, buffer: buffering(scope, isNew) },
    upgrade: isUpgraded ? [fields.upgrade] : [],
    request: fields.edits,
    response: { remove: hiddenFieldNames(scope), ...redirects(scope, found, target, values, parts) },
  };
}

function buffering(scope: Scope, isNew: boolean): string | number {
  return scope.text('proxy_request_buffering', 'on') === 'off' && isNew ? 0 : '1MiB';
}

interface RequestFields {
  readonly edits: Route;
  /** The protocol that a client may switch to, or '*'; '': none. */
  readonly upgrade: string;
  /** What the server is told of the connection: nginx's default is "close". */
  readonly connection: string;
}

function requestFields(scope: Scope, host: string, values: ValueTranslator, builder: LocationParts['builder']): RequestFields {
  const set: Record<string, string> = { Host: host };
  const remove: string[] = [];
  let connection = 'close';
  let upgrade = '';
  for (const { args, place } of scope.all('proxy_set_header')) {
    const [name = '', value = ''] = args.map(({ text }) => text);
    const key = name.toLowerCase();
    if (key === 'connection') connection = value;
    else if (key === 'upgrade') upgrade = hasVariable(value) ? '*' : value;
    else if (hopFields.has(key)) builder.lack(place, `"${name}" is written by Limpet itself, anew for each connection; leave it out`);
    else if (key === 'host') set['Host'] = values.template(value, place);
    else if (value === '') remove.push(name);
    else set[name] = values.template(value, place);
  }
  return { edits: { ...(remove.length === 0 ? {} : { remove }), set }, upgrade, connection };
}

/** A URI behind the address takes the place of the location's. */
function pathRules(target: Target, found: LocationMatch, place: Place, values: ValueTranslator, builder: LocationParts['builder']): Route {
  if (target.uri === '') return {};
  if (found.path === '' && !hasVariable(target.uri)) {
    builder.refuse(
      place,
      '"proxy_pass" cannot have URI part in a location given by regular expression or name, or in an "if"; leave it out',
    );
    return {};
  }
  const to = values.template(target.uri, place);
  const rule = hasVariable(target.uri) ? { target: to } : { pathPrefix: { from: found.path, to } };
  return { rules: [builder.mark(rule, place, '')] };
}

function redirects(
  scope: Scope,
  found: LocationMatch,
  target: Target,
  values: ValueTranslator,
  { builder, ownOrigin }: LocationParts,
): Route {
  // What becomes a path is made absolute.
  const absolute = (to: string) => (to.startsWith('/') ? ownOrigin + to : to);
  const written = scope.all('proxy_redirect');
  const standard =
    target.uri === '' ? { startsWith: `${target.url}/`, to: absolute('/') } : { startsWith: target.url, to: absolute(found.path) };
  if (written.length === 0) return hasVariable(target.url) ? {} : { replace: { Location: [standard] } };
  const replacements = written.flatMap(({ args, place }): Route[] => {
    const [from = '', to] = args.map(({ text }) => text);
    if (from === 'off') return [];
    if (from === 'default') return [standard];
    if (to === undefined) {
      builder.refuse(place, `invalid parameter "${from}"; write off, default, or what is replaced by what`);
      return [];
    }
    if (from.startsWith('~')) {
      const ignoreCase = from.startsWith('~*');
      return [
        {
          pattern: javascriptPattern(from.slice(ignoreCase ? 2 : 1)),
          ...(ignoreCase ? { ignoreCase } : {}),
          to: absolute(values.with(capturesOf(from)).template(to, place)),
        },
      ];
    }
    if (hasVariable(from)) {
      builder.lack(
        place,
        `what is replaced cannot have variables in it, as "${from}" has; write a text, or a pattern such as ~^https?://[^/]+/`,
      );
      return [];
    }
    return [{ startsWith: from, to: absolute(values.template(to, place)) }];
  });
  return replacements.length === 0 ? {} : { replace: { Location: replacements } };
}

/** What sends a request on, by our names. That no connection came about always does. */
const nextAfter = new Map([
  ['error', 'closed'],
  ['timeout', 'timeout'],
  ['invalid_header', 'bad-head'],
]);

/** proxy_next_upstream and its number of tries. */
function retries(scope: Scope, usual: Route, builder: LocationParts['builder']): Route {
  const own = { ...usual };
  const next = scope.all('proxy_next_upstream').flatMap(({ args, place }) => args.map(({ text }) => ({ text, place })));
  const words = new Set(next.map(({ text }) => text));
  if (next.length > 0) own['on'] = [...nextAfter].filter(([word]) => words.has(word)).map(([, failure]) => failure);
  for (const { text, place } of next) {
    if (text === 'off') own['attempts'] = 1;
    else if (text === 'non_idempotent') own['methods'] = [...repeatableMethods, 'POST', 'PATCH', 'LOCK'];
    else if (!nextAfter.has(text))
      builder.lack(place, `"proxy_next_upstream ${text}" is not supported; a response goes to the client, whatever its status`);
  }
  const tries = Number(scope.text('proxy_next_upstream_tries', '0'));
  if (tries > 0) own['attempts'] = Math.min(tries, own['attempts'] as number);
  return own;
}

/** Fields of a server's response that nginx keeps to itself, or writes anew. */
const hiddenFields = [
  'Server',
  'X-Pad',
  'X-Accel-Expires',
  'X-Accel-Redirect',
  'X-Accel-Limit-Rate',
  'X-Accel-Buffering',
  'X-Accel-Charset',
];

function hiddenFieldNames(scope: Scope): string[] {
  const passed = new Set(scope.all('proxy_pass_header').map(({ args }) => args[0]!.text.toLowerCase()));
  const hidden = [...hiddenFields, ...scope.all('proxy_hide_header').map(({ args }) => args[0]!.text)];
  return [...new Set(hidden)].filter((name) => !passed.has(name.toLowerCase()));
}
