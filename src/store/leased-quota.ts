// A limit that holds over all workers, as one worker sees it: it takes from the leases it holds, asks the owner for more
// when they are used up, and gives back what it does not need. Pure: messages go through a port, and time is rounds.
import type { Quota, StoreAsker } from './store.js';

/** What a worker says to the owner of a quota. Messages arrive in this order. */
export interface QuotaPort {
  /** `needed` are waited for, `extra` are for those who come next. Not again before it is answered. */
  ask(needed: number, extra: number): void;
  /** `paid`: those of them that were owed. `isAnswer`: to a recall. */
  giveBack(amount: number, paid: number, isAnswer: boolean): void;
}

const MAX_EXTRA = 64;
/** Rounds for which an answer is waited for. */
const LATE_AFTER_ROUNDS = 20;
/** Rounds between two looks at what lies idle. */
const IDLE_ROUNDS = 20;

export class LeasedQuota implements Quota {
  private leased = 0;
  private taken = 0;
  /** To be given back as they are given here. */
  private owed = 0;
  private readonly waiting: StoreAsker<boolean>[] = [];
  /** The first so many of those who wait are answered with the ask that is open. */
  private covered = 0;
  private isAsking = false;
  private roundsAsking = 0;
  private roundsSinceLook = 0;
  private spareAtLastLook = 0;

  private isOwnerGone = false;

  constructor(private readonly port: QuotaPort) {}

  take(): boolean {
    if (this.taken >= this.leased) return false;
    this.taken++;
    return true;
  }

  give(): void {
    this.taken--;
    if (this.owed === 0) return;
    this.owed--;
    this.leased--;
    this.port.giveBack(1, 1, false);
  }

  ask(asker: StoreAsker<boolean>): void {
    // The store is away: nobody has to wait for long more than once.
    if (this.isLate) {
      asker.onStoreAnswer(this.take());
      return;
    }
    this.waiting.push(asker);
    if (!this.isAsking) this.askForMore();
  }

  forget(asker: StoreAsker<boolean>): void {
    const at = this.waiting.indexOf(asker);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    if (at < this.covered) this.covered--;
  }

  onGrant(amount: number, isAnswer: boolean): void {
    this.leased += amount;
    this.serveWaiting();
    if (!isAnswer) return;
    while (this.covered > 0) this.answerFirst(this.take());
    this.isAsking = false;
    this.roundsAsking = 0;
    if (this.waiting.length > 0) this.askForMore();
  }

  onRecall(amount: number, kept: number): void {
    this.serveWaiting();
    this.giveBackSpare(Math.max(0, Math.min(amount, this.spare - kept)), true);
  }

  onOwe(amount: number): void {
    this.owed += amount;
    if (this.spare > 0) this.giveBackSpare(Math.min(amount, this.spare), false);
  }

  /** Some time has passed: an ask may be late, and leases may have lain idle since the last look. */
  round(): void {
    if (this.isAsking) {
      this.roundsAsking++;
      if (this.isLate) this.giveUpAsking();
    }
    if (++this.roundsSinceLook < IDLE_ROUNDS) return;
    this.roundsSinceLook = 0;
    // Half of it, so that what comes now and then does not have to ask each time.
    const idle = Math.ceil(Math.min(this.spare, this.spareAtLastLook) / 2);
    this.spareAtLastLook = this.spare;
    if (idle > 0) this.giveBackSpare(idle, false);
  }

  /** What is held here remains, and nothing comes any more. */
  ownerIsGone(): void {
    this.isOwnerGone = true;
    this.giveUpAsking();
  }

  private giveUpAsking(): void {
    while (this.waiting.length > 0) this.answerFirst(this.take());
  }

  private get spare(): number {
    return this.leased - this.taken;
  }

  private get isLate(): boolean {
    return this.isOwnerGone || this.roundsAsking >= LATE_AFTER_ROUNDS;
  }

  private askForMore(): void {
    this.isAsking = true;
    this.roundsAsking = 0;
    this.covered = this.waiting.length;
    this.port.ask(this.covered, Math.min(MAX_EXTRA, Math.max(1, this.taken >> 2)));
  }

  private giveBackSpare(amount: number, isAnswer: boolean): void {
    const paid = Math.min(this.owed, amount);
    this.owed -= paid;
    this.leased -= amount;
    this.port.giveBack(amount, paid, isAnswer);
  }

  private serveWaiting(): void {
    while (this.waiting.length > 0 && this.take()) this.answerFirst(true);
  }

  private answerFirst(isGranted: boolean): void {
    const asker = this.waiting.shift() as StoreAsker<boolean>;
    if (this.covered > 0) this.covered--;
    asker.onStoreAnswer(isGranted);
  }
}
