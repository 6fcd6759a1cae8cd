// A route: what it matches, its rules, and where it leads, which is the worker's to define. And how one of the JSON
// language is compiled.
import { Problems } from './compile-error.js';
import { always, type Condition } from './condition.js';
import {
  compileDeny,
  compileRedirect,
  compileRespond,
  type DenySpec,
  type RedirectSpec,
  type RespondSpec,
} from './configured-responder.js';
import { compileRequestRules, compileResponseRules, type ResponseRuleSpec, type RuleSpec } from './configured-rule.js';
import { compileEdits, type EditsSpec } from './edits.js';
import { compileMatch, type MatchSpec } from './match.js';
import type { Responder } from './responder.js';
import type { RouteTable } from './route-table.js';
import { AnswerStep, EditRequestStep, EditResponseStep, type Rule } from './rule.js';

/** `T` is where it leads and with which options: an upstream, deadlines, limits. */
export interface Route<T> {
  readonly condition: Condition;
  /** Run before a server is chosen. */
  readonly requestRules: readonly Rule[];
  /** Run on every final response head, a server's or our own. */
  readonly responseRules: readonly Rule[];
  /** Run on it when nothing else is done to it any more. */
  readonly lastRules: readonly Rule[];
  readonly destination: T;
  /** What decides further once this route is taken; null: the destination is where it leads. */
  readonly inner: RouteTable<T> | null;
  /** "Route again" asks `inner` anew, not the listener's table: what has led to it does not change. */
  readonly isRoutedAgain: boolean;
}

/** Of the routes around one, which are run behind its own. */
export type OuterRules = Pick<Route<unknown>, 'responseRules' | 'lastRules'>;

/** The part of a route of the JSON language that this folder compiles. Of respond, redirect and deny there is at most one. */
export interface RouteSpec {
  readonly match?: MatchSpec | undefined;
  /** Run before the edits. */
  readonly rules?: readonly RuleSpec[] | undefined;
  readonly responseRules?: readonly ResponseRuleSpec[] | undefined;
  readonly lastRules?: readonly ResponseRuleSpec[] | undefined;
  readonly request?: EditsSpec | undefined;
  readonly response?: EditsSpec | undefined;
  readonly respond?: RespondSpec | undefined;
  readonly redirect?: RedirectSpec | undefined;
  readonly deny?: DenySpec | undefined;
}

/** The rule that makes these edits on every request head; none when there are none. Throws CompileError. */
export function requestEditRules(spec: EditsSpec | undefined): Rule[] {
  const edits = compileEdits(spec);
  return edits.isEmpty ? [] : [{ condition: always, step: new EditRequestStep(edits) }];
}

/** The rule that makes these edits on every response head; none when there are none. Throws CompileError. */
export function responseEditRules(spec: EditsSpec | undefined): Rule[] {
  const edits = compileEdits(spec);
  return edits.isEmpty ? [] : [{ condition: always, step: new EditResponseStep(edits) }];
}

/**
 * Compiles a route, with nothing inside it. One that answers by itself ends its request rules with that answer. Throws CompileError with
 * every problem.
 */
export function compileRoute<T>(spec: RouteSpec, destination: T, outer: OuterRules = { responseRules: [], lastRules: [] }): Route<T> {
  const problems = new Problems();
  const condition = problems.attempt(['match'], () => compileMatch(spec.match));
  const rules = problems.attempt(['rules'], () => compileRequestRules(spec.rules));
  const requestEdits = problems.attempt(['request'], () => requestEditRules(spec.request));
  const responseEdits = problems.attempt(['response'], () => responseEditRules(spec.response));
  const responseRules = problems.attempt(['responseRules'], () => compileResponseRules(spec.responseRules));
  const lastRules = problems.attempt(['lastRules'], () => compileResponseRules(spec.lastRules));
  const responder = compileResponder(problems, spec);
  problems.throwIfAny();
  const answerRules = responder === null ? [] : [{ condition: always, step: new AnswerStep(responder) }];
  return {
    condition: condition!,
    requestRules: [...rules!, ...requestEdits!, ...answerRules],
    // From the inside out, as a response goes.
    responseRules: [...responseEdits!, ...responseRules!, ...outer.responseRules],
    lastRules: [...lastRules!, ...outer.lastRules],
    destination,
    inner: null,
    isRoutedAgain: false,
  };
}

function compileResponder(problems: Problems, spec: RouteSpec): Responder | null {
  const { respond, redirect, deny } = spec;
  const given = (['respond', 'redirect', 'deny'] as const).filter((key) => spec[key] !== undefined);
  if (given.length > 1) problems.add([given[1]!], `a route answers in one way; leave out "${given[0]}" or "${given[1]}"`);
  let responder: Responder | null = null;
  if (respond !== undefined) responder = problems.attempt(['respond'], () => compileRespond(respond));
  if (redirect !== undefined) responder = problems.attempt(['redirect'], () => compileRedirect(redirect));
  if (deny !== undefined) responder = problems.attempt(['deny'], () => compileDeny(deny));
  return responder;
}
