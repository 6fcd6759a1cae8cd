// What is wrong with the routes of a listener beyond the shape of each: no destination or several, upstreams that
// do not exist, routes that no request can reach.
import { isDeepStrictEqual } from 'node:util';
import { checkUpstreamName } from './check-upstream-name.js';
import { type RawObject, rawList, rawObject, rawText } from './raw.js';
import { Reach } from './reach.js';
import { isByNameOnly } from './route-by-name.js';
import type { Path, Source } from './source.js';

const destinations = ['upstream', 'respond', 'redirect', 'deny', 'routes'];

export function checkRoutes(source: Source, path: Path, written: unknown, upstreams: ReadonlySet<string>, isInOrder = true): void {
  const routes = rawList(written).map(rawObject);
  const reach = new Reach();
  for (const [index, route] of routes.entries()) {
    const at = [...path, index];
    checkDestination(source, at, route);
    checkUpstreamName(source, [...at, 'upstream'], route['upstream'], upstreams);
    if (isInOrder && !isByNameOnly(route)) checkReach(source, at, rawObject(route['match']), reach, routes);
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
    if (!names.has(name))
      source.addAtValue(at, `this listener has no route with the "name" "${name}"; write one, or leave out what leads there`);
  }

  function visitPages(at: Path, owner: RawObject): void {
    for (const [index, page] of rawList(owner['errorPages']).map(rawObject).entries()) {
      const name = rawText(page['routeTo']);
      if (name !== null) leads.push({ at: [...at, 'errorPages', index, 'routeTo'], name });
    }
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
    visitPages(at, owner);
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

function checkReach(source: Source, path: Path, match: RawObject, reach: Reach, routes: readonly RawObject[]): void {
  const hiding = reach.add(Number(path.at(-1)), match);
  if (hiding === null) return;
  const isSame = isDeepStrictEqual(rawObject(routes[hiding]['match']), match);
  const line = source.lineOf([...path.slice(0, -1), hiding]);
  const why = isSame ? 'takes the same requests' : 'takes all of them';
  source.addAtValue(
    path,
    `no request reaches this route, because the route in line ${line} ${why}; write this one before it, or remove it`,
  );
}
