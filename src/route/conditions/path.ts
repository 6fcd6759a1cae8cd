// The path: exact ("/a"), everything below ("/a/*", which takes "/a" too) or with a beginning ("/a*"). Compared in
// the form in which servers see it at most, so that an encoding or a path parameter leads around no rule.

import { toByteText } from '../byte-text.js';
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import type { Literals, Subject } from '../literals.js';
import { normalisePath } from '../path.js';
import { decodeBytes } from '../percent-encoding.js';

let lastPath = '';
let lastComparable = '';

/**
 * A normalised path as patterns are compared with it: parameters (";…" up to the next slash) left out, everything
 * decoded, backslashes as slashes, doubled slashes merged. The same string when none of that occurs. The last
 * result is kept, as the routes of a table ask one after the other.
 */
export function comparablePath(path: string): string {
  if (path === lastPath) return lastComparable;
  lastComparable = isPlain(path) ? path : mergeSlashes(decodeBytes(withoutParameters(path)));
  lastPath = path;
  return lastComparable;
}

function isPlain(path: string): boolean {
  return path.indexOf('%') < 0 && path.indexOf(';') < 0 && path.indexOf('\\') < 0;
}

function withoutParameters(path: string): string {
  let kept = '';
  let start = 0;
  for (;;) {
    const semicolon = path.indexOf(';', start);
    if (semicolon < 0) return kept + path.slice(start);
    kept += path.slice(start, semicolon);
    start = path.indexOf('/', semicolon);
    if (start < 0) return kept;
  }
}

function mergeSlashes(path: string): string {
  let merged = '';
  let followsSlash = false;
  for (const character of path) {
    const isSlash = character === '/' || character === '\\';
    if (!isSlash) merged += character;
    else if (!followsSlash) merged += '/';
    followsSlash = isSlash;
  }
  return merged;
}

const subject: Subject = { name: 'path', read: (x) => comparablePath(x.path) };

class PathCondition implements Condition {
  readonly literals: readonly Literals[];
  private readonly exact: ReadonlySet<string>;
  private readonly beginnings: readonly string[];

  constructor(exact: readonly string[], beginnings: readonly string[]) {
    this.literals = [{ subject, exact, beginnings, endings: [] }];
    this.exact = new Set(exact);
    this.beginnings = beginnings;
  }

  test(x: ExchangeView): boolean {
    const path = comparablePath(x.path);
    if (this.exact.has(path)) return true;
    for (let i = 0; i < this.beginnings.length; i++) {
      if (path.startsWith(this.beginnings[i]!)) return true;
    }
    return false;
  }
}

/** The comparable form of a pattern's path. Throws an Error that says what to write. */
function patternPath(pattern: string, path: string): string {
  if (!path.startsWith('/')) throw new Error(`"${pattern}" is not a path; write it with a "/" in front`);
  if (path.includes('*'))
    throw new Error(`"${pattern}" has a "*" that is not at the end; write an exact path, or a beginning such as "/static/*"`);
  if (path.includes('?')) throw new Error(`"${pattern}" has a query; only the path is matched`);
  if (path.includes(';')) throw new Error(`"${pattern}" has a path parameter; they are left out when paths are matched`);
  const parts = { path: '', query: '' };
  if (normalisePath(toByteText(path), parts) !== null) throw new Error(`"${pattern}" is not a path that a request can have`);
  return comparablePath(parts.path);
}

/** Holds when the path meets one of the patterns. Throws an Error for a pattern that is none. */
export function pathCondition(patterns: readonly string[]): Condition {
  const exact: string[] = [];
  const beginnings: string[] = [];
  for (const pattern of patterns) {
    if (!pattern.endsWith('*')) {
      exact.push(patternPath(pattern, pattern));
      continue;
    }
    // With a character in the star's place, so that "/.*" is not taken for the dot segment "/.".
    const beginning = patternPath(pattern, `${pattern.slice(0, -1)}x`).slice(0, -1);
    beginnings.push(beginning);
    if (beginning.length > 1 && beginning.endsWith('/')) exact.push(beginning.slice(0, -1));
  }
  return new PathCondition(exact, beginnings);
}
