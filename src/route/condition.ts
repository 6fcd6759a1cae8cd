// A Condition: a test on an exchange, compiled when the config loads. What the JSON language can ask stands in match.ts.
import type { ExchangeView } from './exchange-view.js';

export interface Condition {
  /**
   * The hosts outside which the condition cannot hold, in lower case without a trailing dot, or null when it may
   * hold for any: a route table may index by it. To be one of them is not enough: `test` says.
   */
  readonly hosts: readonly string[] | null;
  /** Whether the exchange meets it. Has no side effects that show, and never throws. */
  test(x: ExchangeView): boolean;
}

/** Holds for every exchange. */
export const always: Condition = { hosts: null, test: () => true };

class AllOf implements Condition {
  readonly hosts: readonly string[] | null;
  private readonly conditions: readonly Condition[];

  constructor(conditions: readonly Condition[]) {
    this.conditions = conditions;
    this.hosts = conditions.find((condition) => condition.hosts !== null)?.hosts ?? null;
  }

  test(x: ExchangeView): boolean {
    for (let i = 0; i < this.conditions.length; i++) {
      if (!this.conditions[i]!.test(x)) return false;
    }
    return true;
  }
}

/** Holds when all of them hold, tried in order; always, when there are none. */
export function allOf(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return always;
  return conditions.length === 1 ? conditions[0]! : new AllOf(conditions);
}
