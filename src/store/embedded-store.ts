// The owner of the shared state, embedded in the supervisor, or in the one process where there is one worker. It knows its
// members only as somebody who sends requests and takes replies.
import { ColumnSums } from './column-sums.js';
import type { StoreReply, StoreRequest } from './messages.js';
import { QuotaLedgers } from './quota-ledgers.js';
import { SessionRecords } from './session-records.js';
import type { SessionAnswer } from './store.js';

/** A worker, as the owner sees it. */
export interface StoreMember {
  /** Requests in the order in which they were made. */
  take(request: StoreRequest): void;
  /** The worker is gone: it is told nothing any more, and what it held returns. Its sessions stay. */
  leave(): void;
}

export class EmbeddedStore {
  private readonly tables = new Map<string, SessionRecords>();
  private readonly facts = new Map<string, { readonly value: unknown; readonly atMs: number }>();
  private readonly members = new Map<number, Member>();
  private readonly quotas = new QuotaLedgers((worker, reply) => this.members.get(worker)?.reply(reply));
  private readonly columns = new ColumnSums();
  private lastId = 0;

  /** `clock`: milliseconds on a clock that never goes back. */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** `reply` takes what the new member is told, in order. */
  join(reply: (reply: StoreReply) => void): StoreMember {
    const member = new Member(this, ++this.lastId, reply);
    this.members.set(member.id, member);
    for (const [topic, { value, atMs }] of this.facts) reply({ kind: 'fact', topic, value, ageMs: this.clock() - atMs });
    return member;
  }

  remove(member: Member): void {
    this.members.delete(member.id);
    this.quotas.leave(member.id);
    this.columns.leave(member.id);
  }

  /** To be called every few tens of milliseconds where there are several members. */
  round(): void {
    this.quotas.round();
    for (const member of this.members.values()) {
      for (const { topic, sum } of this.columns.changesFor(member.id)) member.reply({ kind: 'sum', topic, sum });
    }
  }

  handle(member: Member, request: StoreRequest): void {
    switch (request.kind) {
      case 'publish':
        this.publish(member, request.topic, request.value);
        break;
      case 'figure':
        this.columns.set(member.id, request.topic, request.value);
        break;
      case 'openQuota':
      case 'askQuota':
      case 'giveBack':
        this.quotas.handle(member.id, request);
        break;
      case 'openTable': {
        const known = this.tables.get(request.table);
        if (known === undefined) this.tables.set(request.table, new SessionRecords(request.options));
        else known.setOptions(request.options);
        break;
      }
      default:
        this.handleSession(member, request, this.tables.get(request.table) as SessionRecords);
    }
  }

  private handleSession(member: Member, request: Extract<StoreRequest, { key: string }>, records: SessionRecords): void {
    const { key } = request;
    const nowMs = this.clock();
    switch (request.kind) {
      case 'lookUp':
        answer(member, request.question, records.lookUp(key, nowMs));
        break;
      case 'bind':
        if (records.hasEvictedLately(nowMs)) this.tellOthersToForget(member, request.table, key);
        answer(member, request.question, records.bind(key, request.server, request.isConfirmed, nowMs));
        break;
      case 'rebind':
        // First the others: when this one goes on, nobody is to answer from what held before.
        this.tellOthersToForget(member, request.table, key);
        answer(member, request.question, records.rebind(key, request.from, request.server, nowMs));
        break;
      case 'confirm':
        records.confirm(key, nowMs);
        break;
      case 'touch':
        if (records.lookUp(key, nowMs).server === null) member.reply({ kind: 'forget', table: request.table, key });
    }
  }

  private tellOthersToForget(member: Member, table: string, key: string): void {
    for (const other of this.members.values()) {
      if (other !== member) other.reply({ kind: 'forget', table, key });
    }
  }

  private publish(member: Member, topic: string, value: unknown): void {
    this.facts.set(topic, { value, atMs: this.clock() });
    for (const other of this.members.values()) {
      if (other !== member) other.reply({ kind: 'fact', topic, value, ageMs: 0 });
    }
  }
}

class Member implements StoreMember {
  constructor(
    private readonly store: EmbeddedStore,
    readonly id: number,
    readonly reply: (reply: StoreReply) => void,
  ) {}

  take(request: StoreRequest): void {
    this.store.handle(this, request);
  }

  leave(): void {
    this.store.remove(this);
  }
}

function answer(member: Member, question: number, { server, isConfirmed }: SessionAnswer): void {
  member.reply({ kind: 'session', question, server, isConfirmed });
}
