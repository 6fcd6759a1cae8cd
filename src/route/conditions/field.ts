// A request field by its name. When there are several of that name, one that meets the pattern is enough.
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import { noLiterals } from '../literals.js';
import { isToken } from '../token.js';
import { type TextPattern, type TextPatternSpec, textPattern } from './text-pattern.js';

class FieldCondition implements Condition {
  readonly literals = noLiterals;
  private readonly name: string;
  private readonly pattern: TextPattern;

  constructor(name: string, pattern: TextPattern) {
    this.name = name;
    this.pattern = pattern;
  }

  test(x: ExchangeView): boolean {
    const first = x.request.get(this.name);
    if (first === undefined) return this.pattern.wantsAbsent;
    if (this.pattern.wantsAbsent) return false;
    if (this.pattern.matches(first)) return true;
    const values = x.request.getAll(this.name);
    for (let i = 1; i < values.length; i++) {
      if (this.pattern.matches(values[i]!)) return true;
    }
    return false;
  }
}

/** Holds when the request field meets the pattern. Throws an Error for a name that no field can have. */
export function fieldCondition(name: string, spec: TextPatternSpec): Condition {
  if (!isToken(name)) throw new Error(`"${name}" is not a field name`);
  return new FieldCondition(name.toLowerCase(), textPattern(spec));
}
