// Rules of the JSON language: a condition, and one or more steps in the order in which they are named here.

import { Problems } from './compile-error.js';
import { allOf, always, ownerCondition } from './condition.js';
import {
  compileDeny,
  compileRedirect,
  compileRespond,
  type DenySpec,
  type RedirectSpec,
  type RespondSpec,
} from './configured-responder.js';
import { compileEdits, type EditsSpec } from './edits.js';
import { RouteToStep, SayStep, VariableStep } from './flow-steps.js';
import { compileMatch, type MatchSpec } from './match.js';
import { compilePattern } from './pattern.js';
import {
  AnswerStep,
  EditRequestStep,
  EditResponseLaterStep,
  EditResponseStep,
  ReplaceResponseStep,
  type Rule,
  type RuleSubject,
  type Step,
  StepOutcome,
} from './rule.js';
import { PathPrefixStep, RewriteStep, TargetStep } from './target-steps.js';
import { compileValue } from './value.js';

export interface RuleSpec {
  readonly when?: MatchSpec | undefined;
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly request?: EditsSpec | undefined;
  readonly response?: EditsSpec | undefined;
  readonly target?: string | undefined;
  readonly pathPrefix?: { readonly from: string; readonly to: string } | undefined;
  readonly rewrite?: RewriteSpec | undefined;
  readonly respond?: RespondSpec | undefined;
  readonly redirect?: RedirectSpec | undefined;
  readonly deny?: DenySpec | undefined;
  readonly routeTo?: string | undefined;
  readonly routeAgain?: boolean | undefined;
  readonly stop?: boolean | undefined;
  /** A list of its own: "stop" inside ends this list and nothing else. */
  readonly rules?: readonly RuleSpec[] | undefined;
}

export interface ResponseRuleSpec extends Pick<RuleSpec, 'when' | 'variables' | 'response' | 'respond' | 'redirect' | 'deny' | 'stop'> {
  /** Whose responses it is for; absent: everybody's. */
  readonly of?: 'server' | 'limpet' | undefined;
  readonly rules?: readonly ResponseRuleSpec[] | undefined;
}

export interface RewriteSpec {
  readonly pattern: string;
  readonly ignoreCase?: boolean | undefined;
  readonly to: string;
  readonly after?: 'next' | 'stop' | 'route-again' | undefined;
}

/** What a rewrite says when it has matched. */
const afterRewrite = { next: StepOutcome.goOn, stop: StepOutcome.stop, 'route-again': StepOutcome.routeAgain } as const;

/** Compiles rules that run before a server is chosen. Throws CompileError with every problem. */
export function compileRequestRules(specs: readonly RuleSpec[] | undefined): Rule[] {
  return compileRules(specs, (problems, spec) => [
    ...commonSteps(problems, spec),
    step(problems, 'request', spec.request, (edits) => new EditRequestStep(compileEdits(edits))),
    step(problems, 'response', spec.response, (edits) => new EditResponseLaterStep(compileEdits(edits))),
    step(problems, 'target', spec.target, (template) => new TargetStep(compileValue(template))),
    step(problems, 'pathPrefix', spec.pathPrefix, ({ from, to }) => new PathPrefixStep(from, compileValue(to))),
    step(problems, 'rewrite', spec.rewrite, compileRewrite),
    step(problems, 'respond', spec.respond, (answer) => new AnswerStep(compileRespond(answer))),
    step(problems, 'redirect', spec.redirect, (answer) => new AnswerStep(compileRedirect(answer))),
    step(problems, 'deny', spec.deny, (answer) => new AnswerStep(compileDeny(answer))),
    step(problems, 'routeTo', spec.routeTo, (name) => new RouteToStep(compileValue(name))),
    step(problems, 'rules', spec.rules, (inner) => new ListStep(compileRequestRules(inner))),
    spec.routeAgain === true ? new SayStep(StepOutcome.routeAgain) : null,
    spec.stop === true ? new SayStep(StepOutcome.stop) : null,
  ]);
}

/** Compiles rules that run on every final response head. Throws CompileError with every problem. */
export function compileResponseRules(specs: readonly ResponseRuleSpec[] | undefined): Rule[] {
  return compileRules(specs, (problems, spec) => [
    ...commonSteps(problems, spec),
    step(problems, 'response', spec.response, (edits) => new EditResponseStep(compileEdits(edits))),
    step(problems, 'respond', spec.respond, (answer) => new ReplaceResponseStep(compileRespond(answer))),
    step(problems, 'redirect', spec.redirect, (answer) => new ReplaceResponseStep(compileRedirect(answer))),
    step(problems, 'deny', spec.deny, (answer) => new ReplaceResponseStep(compileDeny(answer))),
    step(problems, 'rules', spec.rules, (inner) => new ListStep(compileResponseRules(inner))),
    spec.stop === true ? new SayStep(StepOutcome.stop) : null,
  ]);
}

type StepList<S> = (problems: Problems, spec: S) => (Step | null)[];

/** What rules for requests and for responses have in common. */
interface AnySpec {
  readonly when?: MatchSpec | undefined;
  readonly of?: 'server' | 'limpet' | undefined;
}

/** One rule that runs them all, so that "stop" does not reach what follows the list. */
function compileRules<S extends AnySpec>(specs: readonly S[] | undefined, stepsOf: StepList<S>): Rule[] {
  const problems = new Problems();
  const rules = (specs ?? []).map((spec, index) => problems.attempt([index], () => compileRule(spec, stepsOf)) as Rule);
  problems.throwIfAny();
  return rules.length === 0 ? [] : [{ condition: always, step: new ListStep(rules) }];
}

/** Several steps are one to their condition, which is asked once: a step may change what it looks at. */
function compileRule<S extends AnySpec>(spec: S, stepsOf: StepList<S>): Rule {
  const problems = new Problems();
  const when = problems.attempt(['when'], () => compileMatch(spec.when)) ?? always;
  const condition = spec.of === undefined ? when : allOf([ownerCondition(spec.of), when]);
  const steps = stepsOf(problems, spec).filter((one) => one !== null);
  if (problems.isEmpty && steps.length === 0)
    problems.add([], 'the rule does nothing; write a step, such as "request": { "set": … } or "respond": { … }');
  problems.throwIfAny();
  return { condition, step: steps.length === 1 ? steps[0]! : new Sequence(steps) };
}

/** A list of rules whose "stop" ends it and nothing else. None of them waits. */
class ListStep implements Step {
  private readonly rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
  }

  run(x: RuleSubject): StepOutcome {
    for (let i = 0; i < this.rules.length; i++) {
      const rule = this.rules[i]!;
      if (!rule.condition.test(x)) continue;
      const outcome = rule.step.run(x);
      if (outcome === StepOutcome.stop) break;
      if (outcome !== StepOutcome.goOn) return outcome;
    }
    return StepOutcome.goOn;
  }
}

/** Steps under one condition. None of them waits. */
class Sequence implements Step {
  private readonly steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  run(x: RuleSubject): StepOutcome {
    for (let i = 0; i < this.steps.length; i++) {
      const outcome = this.steps[i]!.run(x);
      if (outcome !== StepOutcome.goOn) return outcome;
    }
    return StepOutcome.goOn;
  }
}

function commonSteps(problems: Problems, spec: Pick<RuleSpec, 'variables'>): (Step | null)[] {
  return Object.entries(spec.variables ?? {}).map(([name, template]) =>
    step(problems, 'variables', template, (text) => new VariableStep(name, compileValue(text)), name),
  );
}

function step<S>(problems: Problems, key: string, spec: S | undefined, compile: (spec: S) => Step, name?: string): Step | null {
  return spec === undefined ? null : problems.attempt(name === undefined ? [key] : [key, name], () => compile(spec));
}

function compileRewrite(spec: RewriteSpec): Step {
  const problems = new Problems();
  const pattern = problems.attempt(['pattern'], () => compilePattern(spec.pattern, spec.ignoreCase === true));
  const to = problems.attempt(['to'], () => compileValue(spec.to));
  problems.throwIfAny();
  return new RewriteStep(pattern!, to!, afterRewrite[spec.after ?? 'next']);
}
