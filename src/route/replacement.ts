// What is replaced inside a field's value: a beginning or what a pattern finds, by a Value.
import { toByteText } from './byte-text.js';
import { Problems } from './compile-error.js';
import type { ExchangeView } from './exchange-view.js';
import { compileFieldValue, fieldSafe } from './field-safe.js';
import { compilePattern, type Pattern } from './pattern.js';
import type { Value } from './value.js';

/** Exactly one of `startsWith` and `pattern`. */
export interface ReplacementSpec {
  readonly startsWith?: string | undefined;
  readonly pattern?: string | undefined;
  readonly ignoreCase?: boolean | undefined;
  readonly to: string;
}

export interface Replacement {
  readonly startsWith: string | null;
  readonly pattern: Pattern | null;
  readonly to: Value;
}

/** Compiles a field's replacements. Throws CompileError with every problem. */
export function compileReplacements(specs: readonly ReplacementSpec[]): Replacement[] {
  const problems = new Problems();
  const compiled = specs.map(({ startsWith, pattern, ignoreCase, to }, index) => {
    if ((startsWith === undefined) === (pattern === undefined))
      problems.add([index], 'a replacement is for a beginning or for a pattern; write one of "startsWith" and "pattern"');
    const source = pattern;
    return {
      startsWith: startsWith === undefined ? null : toByteText(startsWith),
      pattern: source === undefined ? null : problems.attempt([index, 'pattern'], () => compilePattern(source, ignoreCase === true)),
      to: problems.attempt([index, 'to'], () => compileFieldValue(to)) as Value,
    };
  });
  problems.throwIfAny();
  return compiled;
}

/** `value` after the first replacement that fits; the same string when none does. */
export function replaced(value: string, replacements: readonly Replacement[], x: ExchangeView): string {
  for (let i = 0; i < replacements.length; i++) {
    const { startsWith, pattern, to } = replacements[i]!;
    if (startsWith !== null) {
      if (value.startsWith(startsWith)) return fieldSafe(to.read(x) + value.slice(startsWith.length));
    } else if (pattern?.test(value, x)) {
      const found = x.captures as RegExpExecArray;
      return fieldSafe(value.slice(0, found.index) + to.read(x) + value.slice(found.index + found[0].length));
    }
  }
  return value;
}
