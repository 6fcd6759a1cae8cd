// A clock for clients that shall not ask as fast as they are answered: lets so many go on in each second. It ticks each millisecond.

/** What was not asked in time is made up for when it is no older than that: a hiccup of the clients, not a proxy that is late. */
const MADE_UP_FOR_MS = 100;

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
    const most = Math.max(1, (perSecond * MADE_UP_FOR_MS) / 1000);
    let lastMs = performance.now();
    setInterval(() => {
      const now = performance.now();
      this.due = Math.min(most, this.due + ((now - lastMs) * perSecond) / 1000);
      lastMs = now;
      while (this.due >= 1 && this.waiting.length > 0) {
        this.due--; // Before the call: who goes on may ask for the next turn in it.
        (this.waiting.shift() as () => void)();
      }
    }, 1).unref();
  }
}
