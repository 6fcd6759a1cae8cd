import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/load.js';

interface Written {
  readonly upstream: string;
  readonly hosts: readonly string[];
}

const cookies: Readonly<Record<string, string>> = { a: 'one', b: 'one', c: 'two', d: 'one' };

/** By definition: the first route before this one that leads elsewhere with the same cookie and may have the same host. */
function clashing(routes: readonly Written[], position: number): Written | undefined {
  const later = routes[position];
  const isOpen = ({ hosts }: Written) => hosts.length === 0 || hosts.some((host) => host.startsWith('*'));
  return routes
    .slice(0, position)
    .find(
      (other) =>
        other.upstream !== later.upstream &&
        cookies[other.upstream] === cookies[later.upstream] &&
        (isOpen(other) || isOpen(later) || other.hosts.some((host) => later.hosts.some((own) => own.toLowerCase() === host.toLowerCase()))),
    );
}

test('every upstream whose cookie clashes with one of an earlier route is told which', () => {
  const route = fc.record({
    upstream: fc.constantFrom(...Object.keys(cookies)),
    hosts: fc.uniqueArray(fc.constantFrom('x.example', 'X.example', 'y.example', 'z.example', '*.example'), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(route, { minLength: 1, maxLength: 6 }), (routes) => {
      // An own path for each, so that none hides another.
      const written = routes.map(({ upstream, hosts }, i) => ({
        upstream,
        match: { path: `/${i}`, ...(hosts.length > 0 && { host: hosts }) },
      }));
      const upstreams = Object.fromEntries(
        Object.entries(cookies).map(([name, cookie]) => [name, { servers: ['h:1'], sticky: { policy: 'cookie', name: cookie } }]),
      );
      const text = JSON.stringify({ listeners: { web: { address: ':80', routes: written } }, upstreams });
      const found = (parseConfig(text, 'proxy.config.json').problems ?? []).map(({ message }) => message.split('"', 2)[1]).sort();
      // Of several problems at one place one is shown: the first that was found.
      const expected = new Map<string, string>();
      for (const position of routes.keys()) {
        const { upstream } = routes[position];
        const other = clashing(routes, position);
        if (other !== undefined && !expected.has(upstream)) expected.set(upstream, other.upstream);
      }
      assert.deepEqual(found, [...expected.values()].sort());
    }),
  );
});
