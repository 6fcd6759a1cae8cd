// Shared state as a worker sees it (contract 7): one owner, four messages, answers that may come later. It says nothing
// of where the owner is: in the same process, in the supervisor, or on another machine.

/** Who has asked, and is told once: within the call when the answer is known here, later otherwise. */
export interface StoreAsker<T> {
  onStoreAnswer(answer: T): void;
}

/** What a session table knows of a key. */
export interface SessionAnswer {
  /** The name of the server that holds, or null: no such session. */
  readonly server: string | null;
  /** A server has answered with a success in this session. */
  readonly isConfirmed: boolean;
  /** False: the store could not be asked in time, and `server` says nothing. */
  readonly isCertain: boolean;
}

/** The sessions of one upstream, the same in every worker. */
export interface SessionTable {
  /** From the worker's cache, or by asking the store. */
  lookUp(key: string, asker: StoreAsker<SessionAnswer>): void;
  /**
   * A new binding, pending until it is confirmed. The first one wins: the answer names the server that now holds. It is to
   * be awaited before the response that creates the session goes out. With `confirmed` it is confirmed at once.
   */
  bind(key: string, server: string, confirmed: boolean, asker: StoreAsker<SessionAnswer>): void;
  /**
   * In place of what held, because that server is lost. The first of several workers wins here too: `from` must still hold.
   * Workers that had cached the old binding have been told before the answer goes out.
   */
  rebind(key: string, from: string, server: string, asker: StoreAsker<SessionAnswer>): void;
  /** The server has answered with a success: no new session pushes this one out any more. */
  confirm(key: string): void;
  /** From now on these hold, for all workers. */
  setOptions(options: SessionTableOptions): void;
  /** Who asked is not to be told any more, because it is gone. Nothing happens if it has been told or never asked. */
  forget(asker: StoreAsker<SessionAnswer>): void;
}

export interface SessionTableOptions {
  /**
   * Where there are more, the least recently used goes. An eighth is for pending ones, which push out nothing but each
   * other: whoever invents keys costs nobody his session.
   */
  readonly maxSessions: number;
  /** A session that nobody asked for this long is gone. */
  readonly idleMs: number;
}

/** A limit that holds over all workers. A worker takes from the part that is leased to it and asks for more when that is used up. */
export interface Quota {
  /** Takes one of what is leased here. False: nothing is left of it; {@link ask} for more, or do without. */
  take(): boolean;
  /** Gives one back that was taken. */
  give(): void;
  /** The answer is whether one was granted, which is then taken already. */
  ask(asker: StoreAsker<boolean>): void;
  forget(asker: StoreAsker<boolean>): void;
}

/** A figure that each worker has of its own, and all together of all. */
export interface Column {
  /** The sum over the other workers as it was last told; a dead worker's figure is 0. */
  readonly othersSum: number;
}

export interface Store {
  /**
   * A table of the same name is the same table for every worker, and across reloads. `options` are for one that is new; one
   * that is known here stays as it is until its {@link SessionTable.setOptions} is called.
   */
  sessions(table: string, options: SessionTableOptions): SessionTable;
  /**
   * The same quota for the same name, in every worker and across reloads. `limit` may change: the newest counts. null: there
   * is one worker only, whose own count says all.
   */
  quota(name: string, limit: number): Quota | null;
  /**
   * `own` gives this worker's figure, and is asked every few tens of milliseconds; where the topic is opened again the newest
   * counts. null: there is one worker only.
   */
  column(topic: string, own: () => number): Column | null;
  /** Tells every other worker, in order. `value` is plain data. The last value of each topic is kept. */
  publish(topic: string, value: unknown): void;
  /**
   * `take` is called with what other workers publish, beginning with the last value if there is one, and with its age in
   * milliseconds. One for each topic: the newest counts.
   */
  subscribe(topic: string, take: (value: unknown, ageMs: number) => void): void;
}
