// Regular expressions of the config. What one has found stays on the exchange, for "${capture.1}" and "${capture.NAME}".
import { toByteText } from './byte-text.js';
import type { ExchangeView } from './exchange-view.js';

/** Longer texts are matched by no pattern: expressions that backtrack take time that grows with the text. */
const MAX_MATCHED_CHARACTERS = 64 * 1024;

export class Pattern {
  private readonly expression: RegExp;

  constructor(expression: RegExp) {
    this.expression = expression;
  }

  /** Whether it is found in `text`; the exchange then has its captures. */
  test(text: string, x: ExchangeView): boolean {
    const found = this.find(text);
    if (found !== null) x.captures = found;
    return found !== null;
  }

  /** What is found in `text`, or null. */
  find(text: string): RegExpExecArray | null {
    return text.length > MAX_MATCHED_CHARACTERS ? null : this.expression.exec(text);
  }
}

/** Compiles a regular expression in JavaScript's syntax; text is compared byte by byte. Throws an Error that says what is wrong. */
export function compilePattern(source: string, ignoresCase = false): Pattern {
  if (source === '') throw new Error('the pattern is empty, so that everything would match; write one such as "^/api/"');
  try {
    return new Pattern(new RegExp(toByteText(source), ignoresCase ? 'i' : ''));
  } catch (error) {
    throw new Error(`"${source}" is not a regular expression: ${reasonOf(error as Error)}`);
  }
}

/** V8 repeats the expression in front of the reason. */
function reasonOf(error: Error): string {
  return error.message.slice(error.message.lastIndexOf(': ') + 2);
}
