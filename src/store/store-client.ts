// The store as one worker sees it. It keeps caches and open questions, and gives everything else to the owner, over whatever
// link there is: messages between processes, or calls where the owner lives in the same one.
import { nowMs } from '../core/clock.js';
import { ClientSessionTable } from './client-session-table.js';
import type { StoreReply, StoreRequest } from './messages.js';
import { Questions } from './questions.js';
import type { SessionTable, SessionTableOptions, Store } from './store.js';

/** How long an exchange waits for an owner that does not answer. */
const PATIENCE_MS = 1_000;

export interface StoreClientOptions {
  /** Milliseconds on a clock that never goes back; the shared clock unless given. */
  readonly clock?: () => number;
  readonly patienceMs?: number;
}

export class StoreClient implements Pick<Store, 'sessions' | 'publish' | 'subscribe'> {
  readonly clock: () => number;
  readonly questions: Questions;
  private readonly tables = new Map<string, ClientSessionTable>();
  private readonly subscribers = new Map<string, ((value: unknown) => void)[]>();

  constructor(
    /** Takes messages to the owner, in order. */
    readonly send: (request: StoreRequest) => void,
    options: StoreClientOptions = {},
  ) {
    this.clock = options.clock ?? nowMs;
    this.questions = new Questions(options.patienceMs ?? PATIENCE_MS, this.clock);
  }

  sessions(table: string, options: SessionTableOptions): SessionTable {
    this.send({ kind: 'openTable', table, options });
    let known = this.tables.get(table);
    if (known === undefined) {
      known = new ClientSessionTable(table, this);
      this.tables.set(table, known);
    }
    known.setIdleTime(options.idleMs);
    return known;
  }

  publish(topic: string, value: unknown): void {
    this.send({ kind: 'publish', topic, value });
  }

  subscribe(topic: string, take: (value: unknown) => void): void {
    const takers = this.subscribers.get(topic);
    if (takers === undefined) this.subscribers.set(topic, [take]);
    else takers.push(take);
    this.send({ kind: 'subscribe', topic });
  }

  /** What came from the owner, in order. */
  take(reply: StoreReply): void {
    switch (reply.kind) {
      case 'session':
        this.questions.answer(reply);
        break;
      case 'forget':
        this.tables.get(reply.table)?.forgetKey(reply.key);
        break;
      case 'fact':
        for (const take of this.subscribers.get(reply.topic) ?? []) take(reply.value);
    }
  }

  /** The owner will not answer any more: caches stay, everything else is uncertain. */
  ownerIsGone(): void {
    this.questions.ownerIsGone();
  }
}
