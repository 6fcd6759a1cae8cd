// What is wrong with the routes of a listener beyond the shape of each: no destination or several, upstreams that
// do not exist, routes that no request can reach.
import { isDeepStrictEqual } from 'node:util';
import { checkUpstreamName } from './check-upstream-name.js';
import { type RawObject, rawList, rawObject, rawText } from './raw.js';
import type { Path, Source } from './source.js';

const destinations = ['upstream', 'respond', 'redirect', 'deny', 'routes'];

export function checkRoutes(source: Source, path: Path, written: unknown, upstreams: readonly string[], isInOrder = true): void {
  const routes = rawList(written).map(rawObject);
  for (const [index, route] of routes.entries()) {
    const at = [...path, index];
    checkDestination(source, at, route);
    checkUpstreamName(source, [...at, 'upstream'], route['upstream'], upstreams);
    if (isInOrder) checkReach(source, at, route, routes.slice(0, index));
    if (route['routes'] === undefined) continue;
    if (rawList(route['routes']).length === 0) source.addAtValue([...at, 'routes'], 'the list is empty; write at least one route');
    checkRoutes(source, [...at, 'routes'], route['routes'], upstreams, route['choose'] !== 'closest-path');
  }
}

/** Names of routes, and that every rule that leads to one by name finds it. */
export function checkRouteNames(source: Source, path: Path, listener: RawObject): void {
  const names = new Set<string>();
  const leads: { readonly at: Path; readonly name: string }[] = [];
  visit(path, listener);
  for (const { at, name } of leads) {
    if (!names.has(name)) source.addAtValue(at, `this listener has no route with the "name" "${name}"; write one, or take the rule out`);
  }

  function visitRules(at: Path, owner: RawObject): void {
    for (const [index, rule] of rawList(owner['rules']).map(rawObject).entries()) {
      const name = rawText(rule['routeTo']);
      // What a Value reads is not known yet.
      if (name !== null && !name.includes('${')) leads.push({ at: [...at, 'rules', index, 'routeTo'], name });
      visitRules([...at, 'rules', index], rule);
    }
  }

  function visit(at: Path, owner: RawObject): void {
    visitRules(at, owner);
    for (const [index, route] of rawList(owner['routes']).map(rawObject).entries()) {
      const name = rawText(route['name']);
      if (name !== null && names.has(name))
        source.addAtValue([...at, 'routes', index, 'name'], `two routes of this listener have the "name" "${name}"; write another one`);
      if (name !== null) names.add(name);
      visit([...at, 'routes', index], route);
    }
  }
}

function checkDestination(source: Source, path: Path, route: RawObject): void {
  const written = destinations.filter((key) => route[key] !== undefined);
  if (written.length === 0) {
    source.addAtValue(path, 'the route leads nowhere; write one of "upstream", "respond", "redirect", "deny" or "routes"');
  }
  for (const key of written.slice(1)) {
    source.addAtKey([...path, key], `the route has two destinations, "${written[0]}" and "${key}"; write one of them`);
  }
}

function checkReach(source: Source, path: Path, route: RawObject, earlier: readonly RawObject[]): void {
  const match = rawObject(route['match']);
  if (isByName(route)) return;
  const hiding = earlier.findIndex((other) => !isByName(other) && hides(rawObject(other['match']), match));
  if (hiding < 0) return;
  const isSame = isDeepStrictEqual(rawObject(earlier[hiding]['match']), match);
  const line = source.lineOf([...path.slice(0, -1), hiding]);
  const why = isSame ? 'takes the same requests' : 'takes all of them';
  source.addAtValue(
    path,
    `no request reaches this route, because the route in line ${line} ${why}; write this one before it, or remove it`,
  );
}

/** A route with a name and no match: only rules lead there. */
function isByName(route: RawObject): boolean {
  return route['name'] !== undefined && Object.keys(rawObject(route['match'])).length === 0;
}

/** Whether everything that `later` matches is taken by `earlier`, as far as can be told without comparing patterns. */
function hides(earlier: RawObject, later: RawObject): boolean {
  const keys = Object.keys(earlier);
  if (keys.length === 0 || isDeepStrictEqual(earlier, later)) return true;
  const takesEveryPath = earlier['path'] === '/*' || rawList(earlier['path']).includes('/*');
  // Only `OPTIONS *` has a path that is not below "/", and no pattern for paths takes it.
  return keys.length === 1 && takesEveryPath && later['path'] !== undefined;
}
