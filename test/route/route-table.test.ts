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

test('a host with a trailing dot finds the same route', () => {
  assert.equal(found([{ host: 'a' }], 'a.', '/'), 0);
});

test('a route of several hosts stands under each', () => {
  for (const host of ['a', 'b']) assert.equal(found([{ host: ['a', 'b', 'A'] }], host, '/'), 0);
});

test('the index finds what trying every route in order finds', () => {
  const host = fc.constantFrom('a', 'b', 'c.a', '*.a', 'd');
  const match = fc.record(
    { host: fc.oneof(host, fc.array(host, { minLength: 1, maxLength: 3 })), path: fc.constantFrom('/', '/x', '/x/*') },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(match, { maxLength: 12 }),
      fc.constantFrom('a', 'b', 'c.a', 'e.a', 'd', ''),
      fc.constantFrom('/', '/x', '/x/y'),
      (matches, asked, path) => {
        const routes = routesFor(matches);
        const x = exchangeWith({ host: asked, path });
        const expected = routes.find((route) => route.condition.test(x)) ?? null;
        assert.equal(new FirstMatchTable(routes).find(x), expected);
      },
    ),
    { numRuns: 1000 },
  );
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
