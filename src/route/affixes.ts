// Things by a beginning, or by an ending, of texts. A text is looked up once for each length that there is: with thousands
// of beginnings that is a few times, where a search among sorted texts compares them one after the other.

type Side = 'beginning' | 'ending';

export class Affixes<T> {
  /** The longest first. */
  readonly lengths: readonly number[];
  private readonly things: ReadonlyMap<string, T>;
  private readonly atEnd: boolean;

  constructor(side: Side, things: ReadonlyMap<string, T>) {
    this.things = things;
    this.atEnd = side === 'ending';
    this.lengths = [...new Set([...things.keys()].map((affix) => affix.length))].sort((a, b) => b - a);
  }

  /** The thing whose affix is this much of the text. */
  at(text: string, length: number): T | undefined {
    if (length > text.length) return undefined;
    return this.things.get(this.atEnd ? text.slice(text.length - length) : text.slice(0, length));
  }

  /** The thing with the longest affix of the text. */
  longest(text: string): T | undefined {
    for (let i = 0; i < this.lengths.length; i++) {
      const found = this.at(text, this.lengths[i]!);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
