// What is wrong with the routes of a listener beyond the shape of each: no destination or several, upstreams that
// do not exist, routes that no request can reach.
import { isDeepStrictEqual } from 'node:util';
import { checkUpstreamName } from './check-upstream-name.js';
import { type RawObject, rawList, rawObject } from './raw.js';
import type { Path, Source } from './source.js';

const destinations = ['upstream', 'respond', 'redirect', 'deny'];

export function checkRoutes(source: Source, path: Path, written: unknown, upstreams: readonly string[]): void {
  const routes = rawList(written).map(rawObject);
  for (const [index, route] of routes.entries()) {
    checkDestination(source, [...path, index], route);
    checkUpstreamName(source, [...path, index, 'upstream'], route['upstream'], upstreams);
    checkReach(source, [...path, index], route, routes.slice(0, index));
  }
}

function checkDestination(source: Source, path: Path, route: RawObject): void {
  const written = destinations.filter((key) => route[key] !== undefined);
  if (written.length === 0) {
    source.addAtValue(path, 'the route leads nowhere; write one of "upstream", "respond", "redirect" or "deny"');
  }
  for (const key of written.slice(1)) {
    source.addAtKey([...path, key], `the route has two destinations, "${written[0]}" and "${key}"; write one of them`);
  }
}

function checkReach(source: Source, path: Path, route: RawObject, earlier: readonly RawObject[]): void {
  const match = rawObject(route['match']);
  const hiding = earlier.findIndex((other) => hides(rawObject(other['match']), match));
  if (hiding < 0) return;
  const isSame = isDeepStrictEqual(rawObject(earlier[hiding]['match']), match);
  const line = source.lineOf([...path.slice(0, -1), hiding]);
  const why = isSame ? 'takes the same requests' : 'takes all of them';
  source.addAtValue(
    path,
    `no request reaches this route, because the route in line ${line} ${why}; write this one before it, or remove it`,
  );
}

/** Whether everything that `later` matches is taken by `earlier`, as far as can be told without comparing patterns. */
function hides(earlier: RawObject, later: RawObject): boolean {
  const keys = Object.keys(earlier);
  if (keys.length === 0 || isDeepStrictEqual(earlier, later)) return true;
  const takesEveryPath = earlier['path'] === '/*' || rawList(earlier['path']).includes('/*');
  // Only `OPTIONS *` has a path that is not below "/", and no pattern for paths takes it.
  return keys.length === 1 && takesEveryPath && later['path'] !== undefined;
}
