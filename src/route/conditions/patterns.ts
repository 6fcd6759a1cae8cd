// Host and path by regular expression: the host in lower case, the path normalised and decoded.
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import { noLiterals } from '../literals.js';
import { compilePattern, type Pattern } from '../pattern.js';
import { decodeBytes } from '../percent-encoding.js';

class PatternCondition implements Condition {
  readonly literals = noLiterals;
  private readonly patterns: readonly Pattern[];
  private readonly read: (x: ExchangeView) => string;

  constructor(patterns: readonly Pattern[], read: (x: ExchangeView) => string) {
    this.patterns = patterns;
    this.read = read;
  }

  test(x: ExchangeView): boolean {
    const text = this.read(x);
    for (let i = 0; i < this.patterns.length; i++) {
      if (this.patterns[i]!.test(text, x)) return true;
    }
    return false;
  }
}

/** Holds when one of the expressions is found in the host. Throws an Error for one that is none. */
export function hostPatternCondition(patterns: readonly string[]): Condition {
  return new PatternCondition(
    patterns.map((pattern) => compilePattern(pattern, true)),
    (x) => x.host,
  );
}

/** Holds when one of the expressions is found in the path. Throws an Error for one that is none. */
export function pathPatternCondition(patterns: readonly string[], ignoresCase: boolean): Condition {
  return new PatternCondition(
    patterns.map((pattern) => compilePattern(pattern, ignoresCase)),
    (x) => decodeBytes(x.path),
  );
}
