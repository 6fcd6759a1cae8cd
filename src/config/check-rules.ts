// What is wrong with matches, edits, answers and Values: they are compiled as the program will compile them, and the
// results thrown away. The one file of config/ that looks into route/, so that there is one judge of these things.
import { compileAccessLogTemplate } from '../route/access-log-template.js';
import { compileClosestPathKey } from '../route/closest-path-table.js';
import { CompileError } from '../route/compile-error.js';
import { compileRedirect, compileRespond } from '../route/configured-responder.js';
import { compileRequestRules, compileResponseRules } from '../route/configured-rule.js';
import { compileEdits, type EditsSpec } from '../route/edits.js';
import { compileErrorPage } from '../route/error-page.js';
import { compileMatch, type MatchSpec } from '../route/match.js';
import { compileValue, ValueError } from '../route/value.js';
import { compileMap } from '../route/value-map.js';
import { type RawObject, rawList, rawObject, rawObjects, rawText } from './raw.js';
import { isByNameOnly } from './route-by-name.js';
import { editsSchema } from './schema/edits.js';
import { errorPageSchema } from './schema/error-pages.js';
import { mapSchema } from './schema/map.js';
import { matchSchema } from './schema/match.js';
import { lastRuleSchema, responseRuleSchema, ruleSchema } from './schema/rule.js';
import type { Path, Source } from './source.js';

export function checkRules(source: Source): void {
  const root = rawObject(source.value);
  for (const [name, listener] of rawObjects(root['listeners'])) {
    const path = ['listeners', name];
    checkEdits(source, path, listener);
    checkLists(source, path, listener);
    for (const [index, rule] of rawList(listener['connectionRules']).map(rawObject).entries())
      attempt(source, [...path, 'connectionRules', index, 'when'], () => compileMatch(matchOf(rawObject(rule['when']))));
    checkRoutes(source, [...path, 'routes'], listener['routes'], false);
  }
  for (const [name, upstream] of rawObjects(root['upstreams'])) {
    checkEdits(source, ['upstreams', name], upstream);
    const key = rawText(rawObject(upstream['balance'])['key']);
    for (const [index, from] of rawList(rawObject(upstream['sticky'])['from']).entries())
      if (isText(from)) attempt(source, ['upstreams', name, 'sticky', 'from', index], () => compileValue(from));
    if (key !== null) attempt(source, ['upstreams', name, 'balance', 'key'], () => compileValue(key));
  }

  checkMaps(source, rawObjects(root['maps']));

  const format = rawText(rawObject(root['accessLog'])['format']);
  if (format !== null) attempt(source, ['accessLog', 'format'], () => compileAccessLogTemplate(format));
}

function checkRoutes(source: Source, path: Path, routes: unknown, isByPath: boolean): void {
  for (const [index, route] of rawList(routes).map(rawObject).entries()) {
    checkRoute(source, [...path, index], route, isByPath);
    checkRoutes(source, [...path, index, 'routes'], route['routes'], route['choose'] === 'closest-path');
  }
}

function checkRoute(source: Source, path: Path, route: RawObject, isByPath: boolean): void {
  const match = rawObject(route['match']);
  if (isByPath && !isByNameOnly(route)) checkClosestPath(source, [...path, 'match'], match);
  else attempt(source, [...path, 'match'], () => compileMatch(matchOf(match)));
  checkEdits(source, path, route);
  checkLists(source, path, route);
  checkAnswers(source, path, route);
}

function checkClosestPath(source: Source, path: Path, match: RawObject): void {
  for (const key of Object.keys(match)) {
    if (!['path', 'pathPattern', 'ignoreCase'].includes(key))
      source.addAtKey([...path, key], `under "closest-path" only the path decides; write a route with "routes" inside for "${key}"`);
  }
  const key = matchSchema.safeParse(match);
  if (key.success) attempt(source, path, () => compileClosestPathKey(key.data));
}

/** What the schema takes as it is; of the rest, what can be read, so that one mistake does not hide the next. */
function matchOf(match: RawObject): MatchSpec {
  const parsed = matchSchema.safeParse(match);
  if (parsed.success) return parsed.data;
  return {
    host: textOrTexts(match['host']),
    path: textOrTexts(match['path']),
    method: textOrTexts(match['method']),
    client: textOrTexts(match['client']),
    header: membersOf(match['header'], isTextPattern),
    cookie: membersOf(match['cookie'], isTextPattern),
  };
}

function checkErrorPages(source: Source, path: Path, owner: RawObject): void {
  for (const [index, page] of rawList(owner['errorPages']).entries()) {
    const parsed = errorPageSchema.safeParse(page);
    if (parsed.success) attempt(source, [...path, 'errorPages', index], () => compileErrorPage(parsed.data));
  }
}

/** Rules one by one: what the schema does not take, it has said itself. */
function checkLists(source: Source, path: Path, owner: RawObject): void {
  checkErrorPages(source, path, owner);
  for (const [index, rule] of rawList(owner['rules']).entries()) {
    const parsed = ruleSchema.safeParse(rule);
    if (parsed.success) attempt(source, [...path, 'rules'], () => inPlace(index, () => compileRequestRules([parsed.data])));
  }
  for (const [index, rule] of rawList(owner['responseRules']).entries()) {
    const parsed = responseRuleSchema.safeParse(rule);
    if (parsed.success) attempt(source, [...path, 'responseRules'], () => inPlace(index, () => compileResponseRules([parsed.data])));
  }
  for (const [index, rule] of rawList(owner['lastRules']).entries()) {
    const parsed = lastRuleSchema.safeParse(rule);
    if (parsed.success) attempt(source, [...path, 'lastRules'], () => inPlace(index, () => compileResponseRules([parsed.data])));
  }
}

/** A list of one was compiled: its problems are those of the element at `index`. */
function inPlace(index: number, compile: () => unknown): void {
  try {
    compile();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new CompileError(error.problems.map((problem) => ({ ...problem, at: [index, ...problem.at.slice(1)] })));
  }
}

/** Maps, and that none leads back to itself. */
function checkMaps(source: Source, maps: readonly [string, RawObject][]): void {
  const used = new Map<string, string[]>();
  for (const [name, written] of maps) {
    const parsed = mapSchema.safeParse(written);
    if (!parsed.success) continue;
    attempt(source, ['maps', name], () => compileMap(parsed.data));
    used.set(
      name,
      [...JSON.stringify(written).matchAll(/\$\{map\.([^}|"]+)/g)].map(([, other = '']) => other),
    );
  }
  for (const [name, others] of used) {
    if (reaches(used, others, name, new Set()))
      source.addAtKey(['maps', name], `the map "${name}" reads itself; take it out of its own Values`);
  }
}

function reaches(used: ReadonlyMap<string, readonly string[]>, from: readonly string[], wanted: string, seen: Set<string>): boolean {
  return from.some((name) => {
    if (name === wanted) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return reaches(used, used.get(name) ?? [], wanted, seen);
  });
}

function checkAnswers(source: Source, path: Path, route: RawObject): void {
  const respond = rawObject(route['respond']);
  const answer = {
    status: statusOr(respond['status'], 200),
    body: rawText(respond['body']) ?? undefined,
    headers: membersOf(respond['headers'], isText),
  };
  attempt(source, [...path, 'respond'], () => compileRespond(answer));

  const to = rawText(rawObject(route['redirect'])['to']);
  if (to !== null) attempt(source, [...path, 'redirect'], () => compileRedirect({ to }));
}

function checkEdits(source: Source, path: Path, owner: RawObject): void {
  for (const key of ['request', 'response']) {
    const edits = rawObject(owner[key]);
    const spec = {
      set: membersOf(edits['set'], isText),
      add: membersOf(edits['add'], isText),
      remove: rawList(edits['remove']).filter(isText),
      ...replacementsOf(edits['replace']),
    };
    attempt(source, [...path, key], () => compileEdits(spec));
  }
}

function replacementsOf(written: unknown): Pick<EditsSpec, 'replace'> {
  const parsed = editsSchema.shape.replace.safeParse(written);
  return parsed.success ? { replace: parsed.data } : {};
}

/** Members whose key is a name that the file gives: what is wrong with it as a whole is shown at the key. */
const namedMembers = new Set<unknown>(['set', 'add', 'replace', 'variables', 'headers', 'header', 'cookie']);

function attempt(source: Source, path: Path, compile: () => unknown): void {
  try {
    compile();
  } catch (error) {
    if (error instanceof ValueError) {
      source.addAtValue(path, error.message, error.offset);
    } else if (error instanceof CompileError) {
      for (const { at, message, offset } of error.problems) {
        const place = [...path, ...at];
        if (offset === null && namedMembers.has(place.at(-2))) source.addAtKey(place, message);
        else source.addAtValue(place, message, offset ?? undefined);
      }
    } else {
      throw error;
    }
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextPattern(value: unknown): value is string | boolean | string[] {
  return isText(value) || typeof value === 'boolean' || (Array.isArray(value) && value.every(isText));
}

function textOrTexts(value: unknown): string | string[] | undefined {
  return isText(value) || (Array.isArray(value) && value.every(isText)) ? value : undefined;
}

function membersOf<T>(value: unknown, isMember: (member: unknown) => member is T): Record<string, T> {
  return Object.fromEntries(Object.entries(rawObject(value)).filter((entry): entry is [string, T] => isMember(entry[1])));
}

/** The status when the schema takes it: it has said so already otherwise. */
function statusOr(value: unknown, instead: number): number {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599 ? Number(value) : instead;
}
