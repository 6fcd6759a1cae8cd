// A Condition: a test on an exchange, compiled when the config loads. What the JSON language can ask stands in match.ts.
import type { ExchangeView } from './exchange-view.js';
import { type Literals, literalsOfAll, literalsOfAny, noLiterals } from './literals.js';

export interface Condition {
  /**
   * Texts that the exchange must have for the condition to hold, one entry for each subject: a route table may index by
   * them. To have them is not enough: `test` says.
   */
  readonly literals: readonly Literals[];
  /** Whether the exchange meets it. Never throws; changes nothing but the exchange's captures. */
  test(x: ExchangeView): boolean;
}

/** Holds for every exchange. */
export const always: Condition = { literals: noLiterals, test: () => true };

class AllOf implements Condition {
  readonly literals: readonly Literals[];
  private readonly conditions: readonly Condition[];

  constructor(conditions: readonly Condition[]) {
    this.conditions = conditions;
    this.literals = literalsOfAll(conditions);
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

class AnyOf implements Condition {
  readonly literals: readonly Literals[];
  private readonly conditions: readonly Condition[];

  constructor(conditions: readonly Condition[]) {
    this.literals = literalsOfAny(conditions);
    this.conditions = conditions;
  }

  test(x: ExchangeView): boolean {
    for (let i = 0; i < this.conditions.length; i++) {
      if (this.conditions[i]!.test(x)) return true;
    }
    return false;
  }
}

/** Holds when one of them holds, tried in order. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 1 ? conditions[0]! : new AnyOf(conditions);
}

class Not implements Condition {
  readonly literals = noLiterals;
  private readonly condition: Condition;

  constructor(condition: Condition) {
    this.condition = condition;
  }

  test(x: ExchangeView): boolean {
    return !this.condition.test(x);
  }
}

/** Holds when `condition` does not. */
export function not(condition: Condition): Condition {
  return new Not(condition);
}

class OverTls implements Condition {
  readonly literals = noLiterals;
  private readonly isWanted: boolean;

  constructor(isWanted: boolean) {
    this.isWanted = isWanted;
  }

  test(x: ExchangeView): boolean {
    return (x.tls !== null) === this.isWanted;
  }
}

/** Holds when the client's connection is TLS, or is not. */
export function tlsCondition(isWanted: boolean): Condition {
  return new OverTls(isWanted);
}

class OfOwner implements Condition {
  readonly literals = noLiterals;
  private readonly isServers: boolean;

  constructor(isServers: boolean) {
    this.isServers = isServers;
  }

  test(x: ExchangeView): boolean {
    return x.hasServerResponse === this.isServers;
  }
}

/** Holds when the response is a server's, or is an answer of our own. */
export function ownerCondition(owner: 'server' | 'limpet'): Condition {
  return new OfOwner(owner === 'server');
}
