import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CompileError } from '../../src/route/compile-error.js';
import type { MatchSpec } from '../../src/route/match.js';
import { compileRoute, type Route } from '../../src/route/route.js';
import { FirstMatchTable } from '../../src/route/route-table.js';
import { runRules, StepOutcome } from '../../src/route/rule.js';
import { exchangeWith, FakeExchange, responseHead } from './exchange-fixture.js';

function routesFor(matches: readonly (MatchSpec | undefined)[]): Route<number>[] {
  return matches.map((match, index) => compileRoute({ match }, index));
}

function found(matches: readonly (MatchSpec | undefined)[], host: string, path: string): number | null {
  return new FirstMatchTable(routesFor(matches)).find(exchangeWith({ host, path }))?.destination ?? null;
}

test('the first match wins, whether it names a host or not', () => {
  assert.equal(found([{ host: 'a' }, undefined], 'a', '/'), 0);
  assert.equal(found([undefined, { host: 'a' }], 'a', '/'), 0);
  assert.equal(found([{ host: 'a', path: '/x' }, { path: '/y' }, { host: 'a' }, undefined], 'a', '/y'), 1);
  assert.equal(found([{ host: 'a', path: '/x' }, { path: '/y' }, { host: 'a' }, undefined], 'a', '/z'), 2);
  assert.equal(found([{ host: 'a', path: '/x' }, { path: '/y' }, { host: 'a' }, undefined], 'b', '/z'), 3);
});

test('no match gives none', () => {
  assert.equal(found([], 'a', '/'), null);
  assert.equal(found([{ host: 'b' }, { path: '/x' }], 'a', '/'), null);
});

test('a route of several hosts stands under each', () => {
  for (const host of ['a', 'b']) assert.equal(found([{ host: ['a', 'b', 'A'] }], host, '/'), 0);
});

const pathPattern = fc.constantFrom('/', '/x', '/x*', '/x/*', '/x/y', '/x/y*', '/y/*', '/*');
const hostPattern = fc.constantFrom('a', 'b', 'c.a', '*.a', '*.c.a', 'd');
const oneOrMore = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> => fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));
const valueTest = fc.oneof(
  fc.record({
    value: fc.constantFrom('${path}', '${host}', '${header.x|lower}', '${path}!'),
    is: oneOrMore(fc.constantFrom('a', '/x', 'C.A', 'x!')),
    ignoreCase: fc.boolean(),
  }),
  fc.record({
    value: fc.constantFrom('${path}', '${host}'),
    startsWith: oneOrMore(fc.constantFrom('', 'c', '/x/')),
    ignoreCase: fc.boolean(),
  }),
  fc.record({ value: fc.constantFrom('${path}', '${host}'), endsWith: oneOrMore(fc.constantFrom('', 'a', '.a', '/y')) }),
);
const simple = {
  host: oneOrMore(hostPattern),
  path: oneOrMore(pathPattern),
  pathPattern: fc.constantFrom('^/x', 'y$'),
  header: fc.constant({ x: 'a*' }),
  test: fc.array(valueTest, { minLength: 1, maxLength: 2 }),
};
const inner: fc.Arbitrary<MatchSpec> = fc.record(simple, { requiredKeys: [] });
const match: fc.Arbitrary<MatchSpec> = fc.record(
  {
    ...simple,
    all: fc.array(inner, { minLength: 1, maxLength: 2 }),
    any: fc.array(inner, { minLength: 1, maxLength: 3 }),
    not: inner,
  },
  { requiredKeys: [] },
);

test('the index finds what trying every route in order finds', () => {
  fc.assert(
    fc.property(
      fc.array(match, { maxLength: 40 }),
      fc.constantFrom('a', 'b', 'c.a', 'c.a.', 'e.c.a', 'd', '.a', ''),
      fc.constantFrom('/', '/x', '/x/y', '/x/y/z', '/xy', '/y/', '/%78', '/x;p/y', '*'),
      fc.constantFrom('', 'a', 'A'),
      (matches, host, path, field) => {
        const routes = routesFor(matches);
        const x = exchangeWith({ host, path }, field === '' ? [] : [['X', field]]);
        const expected = routes.find((route) => route.condition.test(x)) ?? null;
        assert.equal(new FirstMatchTable(routes).find(x), expected);
      },
    ),
    { numRuns: 3000 },
  );
});

test('what a pattern finds while routes are asked is no text to find them by', () => {
  const matches = Array.from(
    { length: 20 },
    (_, i): MatchSpec => ({
      all: [{ pathPattern: '^/t([0-9]+)$' }, { test: [{ value: '${capture.1}', is: String(i) }] }],
    }),
  );
  assert.equal(found(matches, 'a', '/t17'), 17);
  assert.equal(found(matches, 'a', '/t20'), null);
});

/** Counts how often conditions are asked. */
function counted(routes: readonly Route<number>[], asked: number[]): Route<number>[] {
  return routes.map((route, position) => ({
    ...route,
    condition: {
      literals: route.condition.literals,
      test(x) {
        asked.push(position);
        return route.condition.test(x);
      },
    },
  }));
}

test('of thousands of routes only those are asked that can match', () => {
  const matches: MatchSpec[] = Array.from({ length: 3000 }, (_, i) => {
    if (i % 3 === 0) return { host: `site${i}.example`, path: ['/a', '/b/*'] };
    return i % 3 === 1 ? { path: `/tenants/${i}/*` } : { test: [{ value: '${header.x}', is: `x${i}` }] };
  });
  matches.splice(1500, 0, { method: 'POST' });
  const asked: number[] = [];
  const table = new FirstMatchTable(counted(routesFor(matches), asked));
  assert.equal(table.find(exchangeWith({ host: 'site2997.example', path: '/b/c' }, [['X', 'x5']]))?.destination, 5);
  assert.deepEqual(asked.splice(0), [5]);
  assert.equal(table.find(exchangeWith({ host: 'site2997.example', path: '/b/c' }))?.destination, 2998);
  assert.deepEqual(asked.splice(0), [1500, 2998]);
  assert.equal(table.find(exchangeWith({ host: 'site2997.example', path: '/tenants/1/x' }))?.destination, 1);
  assert.deepEqual(asked.splice(0), [1]);
});

test('a route of very many hosts and paths is found, and stands in the index no more often than it has hosts', () => {
  const names = (count: number, make: (i: number) => string) => Array.from({ length: count }, (_, i) => make(i));
  const wide: MatchSpec = { host: names(2000, (i) => `h${i}.example`), path: names(2000, (i) => `/p${i}`) };
  const routes = routesFor(Array.from({ length: 20 }, () => wide));
  const startMs = performance.now();
  const table = new FirstMatchTable(routes);
  // Four million pairs of each of the twenty would take seconds, and gigabytes.
  assert.ok(performance.now() - startMs < 2000);
  assert.equal(table.find(exchangeWith({ host: 'h1999.example', path: '/p1999' }))?.destination, 0);
  assert.equal(table.find(exchangeWith({ host: 'h1999.example', path: '/p2000' })), null);
});

test('a compiled route edits, then answers, and edits the response', () => {
  const route = compileRoute(
    { request: { set: { 'X-A': 'a' } }, respond: { body: '${header.x-a}' }, response: { set: { 'X-B': 'b' } } },
    'here',
  );
  const x = new FakeExchange();
  assert.equal(route.destination, 'here');
  assert.equal(runRules(route.requestRules, x), StepOutcome.answer);
  assert.equal(x.responder?.respond(x).body, 'a');
  x.response = responseHead();
  assert.equal(runRules(route.responseRules, x), StepOutcome.goOn);
  assert.equal(x.response.get('x-b'), 'b');
});

test('a route without edits and answers has no rules', () => {
  const route = compileRoute({ request: {}, response: {} }, null);
  assert.equal(route.requestRules.length, 0);
  assert.equal(route.responseRules.length, 0);
});

test('the problems of all parts are found at once, each at its place', () => {
  assert.throws(
    () =>
      compileRoute(
        {
          match: { path: 'x' },
          request: { set: { TE: 'x' } },
          response: { remove: ['a b'] },
          redirect: { to: '${to' },
          deny: { status: 1 },
        },
        null,
      ),
    (error) => {
      assert.ok(error instanceof CompileError);
      assert.deepEqual(
        error.problems.map((problem) => problem.at.join('/')),
        ['match/path', 'request/set/TE', 'response/remove/0', 'deny', 'redirect/to', 'deny/status'],
      );
      return true;
    },
  );
});
