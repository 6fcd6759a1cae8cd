// Finding the route of an exchange among so many.

import type { ExchangeView } from '../../src/route/exchange-view.js';
import type { MatchSpec } from '../../src/route/match.js';
import { compileRoute } from '../../src/route/route.js';
import { FirstMatchTable } from '../../src/route/route-table.js';
import type { MicroCase } from './measure.js';

const counts = [1, 10, 100, 1_000, 10_000];

const kinds: readonly { readonly name: string; readonly match: (i: number) => MatchSpec }[] = [
  { name: 'exact paths', match: (i) => ({ path: `/shop/articles/${i}` }) },
  { name: 'beginnings of paths', match: (i) => ({ path: `/tenants/${i}/*` }) },
  { name: 'hosts', match: (i) => ({ host: `www.site${i}.example` }) },
];

export const routeCases: MicroCase[] = kinds.flatMap(({ name, match }) => counts.map((count) => routeCase(name, match, count)));

/** Asks for each of up to 100 routes that lie spread over the table in turn. */
function routeCase(name: string, match: (i: number) => MatchSpec, count: number): MicroCase {
  const asked = Array.from({ length: Math.min(count, 100) }, (_, i) =>
    askedFor(match(Math.floor(((i + 0.5) * count) / Math.min(count, 100)))),
  );
  let table: FirstMatchTable<number> | null = null;
  return {
    name: `route: ${count} ${name}`,
    run: (times) => {
      table ??= new FirstMatchTable(Array.from({ length: count }, (_, i) => compileRoute({ match: match(i) }, i)));
      let sum = 0;
      for (let i = 0; i < times; i++) sum += table.find(asked[i % asked.length]!)?.destination ?? 0;
      return sum;
    },
  };
}

/** An exchange of which only the host and the path are there, cut from a request head as in a real one. */
function askedFor({ host, path }: MatchSpec): ExchangeView {
  const head = `GET ${String(path ?? '/index.html').replace('*', 'app/start')} HTTP/1.1\r\nHost: ${String(host ?? 'www.example')}\r\n\r\n`;
  const text = Buffer.from(head, 'latin1').toString('latin1');
  const hostStart = text.indexOf('Host: ') + 6;
  const asked: Partial<ExchangeView> = {
    path: text.slice(4, text.indexOf(' HTTP')),
    host: text.slice(hostStart, text.indexOf('\r', hostStart)).toLowerCase(),
  };
  return asked as ExchangeView;
}
