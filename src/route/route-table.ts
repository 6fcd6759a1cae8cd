// Route tables: which route an exchange takes. One interface, because the config languages choose differently; here
// is the JSON language's table, in which the first match wins.
import { AscendingMerge } from './ascending-merge.js';
import type { ExchangeView } from './exchange-view.js';
import type { Route } from './route.js';
import { indexOf, type RouteIndex } from './route-index.js';

export interface RouteTable<T> {
  /** The route that the exchange takes, or null. Has no side effects but on the exchange's captures. */
  find(x: ExchangeView): Route<T> | null;
}

/**
 * The first route whose condition holds, in the order given. Where there are more than a few, only those are asked that
 * can match by the texts they ask for, so that ten thousand sites or paths cost hardly more than ten.
 */
export class FirstMatchTable<T> implements RouteTable<T> {
  private readonly routes: readonly Route<T>[];
  private readonly index: RouteIndex | null;
  private readonly candidates = new AscendingMerge();

  constructor(routes: readonly Route<T>[]) {
    this.routes = [...routes];
    this.index = indexOf(routes.map(({ condition }) => condition));
  }

  find(x: ExchangeView): Route<T> | null {
    return this.index === null ? this.findInOrder(x) : this.findAmongCandidates(this.index, x);
  }

  private findInOrder(x: ExchangeView): Route<T> | null {
    const { routes } = this;
    for (let i = 0; i < routes.length; i++) {
      const route = routes[i]!;
      if (route.condition.test(x)) return route;
    }
    return null;
  }

  private findAmongCandidates(index: RouteIndex, x: ExchangeView): Route<T> | null {
    const { candidates } = this;
    candidates.clear();
    index.collect(x, candidates);
    for (let position = candidates.take(); position >= 0; position = candidates.take()) {
      const route = this.routes[position]!;
      if (route.condition.test(x)) return route;
    }
    return null;
  }
}
