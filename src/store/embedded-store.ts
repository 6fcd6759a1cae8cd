// The owner of the shared state, embedded in the supervisor, or in the one process where there is one worker. It knows its
// members only as somebody who sends requests and takes replies.
import { ColumnSums } from './column-sums.js';
import type { SessionChange, SessionsOfTable, StoreReply, StoreRequest } from './messages.js';
import { QuotaLedgers } from './quota-ledgers.js';
import { newSessionSecret } from './session-key-hash.js';
import { SessionRecords } from './session-records.js';
import type { SessionAnswer, SessionTableOptions } from './store.js';

/** A worker, as the owner sees it. */
export interface StoreMember {
  /** Requests in the order in which they were made. */
  take(request: StoreRequest): void;
  /** The worker is gone: it is told nothing any more, and what it held returns. Its sessions stay. */
  leave(): void;
}

export class EmbeddedStore {
  private readonly tables = new Map<string, SessionRecords>();
  private readonly mirrors = new Map<Member, (change: SessionChange) => void>();
  private readonly facts = new Map<string, { readonly value: unknown; readonly atMs: number }>();
  private readonly members = new Map<number, Member>();
  private readonly quotas = new QuotaLedgers((worker, reply) => this.members.get(worker)?.reply(reply));
  private readonly columns = new ColumnSums();
  private lastId = 0;

  /** `clock`: milliseconds on a clock that never goes back. `secret`: owners with the same one understand each other's sessions. */
  constructor(
    private readonly clock: () => number = () => performance.now(),
    readonly secret = newSessionSecret(),
  ) {}

  /** `reply` takes what the new member is told, in order. */
  join(reply: (reply: StoreReply) => void): StoreMember {
    const member = new Member(this, ++this.lastId, reply);
    this.members.set(member.id, member);
    for (const [topic, { value, atMs }] of this.facts) reply({ kind: 'fact', topic, value, ageMs: this.clock() - atMs });
    return member;
  }

  /**
   * Another owner that is to hold the same sessions from now on: `send` takes what members change of them here, and the
   * mirror what its members change there. The first binding wins at each; for that to differ, one client has to begin one
   * session at both at the same time.
   */
  mirror(send: (change: SessionChange) => void): StoreMember {
    const mirror = new Member(this, ++this.lastId, () => {});
    this.mirrors.set(mirror, send);
    return mirror;
  }

  /** All sessions, for {@link takeSessions} of another owner. */
  sessions(): SessionsOfTable[] {
    return [...this.tables].flatMap(([table, records]) => records.batches().map((batch) => ({ table, options: records.options, batch })));
  }

  /** What another owner with the same secret holds. To be called before there are members. */
  takeSessions(sessions: readonly SessionsOfTable[]): void {
    for (const { table, options, batch } of sessions) this.openTable(table, options).addBatch(batch, this.clock());
  }

  remove(member: Member): void {
    this.mirrors.delete(member);
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
      case 'openTable':
        this.openTable(request.table, request.options);
        break;
      default: {
        const records = this.tables.get(request.table);
        // A mirror may have tables that are not in the config here.
        if (records !== undefined) this.handleSession(member, request, records);
      }
    }
  }

  private openTable(table: string, options: SessionTableOptions): SessionRecords {
    const known = this.tables.get(table);
    if (known !== undefined) {
      known.setOptions(options);
      return known;
    }
    const records = new SessionRecords(options, this.secret);
    this.tables.set(table, records);
    return records;
  }

  private handleSession(member: Member, request: Extract<StoreRequest, { key: string }>, records: SessionRecords): void {
    const { key } = request;
    const nowMs = this.clock();
    if (request.kind === 'bind' || request.kind === 'rebind' || request.kind === 'confirm') this.tellMirrors(member, request);
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

  private tellMirrors(member: Member, change: SessionChange): void {
    for (const [mirror, send] of this.mirrors) if (mirror !== member) send(change);
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
