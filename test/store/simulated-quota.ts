// One limit over several workers without processes: the ledger, a LeasedQuota for each worker, and queues of messages
// between them that the test delivers one by one, so that it decides what is late.
import { LeasedQuota } from '../../src/store/leased-quota.js';
import { QuotaLedger } from '../../src/store/quota-ledger.js';
import type { StoreAsker } from '../../src/store/store.js';

type Delivery = () => void;

/** Someone who wants one of the limit: waits, has it, was refused, or has left. */
export class Taker implements StoreAsker<boolean> {
  state: 'waiting' | 'has' | 'refused' | 'gone' = 'waiting';
  answers = 0;

  onStoreAnswer(isGranted: boolean): void {
    this.answers++;
    if (this.state === 'gone') throw new Error('told after it was forgotten');
    this.state = isGranted ? 'has' : 'refused';
  }
}

export class SimulatedWorker {
  readonly quota: LeasedQuota;
  readonly takers: Taker[] = [];
  /** Not yet delivered. */
  readonly toOwner: Delivery[] = [];
  readonly fromOwner: Delivery[] = [];
  isAlive = true;

  constructor(
    readonly id: number,
    ledger: QuotaLedger,
  ) {
    this.quota = new LeasedQuota({
      ask: (needed, extra) => void this.toOwner.push(() => ledger.ask(id, needed, extra)),
      giveBack: (amount, paid, isAnswer) => void this.toOwner.push(() => ledger.giveBack(id, amount, paid, isAnswer)),
    });
  }

  /** As an exchange does: takes what is here, or asks and waits. */
  want(): Taker {
    const taker = new Taker();
    this.takers.push(taker);
    if (this.quota.take()) taker.state = 'has';
    else this.quota.ask(taker);
    return taker;
  }

  of(state: Taker['state']): Taker[] {
    return this.takers.filter((taker) => taker.state === state);
  }

  end(taker: Taker): void {
    if (taker.state === 'has') this.quota.give();
    if (taker.state === 'waiting') this.quota.forget(taker);
    taker.state = 'gone';
  }
}

export class SimulatedQuota {
  readonly workers: SimulatedWorker[] = [];
  readonly ledger: QuotaLedger;

  constructor(
    public limit: number,
    workers: number,
  ) {
    this.ledger = new QuotaLedger(limit, {
      grant: (worker, amount, isAnswer) => this.tell(worker, ({ quota }) => quota.onGrant(amount, isAnswer)),
      recall: (worker, amount, kept) => this.tell(worker, ({ quota }) => quota.onRecall(amount, kept)),
      owe: (worker, amount) => this.tell(worker, ({ quota }) => quota.onOwe(amount)),
    });
    for (let i = 0; i < workers; i++) this.start();
  }

  start(): SimulatedWorker {
    const worker = new SimulatedWorker(this.workers.length, this.ledger);
    this.workers.push(worker);
    return worker;
  }

  private tell(id: number, deliver: (worker: SimulatedWorker) => void): void {
    const worker = this.workers[id]!;
    if (worker.isAlive) worker.fromOwner.push(() => deliver(worker));
  }

  kill(worker: SimulatedWorker): void {
    worker.isAlive = false;
    worker.takers.length = 0;
    // What it said last arrives, or not: here not.
    worker.toOwner.length = 0;
    worker.fromOwner.length = 0;
    this.ledger.leave(worker.id);
  }

  setLimit(limit: number): void {
    this.limit = limit;
    this.ledger.setLimit(limit);
  }

  get alive(): SimulatedWorker[] {
    return this.workers.filter(({ isAlive }) => isAlive);
  }

  get taken(): number {
    return this.alive.reduce((sum, worker) => sum + worker.of('has').length, 0);
  }

  /** Delivers everything, also what comes of it, except to and from those that are left out. */
  settle(...stuck: SimulatedWorker[]): void {
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const { toOwner, fromOwner } of this.alive.filter((worker) => !stuck.includes(worker))) {
        for (const queue of [toOwner, fromOwner]) {
          const deliver = queue.shift();
          deliver?.();
          isMoving ||= deliver !== undefined;
        }
      }
    }
  }
}
