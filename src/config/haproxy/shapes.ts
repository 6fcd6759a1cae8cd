// What words have to look like where nothing else is made of them: HAProxy refuses what does not, and a line that is left out
// with a note is one that it takes.

export interface Shape {
  test(words: string): boolean;
}

export const anything = /./s;
export const time = /^\d+(?:us|ms|s|m|h|d)?$/;
/** With whatever behind it. */
export const timeFirst = /^\d+(?:us|ms|s|m|h|d)?(?:\0|$)/;
/** A number, which HAProxy reads as far as it goes. */
export const positive = /^\+?0*[1-9]/;
export const notNegative = /^(?!-)./;
export const number = /^-?\d+$/;

/** What HAProxy makes of the number behind "id": it reads it as far as it goes, and keeps 32 bits. */
export function idOf(text: string): number {
  return Number.parseInt(text, 10) | 0;
}

/** The number of a section or a server. */
export const customId: Shape = { test: (words) => idOf(words) > 0 };

/** A number, which HAProxy reads as far as it goes, and nothing as 0. */
export function within(least: number, most: number): Shape {
  return {
    test: (words) => {
      const value = Number.parseInt(words, 10) || 0;
      return value >= least && value <= most;
    },
  };
}

/** One of the words. */
export function oneOf(...words: readonly string[]): RegExp {
  return new RegExp(`^(?:${words.join('|')})$`);
}

/** Words that each take so many words behind them, in any order; `joined` with {@link joinWords}. */
export function settingsOf(takesOne: string, takesTwo = '', takesNone = ''): RegExp {
  const either = [
    [takesOne, '\\0[^\\0]+'],
    [takesTwo, '\\0[^\\0]+\\0[^\\0]+'],
    [takesNone, ''],
  ].filter(([names]) => names !== '');
  const setting = either.map(([names, rest]) => `(?:${names!.replaceAll(' ', '|')})${rest}`).join('|');
  return new RegExp(`^(?:${setting})?(?:\\0(?:${setting}))*$`);
}

/** Words as the shapes of several see them. */
export function joinWords(words: readonly { readonly text: string }[]): string {
  return words.map(({ text }) => text).join('\0');
}
