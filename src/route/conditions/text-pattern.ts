// What a field or a cookie must be: there, absent, a text, or a text with a beginning ("beta-*").
import { toByteText } from '../byte-text.js';

/** true: there, whatever it holds; false: absent; a text or several, of which one must be met. */
export type TextPatternSpec = boolean | string | readonly string[];

export interface TextPattern {
  /** Whether it is met where there is no text at all. */
  readonly wantsAbsent: boolean;
  matches(text: string): boolean;
}

const present: TextPattern = { wantsAbsent: false, matches: () => true };
const absent: TextPattern = { wantsAbsent: true, matches: () => false };

class OneOfTexts implements TextPattern {
  readonly wantsAbsent = false;
  private readonly exact: readonly string[];
  private readonly beginnings: readonly string[];

  constructor(patterns: readonly string[]) {
    const texts = patterns.map(toByteText);
    this.exact = texts.filter((text) => !text.endsWith('*'));
    this.beginnings = texts.filter((text) => text.endsWith('*')).map((text) => text.slice(0, -1));
  }

  matches(text: string): boolean {
    if (this.exact.includes(text)) return true;
    for (let i = 0; i < this.beginnings.length; i++) {
      if (text.startsWith(this.beginnings[i]!)) return true;
    }
    return false;
  }
}

/** Compiles a pattern; texts are compared with case. Throws an Error for an empty list. */
export function textPattern(spec: TextPatternSpec): TextPattern {
  if (typeof spec === 'boolean') return spec ? present : absent;
  const patterns = typeof spec === 'string' ? [spec] : spec;
  if (patterns.length === 0) throw new Error('the list is empty, so nothing would match; write at least one');
  return new OneOfTexts(patterns);
}
