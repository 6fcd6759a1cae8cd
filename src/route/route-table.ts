// Route tables: which route an exchange takes. One interface, because the config languages choose differently; here
// is the JSON language's table, in which the first match wins.
import { comparableHost } from './conditions/host.js';
import type { ExchangeView } from './exchange-view.js';
import type { Route } from './route.js';

export interface RouteTable<T> {
  /** The route that the exchange takes, or null. Has no side effects and allocates nothing. */
  find(x: ExchangeView): Route<T> | null;
}

const none: readonly number[] = [];

/**
 * The first route whose condition holds, in the order given. Routes that can hold only for exact hosts are found
 * through an index, so that a thousand sites cost no more than a few: the two ascending lists of positions, that of
 * the exchange's host and that of routes for any host, are walked as one.
 */
export class FirstMatchTable<T> implements RouteTable<T> {
  private readonly routes: readonly Route<T>[];
  private readonly positionsByHost: ReadonlyMap<string, readonly number[]>;
  private readonly positionsForAnyHost: readonly number[];

  constructor(routes: readonly Route<T>[]) {
    const byHost = new Map<string, number[]>();
    const forAny: number[] = [];
    for (const [position, route] of routes.entries()) {
      const hosts = route.condition.hosts;
      if (hosts === null) {
        forAny.push(position);
        continue;
      }
      for (const host of new Set(hosts)) {
        const positions = byHost.get(host);
        if (positions === undefined) byHost.set(host, [position]);
        else positions.push(position);
      }
    }
    this.routes = [...routes];
    this.positionsByHost = byHost;
    this.positionsForAnyHost = forAny;
  }

  find(x: ExchangeView): Route<T> | null {
    const own = this.positionsByHost.size === 0 ? none : (this.positionsByHost.get(comparableHost(x.host)) ?? none);
    const any = this.positionsForAnyHost;
    let i = 0;
    let j = 0;
    while (i < own.length || j < any.length) {
      const takesOwn = j === any.length || (i < own.length && own[i]! < any[j]!);
      const route = this.routes[takesOwn ? own[i++]! : any[j++]!]!;
      if (route.condition.test(x)) return route;
    }
    return null;
  }
}
