// The store as one worker sees it. It keeps caches and open questions, and gives everything else to the owner, over whatever
// link there is: messages between processes, or calls where the owner lives in the same one.
import { nowMs } from '../core/clock.js';
import { ClientSessionTable } from './client-session-table.js';
import { LeasedQuota } from './leased-quota.js';
import type { StoreReply, StoreRequest } from './messages.js';
import { OwnColumn } from './own-column.js';
import { Questions } from './questions.js';
import type { Column, Quota, SessionTable, SessionTableOptions, Store } from './store.js';

/** How long an exchange waits for an owner that does not answer. */
const PATIENCE_MS = 1_000;

export interface StoreClientOptions {
  /** Milliseconds on a clock that never goes back; the shared clock unless given. */
  readonly clock?: () => number;
  readonly patienceMs?: number;
  /** There is no other worker: what is counted here is all there is. */
  readonly isAlone?: boolean;
}

/** What was published last of a topic. */
interface Fact {
  readonly value: unknown;
  readonly atMs: number;
}

export class StoreClient implements Store {
  readonly clock: () => number;
  readonly questions: Questions;
  private readonly tables = new Map<string, ClientSessionTable>();
  private readonly quotas = new Map<string, LeasedQuota>();
  private readonly columns = new Map<string, OwnColumn>();
  private readonly facts = new Map<string, Fact>();
  private readonly subscribers = new Map<string, (value: unknown, ageMs: number) => void>();
  private readonly isAlone: boolean;

  constructor(
    /** Takes messages to the owner, in order. */
    readonly send: (request: StoreRequest) => void,
    options: StoreClientOptions = {},
  ) {
    this.clock = options.clock ?? nowMs;
    this.isAlone = options.isAlone ?? false;
    this.questions = new Questions(options.patienceMs ?? PATIENCE_MS, this.clock);
  }

  sessions(table: string, options: SessionTableOptions): SessionTable {
    let known = this.tables.get(table);
    if (known === undefined) {
      known = new ClientSessionTable(table, this);
      this.tables.set(table, known);
      known.setOptions(options);
    }
    return known;
  }

  quota(name: string, limit: number): Quota | null {
    if (this.isAlone) return null;
    this.send({ kind: 'openQuota', quota: name, limit });
    let known = this.quotas.get(name);
    if (known === undefined) {
      known = new LeasedQuota({
        ask: (needed, extra) => this.send({ kind: 'askQuota', quota: name, needed, extra }),
        giveBack: (amount, paid, isAnswer) => this.send({ kind: 'giveBack', quota: name, amount, paid, isAnswer }),
      });
      this.quotas.set(name, known);
    }
    return known;
  }

  column(topic: string, own: () => number): Column | null {
    if (this.isAlone) return null;
    let known = this.columns.get(topic);
    if (known === undefined) {
      known = new OwnColumn(own);
      this.columns.set(topic, known);
    }
    known.own = own;
    return known;
  }

  publish(topic: string, value: unknown): void {
    this.facts.set(topic, { value, atMs: this.clock() });
    this.send({ kind: 'publish', topic, value });
  }

  subscribe(topic: string, take: (value: unknown, ageMs: number) => void): void {
    this.subscribers.set(topic, take);
    const fact = this.facts.get(topic);
    if (fact !== undefined) take(fact.value, this.clock() - fact.atMs);
  }

  /** To be called every few tens of milliseconds, unless the worker is alone. */
  round(): void {
    for (const quota of this.quotas.values()) quota.round();
    for (const [topic, column] of this.columns) {
      if (column.hasChanged()) this.send({ kind: 'figure', topic, value: column.told });
    }
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
        this.facts.set(reply.topic, { value: reply.value, atMs: this.clock() - reply.ageMs });
        this.subscribers.get(reply.topic)?.(reply.value, reply.ageMs);
        break;
      case 'grant':
        this.quotas.get(reply.quota)?.onGrant(reply.amount, reply.isAnswer);
        break;
      case 'recall':
        this.quotas.get(reply.quota)?.onRecall(reply.amount, reply.kept);
        break;
      case 'owe':
        this.quotas.get(reply.quota)?.onOwe(reply.amount);
        break;
      case 'sum':
        this.columns.get(reply.topic)?.learn(reply.sum);
    }
  }

  /** The owner will not answer any more: caches stay, everything else is uncertain. */
  ownerIsGone(): void {
    this.questions.ownerIsGone();
    for (const quota of this.quotas.values()) quota.ownerIsGone();
  }
}
