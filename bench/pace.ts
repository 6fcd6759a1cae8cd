// A clock for clients that shall not ask as fast as they are answered: lets so many go on in each second. It ticks each millisecond.

/** What was not asked in time is made up for by no more than so many at once, so that the rate does not rise when answers were late. */
const MOST_AT_ONCE = 64;

export class Pace {
  private due = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly isFree: boolean;

  /** 0: everybody goes on at once. */
  constructor(perSecond: number) {
    this.isFree = perSecond === 0;
    if (!this.isFree) this.start(perSecond);
  }

  /** Calls `go` when it is its turn, which may be at once. */
  next(go: () => void): void {
    if (this.isFree) {
      go();
    } else if (this.due >= 1) {
      this.due--;
      go();
    } else {
      this.waiting.push(go);
    }
  }

  private start(perSecond: number): void {
    let lastMs = performance.now();
    setInterval(() => {
      const now = performance.now();
      this.due = Math.min(MOST_AT_ONCE, this.due + ((now - lastMs) * perSecond) / 1000);
      lastMs = now;
      // Who goes on may ask for the next turn at once.
      for (; this.due >= 1 && this.waiting.length > 0; this.due--) (this.waiting.shift() as () => void)();
    }, 1).unref();
  }
}
