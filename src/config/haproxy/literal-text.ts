/** A text that is taken as it is, as a Value. */
export function literalText(text: string): string {
  return text.replaceAll('${', () => '$${');
}
