// What is wrong with matches, edits, answers and Values: they are compiled as the program will compile them, and the
// results thrown away. The one file of config/ that looks into route/, so that there is one judge of these things.
import { compileAccessLogTemplate } from '../route/access-log-template.js';
import { CompileError } from '../route/compile-error.js';
import { compileRedirect, compileRespond } from '../route/configured-responder.js';
import { compileEdits } from '../route/edits.js';
import { compileMatch } from '../route/match.js';
import { compileValue, ValueError } from '../route/value.js';
import { type RawObject, rawList, rawObject, rawObjects, rawText } from './raw.js';
import type { Path, Source } from './source.js';

export function checkRules(source: Source): void {
  const root = rawObject(source.value);
  for (const [name, listener] of rawObjects(root['listeners'])) {
    checkEdits(source, ['listeners', name], listener);
    for (const [index, route] of rawList(listener['routes']).map(rawObject).entries()) {
      checkRoute(source, ['listeners', name, 'routes', index], route);
    }
  }
  for (const [name, upstream] of rawObjects(root['upstreams'])) {
    checkEdits(source, ['upstreams', name], upstream);
    const key = rawText(rawObject(upstream['balance'])['key']);
    if (key !== null) attempt(source, ['upstreams', name, 'balance', 'key'], () => compileValue(key));
  }

  const format = rawText(rawObject(root['accessLog'])['format']);
  if (format !== null) attempt(source, ['accessLog', 'format'], () => compileAccessLogTemplate(format));
}

function checkRoute(source: Source, path: Path, route: RawObject): void {
  const match = rawObject(route['match']);
  const patterns = {
    host: textOrTexts(match['host']),
    path: textOrTexts(match['path']),
    method: textOrTexts(match['method']),
    client: textOrTexts(match['client']),
    header: membersOf(match['header'], isTextPattern),
    cookie: membersOf(match['cookie'], isTextPattern),
  };
  attempt(source, [...path, 'match'], () => compileMatch(patterns));
  checkEdits(source, path, route);

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
    };
    attempt(source, [...path, key], () => compileEdits(spec));
  }
}

/** Members whose key is a name that the file gives: what is wrong with it as a whole is shown at the key. */
const namedMembers = new Set<unknown>(['set', 'add', 'headers', 'header', 'cookie']);

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
