// The sessions of one table, as their owner holds them: bounded, expiring, in typed arrays, so that a million cost 40 MB and
// the garbage collector nothing. Pure: the time is passed in, and it tells nobody of anything.
//
//   buckets   open addressing over the 128-bit hashes of the keys; a bucket has the number of a record, or 0
//   records   1 … : hash (4 words), server, last use, neighbours in the order of use; free ones are a chain
//
// Pending and confirmed sessions stand in two lists with a bound each. Whoever invents keys fills the pending list and pushes
// out what he invented before; a session that a server has confirmed goes only for another such one.
import { hashSessionKey, newSessionSecret } from './session-key-hash.js';
import type { SessionAnswer, SessionTableOptions } from './store.js';

/** The part of the room that pending sessions have to themselves. */
const PENDING_PART = 1 / 8;
/** Times are kept in so many milliseconds: 32 bits then last for 13 years. */
const TICK_MS = 100;
const FIRST_CAPACITY = 1024;
const pendingFlag = 0x80000000;

/** Sessions on their way to another process that has the same secret. Plain data. */
export interface SessionBatch {
  /** Names; records have their places. */
  readonly servers: readonly string[];
  /** For each record: hash (4 words), server with the flag of pending ones. */
  readonly records: Uint32Array;
}

const WORDS_OF_RECORD = 5;
const RECORDS_IN_BATCH = 8_192;

export const noSession: SessionAnswer = { server: null, isConfirmed: false, isCertain: true };

/** The ends of a list of records in the order of their last use; 0: empty. */
class UseOrder {
  newest = 0;
  oldest = 0;
  count = 0;
  room = 0;
}

export class SessionRecords {
  private idleTicks = 0;
  private readonly confirmed = new UseOrder();
  private readonly pending = new UseOrder();
  private capacity = 0;
  private free = 0;
  private buckets = new Uint32Array(0);
  private mask = 0;
  private hashes = new Uint32Array(0);
  /** The number of the server's name, with the flag of pending ones. */
  private servers = new Uint32Array(0);
  private usedAt = new Uint32Array(0);
  private newer = new Uint32Array(0);
  private older = new Uint32Array(0);
  private readonly wanted = new Uint32Array(4);
  private readonly numberOfServer = new Map<string, number>();
  /** For each server the answer that names it, confirmed and pending: an answer costs no allocation. */
  private readonly confirmedAnswers: SessionAnswer[] = [];
  private readonly pendingAnswers: SessionAnswer[] = [];
  private evictedConfirmedMs = -Infinity;

  /** `options`: those that hold. `secret`: what keys are hashed under. */
  constructor(
    public options: SessionTableOptions,
    private readonly secret = newSessionSecret(),
  ) {
    this.setOptions(options);
    this.grow(FIRST_CAPACITY);
  }

  /** What does not fit any more goes, the least recently used first. */
  setOptions(options: SessionTableOptions): void {
    const { maxSessions, idleMs } = options;
    this.options = options;
    this.idleTicks = Math.ceil(idleMs / TICK_MS);
    this.pending.room = Math.max(1, Math.floor(maxSessions * PENDING_PART));
    this.confirmed.room = Math.max(1, maxSessions - this.pending.room);
    for (const list of [this.pending, this.confirmed]) {
      while (list.count > list.room) this.remove(list.oldest);
    }
  }

  get confirmedCount(): number {
    return this.confirmed.count;
  }

  get pendingCount(): number {
    return this.pending.count;
  }

  /** Counts as a use. */
  lookUp(key: string, nowMs: number): SessionAnswer {
    const record = this.find(key, nowMs);
    if (record === 0) return noSession;
    this.use(record, nowMs);
    return this.answer(record);
  }

  /** The first one wins: the answer is who holds now. */
  bind(key: string, server: string, isConfirmed: boolean, nowMs: number): SessionAnswer {
    let record = this.find(key, nowMs);
    if (record === 0) {
      record = this.insert(isConfirmed ? this.confirmed : this.pending, nowMs);
      this.servers[record] = this.numberOf(server);
      if (!isConfirmed) this.servers[record]! |= pendingFlag;
    } else {
      this.use(record, nowMs);
      if (isConfirmed && this.answer(record).server === server) this.confirmRecord(record, nowMs);
    }
    return this.answer(record);
  }

  /** Wins only while `from` holds; the answer is who holds now. A session that is gone is bound as a new one. */
  rebind(key: string, from: string, server: string, nowMs: number): SessionAnswer {
    const record = this.find(key, nowMs);
    if (record === 0) return this.bind(key, server, false, nowMs);
    this.use(record, nowMs);
    if (this.answer(record).server === from) this.servers[record] = (this.servers[record]! & pendingFlag) | this.numberOf(server);
    return this.answer(record);
  }

  confirm(key: string, nowMs: number): void {
    const record = this.find(key, nowMs);
    if (record === 0) return;
    this.use(record, nowMs);
    this.confirmRecord(record, nowMs);
  }

  /** Whether a worker may still have something cached of a session that this table has given up for want of room. */
  hasEvictedLately(nowMs: number): boolean {
    return nowMs - this.evictedConfirmedMs < this.options.idleMs;
  }

  /** All of them, for {@link addBatch} of another table, the least recently used first. */
  batches(): SessionBatch[] {
    const servers = this.confirmedAnswers.map(({ server }) => server as string);
    const batches: SessionBatch[] = [];
    let records = new Uint32Array(0);
    let at = 0;
    let left = this.pending.count + this.confirmed.count;
    for (const list of [this.pending, this.confirmed]) {
      for (let record = list.oldest; record !== 0; record = this.newer[record]!) {
        if (at === records.length) {
          records = new Uint32Array(Math.min(left, RECORDS_IN_BATCH) * WORDS_OF_RECORD);
          batches.push({ servers, records });
          at = 0;
        }
        for (let word = 0; word < 4; word++) records[at++] = this.hashes[4 * record + word]!;
        records[at++] = this.servers[record]!;
        left--;
      }
    }
    return batches;
  }

  /** Takes in sessions that another table has held, as used just now: clocks of processes differ. Before others are bound here. */
  addBatch({ servers, records }: SessionBatch, nowMs: number): void {
    const numbers = servers.map((server) => this.numberOf(server));
    for (let at = 0; at < records.length; at += WORDS_OF_RECORD) {
      const server = records[at + 4]!;
      const isPending = server >= pendingFlag;
      for (let word = 0; word < 4; word++) this.wanted[word] = records[at + word]!;
      const record = this.insert(isPending ? this.pending : this.confirmed, nowMs);
      this.servers[record] = isPending ? (numbers[server - pendingFlag]! | pendingFlag) >>> 0 : numbers[server]!;
    }
  }

  private answer(record: number): SessionAnswer {
    const server = this.servers[record]!;
    return server >= pendingFlag ? this.pendingAnswers[server - pendingFlag]! : this.confirmedAnswers[server]!;
  }

  private numberOf(server: string): number {
    let number = this.numberOfServer.get(server);
    if (number === undefined) {
      number = this.confirmedAnswers.length;
      this.numberOfServer.set(server, number);
      this.confirmedAnswers.push({ server, isConfirmed: true, isCertain: true });
      this.pendingAnswers.push({ server, isConfirmed: false, isCertain: true });
    }
    return number;
  }

  // The order of use

  private listOf(record: number): UseOrder {
    return this.servers[record]! >= pendingFlag ? this.pending : this.confirmed;
  }

  private use(record: number, nowMs: number): void {
    this.usedAt[record] = nowMs / TICK_MS;
    const list = this.listOf(record);
    if (list.newest === record) return;
    this.unlink(list, record);
    this.linkNewest(list, record);
  }

  private confirmRecord(record: number, nowMs: number): void {
    if (this.listOf(record) === this.confirmed) return;
    this.unlink(this.pending, record);
    this.servers[record]! -= pendingFlag;
    this.makeRoom(this.confirmed, nowMs);
    this.linkNewest(this.confirmed, record);
  }

  private linkNewest(list: UseOrder, record: number): void {
    this.newer[record] = 0;
    this.older[record] = list.newest;
    if (list.newest === 0) list.oldest = record;
    else this.newer[list.newest] = record;
    list.newest = record;
    list.count++;
  }

  private unlink(list: UseOrder, record: number): void {
    const newer = this.newer[record]!;
    const older = this.older[record]!;
    if (newer === 0) list.newest = older;
    else this.older[newer] = older;
    if (older === 0) list.oldest = newer;
    else this.newer[older] = newer;
    list.count--;
  }

  private isExpired(record: number, nowMs: number): boolean {
    return Math.floor(nowMs / TICK_MS) - this.usedAt[record]! > this.idleTicks;
  }

  private makeRoom(list: UseOrder, nowMs: number): void {
    // Two for each one that comes: so those that are over go sooner than new ones come.
    for (let i = 0; i < 2 && list.oldest !== 0 && this.isExpired(list.oldest, nowMs); i++) this.remove(list.oldest);
    if (list.count < list.room) return;
    this.remove(list.oldest);
    if (list === this.confirmed) this.evictedConfirmedMs = nowMs;
  }

  // Records and buckets

  /** The record of `key`, whose hash is in `wanted` afterwards; 0: none. */
  private find(key: string, nowMs: number): number {
    hashSessionKey(key, this.secret, this.wanted);
    const [first, second, third, fourth] = this.wanted as unknown as [number, number, number, number];
    const { buckets, hashes, mask } = this;
    for (let bucket = first & mask; buckets[bucket] !== 0; bucket = (bucket + 1) & mask) {
      const record = buckets[bucket]!;
      const at = 4 * record;
      if (hashes[at] === first && hashes[at + 1] === second && hashes[at + 2] === third && hashes[at + 3] === fourth) {
        if (!this.isExpired(record, nowMs)) return record;
        this.remove(record);
        return 0;
      }
    }
    return 0;
  }

  /** A record for the key whose hash is in `wanted`. */
  private insert(list: UseOrder, nowMs: number): number {
    this.makeRoom(list, nowMs);
    if (this.free === 0) this.grow(Math.min(2 * this.capacity, this.confirmed.room + this.pending.room));
    const record = this.free;
    this.free = this.older[record]!;
    this.hashes.set(this.wanted, 4 * record);
    this.usedAt[record] = nowMs / TICK_MS;
    this.putInBucket(record);
    this.linkNewest(list, record);
    return record;
  }

  private putInBucket(record: number): void {
    const { buckets, mask } = this;
    let bucket = this.hashes[4 * record]! & mask;
    while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
    buckets[bucket] = record;
  }

  private remove(record: number): void {
    const { buckets, mask } = this;
    let gap = this.hashes[4 * record]! & mask;
    while (buckets[gap] !== record) gap = (gap + 1) & mask;
    // Those behind move up, so that no search ends at the gap too early.
    for (let bucket = (gap + 1) & mask; buckets[bucket] !== 0; bucket = (bucket + 1) & mask) {
      const home = this.hashes[4 * buckets[bucket]!]! & mask;
      if (((bucket - home) & mask) < ((bucket - gap) & mask)) continue;
      buckets[gap] = buckets[bucket]!;
      gap = bucket;
    }
    buckets[gap] = 0;
    this.unlink(this.listOf(record), record);
    this.older[record] = this.free;
    this.free = record;
  }

  /** Called when no record is free. Places are made for one more than `capacity`: the number 0 means none. */
  private grow(capacity: number): void {
    const enlarged = (old: Uint32Array, words: number): Uint32Array<ArrayBuffer> => {
      const array = new Uint32Array(words * (capacity + 1));
      array.set(old);
      return array;
    };
    this.hashes = enlarged(this.hashes, 4);
    this.servers = enlarged(this.servers, 1);
    this.usedAt = enlarged(this.usedAt, 1);
    this.newer = enlarged(this.newer, 1);
    this.older = enlarged(this.older, 1);
    // At most half full, so that searches are short.
    const bucketCount = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.buckets = new Uint32Array(bucketCount);
    this.mask = bucketCount - 1;
    for (let record = 1; record <= this.capacity; record++) this.putInBucket(record);
    for (let record = capacity; record > this.capacity; record--) {
      this.older[record] = this.free;
      this.free = record;
    }
    this.capacity = capacity;
  }
}
