// Text that goes into a pattern and means itself there.

/** The text so that a pattern finds it and nothing else. */
export function literalPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
