import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from '../../src/core/errors.js';
import { always, type Condition } from '../../src/route/condition.js';
import { compileEdits } from '../../src/route/edits.js';
import { faultResponder } from '../../src/route/responder.js';
import {
  AnswerStep,
  EditRequestStep,
  EditResponseStep,
  MAX_TIMES_ROUTED_AGAIN,
  type Rule,
  runRules,
  type Step,
  StepOutcome,
} from '../../src/route/rule.js';
import { FakeExchange, responseHead } from './exchange-fixture.js';

const never: Condition = { literals: [], test: () => false };

/** A rule that writes its name into `ran` and says `outcome`. */
function rule(ran: string[], name: string, outcome: StepOutcome, condition: Condition = always): Rule {
  const step: Step = {
    run() {
      ran.push(name);
      return outcome;
    },
  };
  return { condition, step };
}

test('rules run in order, those whose condition does not hold are passed over', () => {
  const ran: string[] = [];
  const rules = [rule(ran, 'a', StepOutcome.goOn), rule(ran, 'b', StepOutcome.answer, never), rule(ran, 'c', StepOutcome.goOn)];
  assert.equal(runRules(rules, new FakeExchange()), StepOutcome.goOn);
  assert.deepEqual(ran, ['a', 'c']);
});

test('an answer ends the list', () => {
  const ran: string[] = [];
  const responder = faultResponder(faults.denied);
  const x = new FakeExchange();
  assert.equal(runRules([{ condition: always, step: new AnswerStep(responder) }, rule(ran, 'b', StepOutcome.goOn)], x), StepOutcome.answer);
  assert.equal(x.responder, responder);
  assert.deepEqual(ran, []);
});

test('a list that waited goes on behind the step that waited', () => {
  const ran: string[] = [];
  const rules = [rule(ran, 'a', StepOutcome.goOn), rule(ran, 'b', StepOutcome.wait), rule(ran, 'c', StepOutcome.goOn)];
  const x = new FakeExchange();
  assert.equal(runRules(rules, x), StepOutcome.wait);
  assert.deepEqual(ran, ['a', 'b']);
  assert.equal(runRules(rules, x), StepOutcome.goOn);
  assert.deepEqual(ran, ['a', 'b', 'c']);
  assert.equal(x.nextRule, 0, 'the next list begins at its beginning');
});

test('the next list begins at its beginning after an answer behind a wait', () => {
  const x = new FakeExchange();
  const rules = [rule([], 'a', StepOutcome.wait), rule([], 'b', StepOutcome.answer)];
  runRules(rules, x);
  runRules(rules, x);
  assert.equal(x.nextRule, 0);
});

test('routing again is bounded, then the exchange is answered', () => {
  const rules = [rule([], 'a', StepOutcome.routeAgain)];
  const x = new FakeExchange();
  for (let i = 0; i < MAX_TIMES_ROUTED_AGAIN; i++) assert.equal(runRules(rules, x), StepOutcome.routeAgain);
  assert.equal(runRules(rules, x), StepOutcome.answer);
  assert.equal(x.responder?.fault, faults.routingLoop);
  assert.equal(x.responder?.respond(x).status, 500);
});

test('edits go to the head that they are meant for', () => {
  const edits = compileEdits({ set: { 'X-A': '${method}' } });
  const x = new FakeExchange();
  assert.equal(new EditResponseStep(edits).run(x), StepOutcome.goOn);
  assert.equal(x.request.get('x-a'), undefined);
  assert.equal(new EditRequestStep(edits).run(x), StepOutcome.goOn);
  assert.equal(x.request.get('x-a'), 'GET');
  x.response = responseHead();
  new EditResponseStep(edits).run(x);
  assert.equal(x.response.get('x-a'), 'GET');
});
