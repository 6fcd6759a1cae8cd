// Rules of the JSON language: each step, their order, and what stops a list.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CompileError } from '../../src/route/compile-error.js';
import { compileRequestRules, compileResponseRules, type RuleSpec } from '../../src/route/configured-rule.js';
import { runRules, StepOutcome } from '../../src/route/rule.js';
import { exchangeWith, responseHead } from './exchange-fixture.js';

function run(specs: readonly RuleSpec[], parts: Parameters<typeof exchangeWith>[0] = {}) {
  const x = exchangeWith(parts);
  const outcome = runRules(compileRequestRules(specs), x);
  return { x, outcome };
}

describe('request rules', () => {
  it('are run in order, and a later one sees what an earlier one has set', () => {
    const { x } = run([{ variables: { room: '${path|word:2:/}' } }, { variables: { seen: '<${var.room}>' } }]);
    assert.equal(x.getVariable('seen'), '<room>');
  });

  it('leave out what does not hold', () => {
    const { x } = run([
      { when: { path: '/other' }, variables: { a: '1' } },
      { when: { not: { path: '/other' } }, variables: { b: '1' } },
    ]);
    assert.equal(x.getVariable('a') + x.getVariable('b'), '1');
  });

  it('rewrite the path and keep the query', () => {
    const { x, outcome } = run([{ rewrite: { pattern: '^/chat/(?<room>\\w+)$', to: '/r/${capture.room}/${capture.1}' } }]);
    assert.equal(outcome, StepOutcome.goOn);
    assert.equal(x.request.target, '/r/room/room?x=1');
    assert.equal(x.path, '/r/room/room');
  });

  it('put a written query in front of the received one, and drop that at a "?"', () => {
    assert.equal(run([{ rewrite: { pattern: '^/', to: '/a?y=2' } }]).x.request.target, '/a?y=2&x=1');
    assert.equal(run([{ rewrite: { pattern: '^/', to: '/a?' } }]).x.request.target, '/a');
  });

  it('encode what may not stand in a path', () => {
    const parts = { path: '/a%20b', query: '' };
    assert.equal(run([{ rewrite: { pattern: '^/(.*)$', to: '/x/${capture.1}?' } }], parts).x.request.target, '/x/a%20b');
    assert.equal(
      run([{ pathPrefix: { from: '/a', to: '/%' } }], parts).outcome,
      StepOutcome.answer,
      'no request can have a lone percent sign',
    );
  });

  it('replace a beginning of the path', () => {
    assert.equal(run([{ pathPrefix: { from: '/chat/', to: '/' } }]).x.request.target, '/room?x=1');
    assert.equal(run([{ pathPrefix: { from: '/other/', to: '/' } }]).x.request.target, '/chat/room?x=1');
  });

  it('answer with 400 where the new target is none', () => {
    const { x, outcome } = run([{ target: 'no-slash' }]);
    assert.equal(outcome, StepOutcome.answer);
    assert.equal(x.responder?.respond(x).status, 400);
  });

  it('say that routes are to be looked at again, or that the list is over', () => {
    assert.equal(run([{ rewrite: { pattern: '.', to: '/a', after: 'route-again' } }]).outcome, StepOutcome.routeAgain);
    const { x, outcome } = run([{ rewrite: { pattern: '.', to: '/a', after: 'stop' } }, { variables: { late: '1' } }]);
    assert.equal(outcome, StepOutcome.goOn);
    assert.equal(x.getVariable('late'), '');
    assert.equal(run([{ stop: true }, { deny: true }]).outcome, StepOutcome.goOn);
  });

  it('lead to a route by name', () => {
    const { x, outcome } = run([{ routeTo: 'fallback' }]);
    assert.deepEqual([x.ledTo, outcome], ['fallback', StepOutcome.routeAgain]);
    assert.equal(run([{ variables: { to: 'fall' } }, { routeTo: '${var.to}back' }]).x.ledTo, 'fallback');
    assert.equal(run([{ routeTo: '${method}' }]).outcome, StepOutcome.goOn);
  });

  it('take their steps in one order under one condition, which is asked once', () => {
    const { x, outcome } = run([{ when: { path: '/chat/*' }, target: '/gone', deny: { status: 410 } }]);
    assert.equal(outcome, StepOutcome.answer);
    assert.equal(x.request.target, '/gone');
    assert.equal(x.responder?.respond(x).status, 410);
  });

  it('edit the response later', () => {
    const { x } = run([{ response: { set: { 'X-Late': '1' } } }]);
    const head = responseHead();
    for (const edits of x.laterEdits) edits.apply(head, x);
    assert.equal(head.get('x-late'), '1');
  });

  it('are refused with every problem at its place', () => {
    assert.throws(
      () => compileRequestRules([{}, { rewrite: { pattern: '(', to: '${nope}' } }, { when: { any: [] }, stop: true }]),
      (error: unknown) => {
        assert.ok(error instanceof CompileError);
        assert.deepEqual(
          error.problems.map(({ at }) => at),
          [[0], [1, 'rewrite', 'pattern'], [1, 'rewrite', 'to'], [2, 'when', 'any']],
        );
        return true;
      },
    );
  });
});

describe('response rules', () => {
  it('look at the response', () => {
    const rules = compileResponseRules([
      { when: { test: [{ value: '${response.status}', is: ['200', '201'] }] }, response: { add: { 'X-Good': '1' } } },
      { when: { test: [{ value: '${response.status}', atLeast: 500 }] }, response: { add: { 'X-Bad': '1' } } },
    ]);
    const x = exchangeWith({ response: responseHead() });
    runRules(rules, x);
    assert.deepEqual([x.response!.get('x-good'), x.response!.get('x-bad')], ['1', undefined]);
  });
});
