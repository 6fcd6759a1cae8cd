// One limit that holds over all workers, as its owner keeps it: who holds how many leases, who asks for more, and who is to
// give some back. Pure: messages go through a port, and time is rounds that somebody counts. What a worker does with its
// leases is leased-quota.ts.

/** What the owner says to workers. Messages to one worker arrive in this order. */
export interface LedgerPort {
  /** `isAnswer`: to the one ask that is open; else leases that the worker was short of before. May be 0 as an answer. */
  grant(worker: number, amount: number, isAnswer: boolean): void;
  /** Give back what is not taken now except for `kept`, `amount` at most. It is answered, be it with 0. */
  recall(worker: number, amount: number, kept: number): void;
  /** Give so many back as soon as they are not taken any more, before taking them anew. */
  owe(worker: number, amount: number): void;
}

/** Rounds after which a recall is not waited for any more: the worker is busy or stuck, and keeps what it holds. */
const LATE_AFTER_ROUNDS = 5;

class Holder {
  held = 0;
  /** Of those held: how many it has been told to give back when they are free. */
  owed = 0;
  /** What it was refused and others have been told to give back for it. */
  claim = 0;
  /** Of what it got on its claim: not to be recalled before a round has passed, or who asks first would have it again at once. */
  kept = 0;
  recallsOut = 0;
  roundsRecalled = 0;
  isLate = false;

  constructor(readonly worker: number) {}
}

interface Ask {
  readonly holder: Holder;
  readonly needed: number;
  readonly extra: number;
  hasRecalled: boolean;
}

export class QuotaLedger {
  /** Leases that are out. Never more than the limit, unless that was lowered since. */
  held = 0;
  private readonly holders = new Map<number, Holder>();
  private readonly asks: Ask[] = [];

  constructor(
    private limit: number,
    private readonly port: LedgerPort,
  ) {}

  /** A lower one takes hold as what is taken beyond it ends. */
  setLimit(limit: number): void {
    this.limit = limit;
    let kept = 0;
    for (const holder of this.holders.values()) kept += holder.held - holder.owed;
    const over = kept - limit;
    if (over <= 0) this.settle();
    else for (const holder of this.holders.values()) this.owe(holder, Math.ceil(((holder.held - holder.owed) * over) / kept));
  }

  /** Of one worker one ask is open at a time. `needed` are waited for; `extra` are for those who come next. */
  ask(worker: number, needed: number, extra: number): void {
    this.asks.push({ holder: this.holderOf(worker), needed, extra, hasRecalled: false });
    this.settle();
  }

  /** `paid`: those of them that were owed. `isAnswer`: to a recall. */
  giveBack(worker: number, amount: number, paid: number, isAnswer: boolean): void {
    const holder = this.holderOf(worker);
    holder.held -= amount;
    holder.owed -= paid;
    this.held -= amount;
    if (isAnswer && --holder.recallsOut === 0) {
      holder.isLate = false;
      holder.roundsRecalled = 0;
    }
    this.settle();
  }

  /** It has died: its leases are free, and nobody waits for it. */
  leave(worker: number): void {
    const holder = this.holders.get(worker);
    if (holder === undefined) return;
    this.holders.delete(worker);
    this.held -= holder.held;
    for (let i = this.asks.length - 1; i >= 0; i--) if (this.asks[i]!.holder === holder) this.asks.splice(i, 1);
    this.settle();
  }

  /** Some time has passed: who was asked a while ago and says nothing is not waited for. */
  round(): void {
    let hasLost = false;
    for (const holder of this.holders.values()) {
      holder.kept = 0;
      if (holder.recallsOut === 0 || holder.isLate || ++holder.roundsRecalled < LATE_AFTER_ROUNDS) continue;
      holder.isLate = true;
      hasLost = true;
    }
    if (hasLost) this.settle();
  }

  private holderOf(worker: number): Holder {
    let holder = this.holders.get(worker);
    if (holder === undefined) {
      holder = new Holder(worker);
      this.holders.set(worker, holder);
    }
    return holder;
  }

  private get free(): number {
    return Math.max(0, this.limit - this.held);
  }

  /** Answers asks in their order: from what is free, else when everybody has given back what they can spare. */
  private settle(): void {
    for (let ask = this.asks[0]; ask !== undefined; ask = this.asks[0]) {
      if (this.free < ask.needed) {
        if (!ask.hasRecalled) this.recallFor(ask);
        if (this.isAwaitingRecalls()) return;
      }
      this.asks.shift();
      this.answer(ask);
    }
    for (const holder of this.holders.values()) {
      const amount = Math.min(holder.claim, this.free);
      if (amount === 0) continue;
      holder.kept += amount;
      this.grant(holder, amount, false);
    }
  }

  private recallFor(ask: Ask): void {
    ask.hasRecalled = true;
    const shortage = ask.needed - this.free;
    for (const holder of this.holders.values()) {
      if (holder === ask.holder || holder.held === 0 || holder.isLate) continue;
      holder.recallsOut++;
      this.port.recall(holder.worker, shortage, holder.kept);
    }
  }

  private isAwaitingRecalls(): boolean {
    for (const holder of this.holders.values()) if (holder.recallsOut > 0 && !holder.isLate) return true;
    return false;
  }

  private answer({ holder, needed, extra }: Ask): void {
    const granted = Math.min(needed, this.free);
    // Half of what is then left: the next to ask is to find some without a recall.
    this.grant(holder, granted + Math.min(extra, (this.free - granted) >> 1), true);
    this.shareOut(holder, needed - granted);
  }

  private grant(holder: Holder, amount: number, isAnswer: boolean): void {
    holder.held += amount;
    holder.claim = Math.max(0, holder.claim - amount);
    this.held += amount;
    this.port.grant(holder.worker, amount, isAnswer);
  }

  /**
   * All is taken. Those who hold most give way to one who holds less, as exchanges of theirs end: else who came first could
   * keep the others out for as long as its own clients come.
   */
  private shareOut(poor: Holder, short: number): void {
    while (poor.claim < short) {
      let rich = poor;
      for (const holder of this.holders.values()) if (holder.held - holder.owed > rich.held - rich.owed) rich = holder;
      const difference = rich.held - rich.owed - poor.held - poor.claim;
      const amount = Math.min(short - poor.claim, Math.ceil(difference / 2));
      if (amount <= 0) return;
      poor.claim += amount;
      this.owe(rich, amount);
    }
  }

  private owe(holder: Holder, amount: number): void {
    if (amount === 0) return;
    holder.owed += amount;
    this.port.owe(holder.worker, amount);
  }
}
