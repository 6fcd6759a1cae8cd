// A figure of this worker, told when it has changed, and the sum over the others as it was last heard.
import type { Column } from './store.js';

export class OwnColumn implements Column {
  othersSum = 0;
  /** What the others have been told last; NaN: nothing yet. */
  told = Number.NaN;

  constructor(public own: () => number) {}

  /** Asks for the figure now, and whether it is another one than was told. */
  hasChanged(): boolean {
    const before = this.told;
    this.told = this.own();
    return this.told !== before;
  }

  learn(othersSum: number): void {
    this.othersSum = othersSum;
  }
}
