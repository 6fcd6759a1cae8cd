// Several ascending lists of numbers, walked as one. It is kept and filled anew, so that walking allocates nothing.

export class AscendingMerge {
  private readonly lists: (readonly number[])[] = [];
  /** Of each list, what is next. */
  private readonly next: number[] = [];
  private count = 0;

  clear(): void {
    this.count = 0;
  }

  /** A list that is not empty. */
  add(list: readonly number[]): void {
    this.lists[this.count] = list;
    this.next[this.count] = 0;
    this.count++;
  }

  /** The least number that was not taken yet, once however many lists have it; -1 when there is none. */
  take(): number {
    if (this.count === 0) return -1;
    if (this.count === 1) return this.takeOfOne();
    let least = this.head(0);
    for (let i = 1; i < this.count; i++) {
      const head = this.head(i);
      if (head < least) least = head;
    }
    for (let i = this.count - 1; i >= 0; i--) {
      if (this.head(i) === least) this.step(i);
    }
    return least;
  }

  private takeOfOne(): number {
    const least = this.head(0);
    this.step(0);
    return least;
  }

  private head(i: number): number {
    return this.lists[i]![this.next[i]!]!;
  }

  /** A list at its end gives its place to the last one. */
  private step(i: number): void {
    if (++this.next[i]! < this.lists[i]!.length) return;
    this.count--;
    this.lists[i] = this.lists[this.count]!;
    this.next[i] = this.next[this.count]!;
  }
}
