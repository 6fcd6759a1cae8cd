// Config → the route tables of a listener, one inside the other, and the routes that rules lead to by name.
import type { ListenerConfig, RouteConfig } from '../config/config.js';
import { isByNameOnly } from '../config/route-by-name.js';
import type { Destination } from '../proxy/http-service.js';
import { toByteText } from '../route/byte-text.js';
import { ClosestPathTable, compileClosestPathKey } from '../route/closest-path-table.js';
import { compileRoute, type OuterRules, type Route, type RouteSpec } from '../route/route.js';
import { FirstMatchTable, type RouteTable } from '../route/route-table.js';

export interface RouteTree {
  readonly routes: RouteTable<Destination>;
  readonly named: ReadonlyMap<string, Route<Destination>>;
}

/** What stands around the routes that are compiled. */
interface Surroundings {
  readonly rules: OuterRules;
  /** They are inside a table that "route again" asks. */
  readonly isRoutedAgain: boolean;
}

export function compileRouteTree(listener: ListenerConfig, destinationOf: (route: RouteConfig) => Destination): RouteTree {
  const named = new Map<string, Route<Destination>>();

  function table(choose: 'first' | 'closest-path', routes: readonly RouteConfig[], around: Surroundings): RouteTable<Destination> {
    const compiled = routes.map((config) => ({ config, route: compile(config, choose === 'closest-path', around) }));
    for (const { config, route } of compiled) if (config.name !== null) named.set(toByteText(config.name), route);
    const found = compiled.filter(({ config }) => !isByNameOnly(config));
    if (choose === 'first') return new FirstMatchTable(found.map(({ route }) => route));
    return new ClosestPathTable(
      found.map(({ config, route }) => ({ route, key: compileClosestPathKey({ ...config.match, final: config.final }) })),
    );
  }

  function compile(config: RouteConfig, isByPath: boolean, around: Surroundings): Route<Destination> {
    const { destination } = config;
    const own = compileRoute(specOf(config, isByPath), destinationOf(config), around.rules);
    if (destination.kind !== 'routes') return own;
    const isRoutedAgain = destination.choose === 'closest-path' && !around.isRoutedAgain;
    const inside = { rules: own, isRoutedAgain: isRoutedAgain || around.isRoutedAgain };
    return { ...own, inner: table(destination.choose, destination.routes, inside), isRoutedAgain };
  }

  return { routes: table('first', listener.routes, { rules: { responseRules: [], lastRules: [] }, isRoutedAgain: false }), named };
}

function specOf(route: RouteConfig, isByPath: boolean): RouteSpec {
  const { match, rules, responseRules, lastRules, request, response, destination } = route;
  // Where the path decides, the table asks it.
  const spec: RouteSpec = { match: isByPath ? {} : match, rules, responseRules, lastRules, request, response };
  switch (destination.kind) {
    case 'upstream':
    case 'routes':
      return spec;
    case 'respond':
      return { ...spec, respond: destination };
    case 'redirect':
      return { ...spec, redirect: destination };
    case 'close':
      return { ...spec, deny: 'close' };
    default:
      return { ...spec, deny: destination };
  }
}
