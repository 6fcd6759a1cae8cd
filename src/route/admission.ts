// Which connections a listener takes: rules of which the first that holds decides. They are asked before anything of the
// protocol is read.
import { Problems } from './compile-error.js';
import type { Condition } from './condition.js';
import type { ExchangeView } from './exchange-view.js';
import { compileMatch, type MatchSpec } from './match.js';

/** Exactly one of `accept` and `deny`. */
export interface ConnectionRuleSpec {
  readonly when?: MatchSpec | undefined;
  readonly accept?: boolean | undefined;
  readonly deny?: boolean | undefined;
}

interface ConnectionRule {
  readonly condition: Condition;
  readonly accepts: boolean;
}

export class Admission {
  constructor(private readonly rules: readonly ConnectionRule[]) {}

  /** Who meets no rule is taken. */
  admits(x: ExchangeView): boolean {
    for (let i = 0; i < this.rules.length; i++) {
      const { condition, accepts } = this.rules[i]!;
      if (condition.test(x)) return accepts;
    }
    return true;
  }
}

/** null: everybody is taken. Throws CompileError with every problem. */
export function compileAdmission(specs: readonly ConnectionRuleSpec[]): Admission | null {
  const problems = new Problems();
  const rules = specs.map(({ when, accept, deny }, index) => {
    if ((accept === undefined) === (deny === undefined))
      problems.add([index], 'a rule for connections decides one thing; write one of "accept" and "deny"');
    return { condition: problems.attempt([index, 'when'], () => compileMatch(when))!, accepts: accept === true };
  });
  problems.throwIfAny();
  return rules.length === 0 ? null : new Admission(rules);
}
