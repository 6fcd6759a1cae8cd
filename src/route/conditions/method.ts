// The request method, compared exactly: case counts, and GET does not take HEAD with it (RFC 9110 §9.1).
import { METHODS } from 'node:http';
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import { noLiterals } from '../literals.js';
import { isToken } from '../token.js';

class MethodCondition implements Condition {
  readonly literals = noLiterals;
  private readonly methods: readonly string[];

  constructor(methods: readonly string[]) {
    this.methods = methods;
  }

  test(x: ExchangeView): boolean {
    return this.methods.includes(x.request.method);
  }
}

/** Holds when the method is one of them. Throws an Error for one that is no method, or a known one in lower case. */
export function methodCondition(methods: readonly string[]): Condition {
  for (const method of methods) {
    if (!isToken(method)) throw new Error(`"${method}" is not a method; write one such as "GET"`);
    const known = method.toUpperCase();
    if (known !== method && METHODS.includes(known)) throw new Error(`methods are compared with case; write "${known}"`);
  }
  return new MethodCondition([...methods]);
}
