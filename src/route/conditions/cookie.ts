// A cookie of the request by its exact name: the first one of that name counts, as for most servers.
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import { noLiterals } from '../literals.js';
import { requestCookie } from '../request-cookie.js';
import { isToken } from '../token.js';
import { type TextPattern, type TextPatternSpec, textPattern } from './text-pattern.js';

class CookieCondition implements Condition {
  readonly literals = noLiterals;
  private readonly name: string;
  private readonly pattern: TextPattern;

  constructor(name: string, pattern: TextPattern) {
    this.name = name;
    this.pattern = pattern;
  }

  test(x: ExchangeView): boolean {
    const value = requestCookie(x.request, this.name);
    return value === undefined ? this.pattern.wantsAbsent : this.pattern.matches(value);
  }
}

/** Holds when the cookie meets the pattern. Throws an Error for a name that no cookie can have. */
export function cookieCondition(name: string, spec: TextPatternSpec): Condition {
  if (!isToken(name)) throw new Error(`"${name}" is not a cookie name`);
  return new CookieCondition(name, textPattern(spec));
}
