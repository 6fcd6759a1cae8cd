// The route table in which the path decides and order hardly matters: an exact path, else the longest beginning, unless a
// pattern matches first. It is how nginx chooses among its locations.
import { Affixes } from './affixes.js';
import { toByteText } from './byte-text.js';
import { Problems } from './compile-error.js';
import { comparablePath } from './conditions/path.js';
import type { ExchangeView } from './exchange-view.js';
import { compilePattern, type Pattern } from './pattern.js';
import { decodeBytes } from './percent-encoding.js';
import type { Route } from './route.js';
import type { RouteTable } from './route-table.js';

/** Exactly one of `path` and `pathPattern`. */
export interface ClosestPathSpec {
  /** Exact "/a", or a beginning "/a*": here the text before the star and nothing else. */
  readonly path?: string | readonly string[] | undefined;
  readonly pathPattern?: string | readonly string[] | undefined;
  readonly ignoreCase?: boolean | undefined;
  /** Of a beginning: patterns are not asked when it is the longest. */
  readonly final?: boolean | undefined;
}

/** What one route is found by. */
export interface ClosestPathKey {
  readonly exact: string | null;
  readonly beginning: string | null;
  readonly isFinal: boolean;
  readonly pattern: Pattern | null;
}

/** Compiles what a route is found by. Throws CompileError. */
export function compileClosestPathKey(spec: ClosestPathSpec): ClosestPathKey {
  const problems = new Problems();
  const { path, pathPattern } = spec;
  const hasOne = typeof path === 'string' ? pathPattern === undefined : path === undefined && typeof pathPattern === 'string';
  if (!hasOne) problems.add([], 'routes chosen by "closest-path" each have one path; write "path": "/a" or "/a*", or "pathPattern": "…"');
  if (typeof path === 'string' && !path.startsWith('/')) problems.add(['path'], `"${path}" is not a path; write it with a "/" in front`);
  const pattern =
    typeof pathPattern === 'string' ? problems.attempt(['pathPattern'], () => compilePattern(pathPattern, spec.ignoreCase === true)) : null;
  problems.throwIfAny();
  const text = typeof path === 'string' ? toByteText(path) : null;
  const isBeginning = text?.endsWith('*') === true;
  return {
    exact: text === null || isBeginning ? null : text,
    beginning: text !== null && isBeginning ? text.slice(0, -1) : null,
    isFinal: spec.final === true,
    pattern,
  };
}

interface Found<T> {
  readonly route: Route<T>;
  readonly isFinal: boolean;
}

interface Matching<T> {
  readonly pattern: Pattern;
  readonly route: Route<T>;
}

export class ClosestPathTable<T> implements RouteTable<T> {
  private readonly exact = new Map<string, Route<T>>();
  private readonly beginnings: Affixes<Found<T>>;
  private readonly patterns: readonly Matching<T>[];

  constructor(routes: readonly { readonly key: ClosestPathKey; readonly route: Route<T> }[]) {
    const beginnings = new Map<string, Found<T>>();
    const patterns: Matching<T>[] = [];
    for (const { key, route } of routes) {
      if (key.exact !== null) this.exact.set(key.exact, route);
      else if (key.beginning !== null) beginnings.set(key.beginning, { route, isFinal: key.isFinal });
      else if (key.pattern !== null) patterns.push({ pattern: key.pattern, route });
    }
    this.beginnings = new Affixes('beginning', beginnings);
    this.patterns = patterns;
  }

  find(x: ExchangeView): Route<T> | null {
    const path = comparablePath(x.path);
    const exact = this.exact.get(path);
    if (exact !== undefined) return exact;
    const longest = this.beginnings.longest(path);
    if (longest?.isFinal) return longest.route;
    if (this.patterns.length > 0) {
      const decoded = decodeBytes(x.path);
      for (let i = 0; i < this.patterns.length; i++) {
        const { pattern, route } = this.patterns[i]!;
        if (pattern.test(decoded, x)) return route;
      }
    }
    return longest === undefined ? null : longest.route;
  }
}
