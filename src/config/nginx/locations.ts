// Locations as routes in which the path decides; and what stands in one: where it leads, what it changes.
import { isDeepStrictEqual } from 'node:util';
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';
import { charsetRule } from './charset.js';
import { errorPages } from './error-pages.js';
import { expiryFields } from './expires.js';
import type { LocationMatch, LocationParts } from './location-parts.js';
import { proxyDestination } from './proxy-destination.js';
import { accessRules, choosingRules, javascriptPattern, rewriteRules } from './rewrite-rules.js';
import { Scope } from './scope.js';
import type { Statement } from './statements.js';
import { durationOf, parseOffset } from './units.js';
import { capturesOf } from './variables.js';

type Route = Record<string, unknown>;

/** Statuses for which add_header adds without `always`. */
const addedStatuses = ['200', '201', '204', '206', '301', '302', '303', '304', '307', '308'];

/** The routes for the locations of a server, or inside a location. */
export function locationRoutes(scope: Scope, parts: LocationParts): Route[] {
  const seen = new Set<string>();
  const withoutSlash: Route[] = [];
  const routes = scope.all('location').flatMap((statement) => {
    const key = statement.args.map(({ text }) => text).join(' ');
    const found = matchOf(statement, parts);
    if (found === null) return [];
    const same = JSON.stringify({ ...found.head, final: undefined });
    if (seen.has(same)) {
      // Of patterns and names that are there twice, nginx finds the first.
      if (found.path !== '') parts.builder.refuse(statement.place, `duplicate location "${key}"; write its directives into the first`);
      else parts.builder.note(statement.place, `nobody comes here, since "${key}" stood before; leave it out`);
      return [];
    }
    seen.add(same);
    if (!found.isNamed && found.path !== '' && !found.path.startsWith('/')) {
      parts.builder.note(statement.place, `no path begins with "${found.path}", so nobody comes here; write "/" in front`);
      return [];
    }
    const inner = new Scope(statement.block ?? [], scope);
    const content = routeContent(inner, found, statement.place, parts);
    if (inner.find('proxy_pass') !== undefined && /^[^$*]+\/$/.test(found.path))
      withoutSlash.push(toSlash(found.path, inner, statement.place, parts));
    const nested = locationRoutes(inner, parts);
    const route = nested.length === 0 ? { ...found.head, ...content } : nest(found, content, nested);
    return [parts.builder.mark(route, statement.place, `${statement.place.file}:${statement.place.line} location ${key}`)];
  });
  for (const route of withoutSlash) {
    const path = pathOf(route);
    if (!routes.some((other) => pathOf(other) === path || pathOf(other) === `${path}*`)) routes.push(route);
  }
  return routes;
}

function pathOf(route: Route): unknown {
  return (route['match'] as Route | undefined)?.['path'];
}

/** Who leaves out the slash at the end of a location that passes on is sent there, unless the path has a location of its own. */
function toSlash(path: string, inner: Scope, place: Place, parts: LocationParts): Route {
  const responseRules = addedFields(inner, parts);
  const to = parts.ownOrigin + path + parts.values.template('$is_args$args', place);
  const isHidden = inner.find('internal') !== undefined;
  const route = {
    match: { path: path.slice(0, -1) },
    ...(isHidden ? { deny: { status: 404 } } : { redirect: { to, status: 301 } }),
    ...(responseRules.length === 0 ? {} : { responseRules }),
  };
  return parts.builder.mark(route, place, `${place.file}:${place.line} location ${path}, without the slash`);
}

/** A location with locations inside: these first, then itself. */
function nest(found: LocationMatch, content: Route, nested: readonly Route[]): Route {
  const itself = { match: { path: '/*' }, ...content };
  return { ...found.head, choose: 'closest-path', routes: [...nested, itself] };
}

function matchOf({ args, place }: Statement, { builder, routeNames }: LocationParts): LocationMatch | null {
  const [first = '', second] = args.map(({ text }) => text);
  if (second === undefined && first.startsWith('@'))
    return { head: { name: routeNames.get(first.slice(1)) ?? first.slice(1) }, path: '', isNamed: true };
  const [modifier, path] = second === undefined ? splitModifier(first) : [first, second];
  switch (modifier) {
    case '=':
      return { head: { match: { path } }, path, isNamed: false };
    case '':
      return { head: { match: { path: `${path}*` } }, path, isNamed: false };
    case '^~':
      return { head: { match: { path: `${path}*` }, final: true }, path, isNamed: false };
    case '~':
      return { head: { match: { pathPattern: javascriptPattern(path) } }, path: '', isNamed: false };
    case '~*':
      return { head: { match: { pathPattern: javascriptPattern(path), ignoreCase: true } }, path: '', isNamed: false };
    default:
      builder.refuse(place, `invalid location modifier "${modifier}"; write =, ^~, ~ or ~*`);
      return null;
  }
}

function splitModifier(word: string): [string, string] {
  const match = /^(=|~\*|~|\^~)(.+)$/s.exec(word);
  return match === null ? ['', word] : [match[1]!, match[2]!];
}

/** Everything that holds for exchanges of this location, or of a server without one: rules, edits, limits, where it leads. */
export function routeContent(scope: Scope, found: LocationMatch, place: Place, parts: LocationParts): Route {
  const { builder } = parts;
  const around = {
    builder,
    values: parts.values,
    isInLocation: true,
    contentType: () => parts.types.templateFor(scope, onlyPath(scope, found)),
    ownOrigin: parts.ownOrigin,
  };
  const choosing = choosingRules(scope.statements, around);
  const rewriting = [...namedCaptures(found), ...(choosing?.rules ?? rewriteRules(scope.statements, around))];
  // What ends the rewriting must not lead past what follows it.
  const own = rewriting.some(stops) ? [{ rules: rewriting }] : rewriting;
  // Who comes to a named location was led there: nginx asks "internal" only where it searches for a location.
  const before = [...(found.isNamed ? [] : internalOnly(scope, builder)), ...own];
  const handler = scope.find('proxy_pass');
  if (choosing === null)
    return destinationContent({ scope, found, place, handler, before, isAnswered: rewriting.some(alwaysAnswers) }, parts);
  const { answers, choices, isAnswered } = choosing;
  const itself = { scope, found, place, handler, before: answers, isAnswered };
  const chosen = choices.map(({ match, statement }) => {
    const inner = new Scope(statement.block ?? [], scope);
    const ownHandler = inner.find('proxy_pass');
    // A URI of its own would have no beginning of a path to stand for.
    const toOwn = ownHandler === undefined ? {} : { handler: ownHandler, found: { ...found, path: '' } };
    const content = destinationContent({ ...itself, scope: inner, place: statement.place, ...toOwn }, parts);
    return builder.mark({ match, ...content }, statement.place, `${statement.place.file}:${statement.place.line} if`);
  });
  return { rules: before, routes: [...chosen, destinationContent(itself, parts)] };
}

/** The one path that comes to an exact location; null where there may be others. */
function onlyPath(scope: Scope, { head, path }: LocationMatch): string | null {
  const isExact = (head['match'] as Route | undefined)?.['path'] === path && path !== '';
  return isExact && !scope.statements.some(({ name }) => name === 'rewrite' || name === 'if') ? path : null;
}

interface Content {
  readonly scope: Scope;
  readonly found: LocationMatch;
  readonly place: Place;
  /** proxy_pass, which an "if" has from its location. */
  readonly handler: Statement | undefined;
  /** The rules that come first. */
  readonly before: readonly Route[];
  /** Nobody comes as far as the handler. */
  readonly isAnswered: boolean;
}

function destinationContent({ scope, found, place, handler, before, isAnswered }: Content, parts: LocationParts): Route {
  const { builder } = parts;
  const rules = [...before, ...accessRules(scope.all('allow'), builder)];
  const destination =
    proxyDestination(handler, scope, found, parts) ?? nothingToServe(scope, isAnswered || rules.some(alwaysAnswers), place, builder);
  const { rules: proxyRules = [], responseRules: cookieRules = [], ...rest } = destination;
  const responseRules = [...(cookieRules as Route[]), ...addedFields(scope, parts)];
  const pages = errorPages(scope, parts);
  return {
    ...(rules.length + (proxyRules as Route[]).length === 0 ? {} : { rules: [...rules, ...(proxyRules as Route[])] }),
    ...(responseRules.length === 0 ? {} : { responseRules }),
    ...(pages.length === 0 || isDeepStrictEqual(pages, parts.serverPages) ? {} : { errorPages: pages }),
    ...timeouts(scope, builder),
    ...bodyLimit(scope, builder),
    ...rest,
  };
}

/** "internal": only error pages and rewrites lead here. */
function internalOnly(scope: Scope, builder: TranslationBuilder): Route[] {
  return scope
    .all('internal')
    .map(({ place }) =>
      builder.mark(
        { when: { test: [{ value: '${target.changed}', exists: false }] }, deny: { status: 404 } },
        place,
        `${place.file}:${place.line} internal`,
      ),
    );
}

function stops(rule: Route): boolean {
  return rule['stop'] === true || (rule['rewrite'] as Route | undefined)?.['after'] === 'stop';
}

/** What a location's pattern has found by name is kept: the next pattern would take its place. */
function namedCaptures({ head }: LocationMatch): Route[] {
  const pattern = (head['match'] as Route | undefined)?.['pathPattern'];
  const variables = typeof pattern === 'string' ? capturesOf(pattern) : {};
  return Object.keys(variables).length === 0 ? [] : [{ variables }];
}

/** Without proxy_pass nginx would look for a file. Where a rule always answers, nobody comes that far. */
function nothingToServe(scope: Scope, isAnswered: boolean, place: Place, builder: TranslationBuilder): Route {
  if (!isAnswered && !scope.statements.some(({ name }) => name === 'rewrite'))
    builder.lack(place, 'nginx would serve files here, which Limpet does not; write proxy_pass or return');
  return { deny: { status: 404 } };
}

function alwaysAnswers(rule: Route): boolean {
  return rule['when'] === undefined && (rule['respond'] ?? rule['redirect'] ?? rule['deny']) !== undefined;
}

function addedFields(scope: Scope, { builder, values }: LocationParts): Route[] {
  const whenAdded = { test: [{ value: '${response.status}', is: addedStatuses }] };
  const expiry = expiryFields(scope, builder);
  const expires = expiry === null ? [] : [{ when: whenAdded, response: expiry }];
  const added = scope.all('add_header').map((statement) => {
    const { args, place } = statement;
    const [name = '', value = '', always] = args.map(({ text }) => text);
    if (always !== undefined && always !== 'always') builder.refuse(place, `invalid parameter "${always}"; write always`);
    const response = { add: { [name]: values.template(value, place) } };
    const rule = always === 'always' ? { response } : { when: whenAdded, response };
    return builder.mark(rule, place, '');
  });
  const charset = charsetRule(scope, builder);
  // Last, since its pattern takes the place of what the location's has found.
  return [...expires, ...added, ...(charset === null ? [] : [charset])];
}

function timeouts(scope: Scope, builder: TranslationBuilder): Route {
  const read = (name: string) => {
    const statement = scope.find(name);
    return statement === undefined ? '60s' : (durationOf(statement, builder) ?? '60s');
  };
  const answer = read('proxy_read_timeout');
  return {
    timeouts: {
      requestBody: read('client_body_timeout'),
      connect: read('proxy_connect_timeout'),
      responseHead: answer,
      responseBody: answer,
      tunnelIdle: answer,
      send: read('send_timeout'),
    },
  };
}

function bodyLimit(scope: Scope, builder: TranslationBuilder): Route {
  const statement = scope.find('client_max_body_size');
  const bytes = statement === undefined ? 1024 ** 2 : parseOffset(statement.args[0]!.text);
  if (bytes === null)
    builder.refuse(
      statement!.place,
      `"client_max_body_size" directive has invalid value "${statement!.args[0]!.text}"; write a size such as 8m`,
    );
  return { limits: { body: bytes ?? 0 } };
}
