// One member of an upstream: its address, its two independent states (health and admin state), its counts, and the
// one table of who may be sent to it. It opens no connections and chooses nothing.
import type { Address } from '../net/address.js';
import type { Column, Quota } from '../store/store.js';
import { PassiveHealth, type PassiveHealthOptions } from './health/passive.js';

/** What the operator wants of a server, whatever its health. */
export const adminState = { ready: 0, drain: 1, maintenance: 2 } as const;
export type AdminState = (typeof adminState)[keyof typeof adminState];

export interface ServerOptions {
  /** Unique within the upstream. */
  readonly name: string;
  readonly address: Address;
  /** The address as logs show it. */
  readonly addressText: string;
  /** A whole number from 1. */
  readonly weight: number;
  readonly isBackup: boolean;
  /** Exchanges under way and tunnels together, of all workers; 0: no limit. */
  readonly maxConnections: number;
  readonly admin: AdminState;
  /** Its own passive health, null: off; undefined: the upstream's. */
  readonly passiveHealth?: PassiveHealthOptions | null;
}

/** What a server must know of its idle connections. */
export interface ConnectionPool {
  readonly idleCount: number;
  closeIdle(): void;
}

/** Told what becomes of a server. */
export interface ServerWatcher {
  /** Its health or admin state has changed. */
  serverChanged(server: Server): void;
  /** What happened here shows that it is down, or that it is well again: other workers need not find out for themselves. */
  healthFound(server: Server): void;
}

export class Server {
  readonly name: string;
  /** Among the servers of the upstream it has this number alone, as long as it lives: what is remembered of servers is kept by it. */
  readonly index: number;
  readonly address: Address;
  readonly addressText: string;
  weight: number;
  isBackup: boolean;
  maxConnections: number;
  /** Set when the runtime is put together; null in tests and before. */
  pool: ConnectionPool | null = null;
  /** The limit as it holds over all workers; null: this worker is the only one, or there is no limit. */
  quota: Quota | null = null;
  /** What the other workers have under way; null: there are none, or nobody asks for it. */
  othersLoad: Column | null = null;

  // Counts. Whoever begins a thing adds one and takes it away again when the thing ends.
  /** Exchanges under way, those that became tunnels not among them. */
  activeExchanges = 0;
  tunnels = 0;
  /** Sockets open or opening to the server, idle ones among them. */
  connections = 0;
  /** When a response head of it came last, on the monotonic clock. */
  lastAnswerMs = -Infinity;
  /** Sessions bound to this server since the start, re-bound ones among them. Only grows. */
  sessionsGiven = 0;
  /** That it is down was found here; false: another worker said so. */
  wasFoundDownHere = false;

  private watcher: ServerWatcher;
  private passive: PassiveHealth | null;
  private admin: AdminState;
  private up = true;

  /** `passive` null: failures never take the server down. */
  constructor(options: ServerOptions, index: number, passive: PassiveHealthOptions | null, watcher: ServerWatcher) {
    checkWeight(options);
    this.name = options.name;
    this.index = index;
    this.address = options.address;
    this.addressText = options.addressText;
    this.weight = options.weight;
    this.isBackup = options.isBackup;
    this.maxConnections = options.maxConnections;
    this.admin = options.admin;
    this.passive = passive === null ? null : new PassiveHealth(passive);
    this.watcher = watcher;
  }

  /** Goes on under another config with its counts, its connections and its health. Nobody is told: the new watcher looks by itself. */
  change(options: ServerOptions, passive: PassiveHealthOptions | null, watcher: ServerWatcher): void {
    checkWeight(options);
    this.weight = options.weight;
    this.isBackup = options.isBackup;
    this.maxConnections = options.maxConnections;
    this.admin = options.admin;
    this.watcher = watcher;
    if (passive === null) {
      this.passive = null;
      this.up = true;
    } else if (this.passive === null) {
      this.passive = new PassiveHealth(passive);
    } else {
      this.passive.change(passive);
    }
    if (!this.takesOwnSessions) this.pool?.closeIdle();
  }

  // The table: everything that asks whether a server may have an exchange asks these two.
  //
  //   server is                 takes new sessions   takes its own sessions
  //   up and ready              yes                  yes
  //   up and draining           no                   yes
  //   down, or in maintenance   no                   no

  /** Whether a client that is bound to no server may be sent here. Says nothing of {@link isFull}. */
  get takesNewSessions(): boolean {
    return this.up && this.admin === adminState.ready;
  }

  /** Whether a client that is bound to this server may be sent here. Says nothing of {@link isFull}. */
  get takesOwnSessions(): boolean {
    return this.up && this.admin !== adminState.maintenance;
  }

  get isUp(): boolean {
    return this.up;
  }

  /** This worker alone has as many as the limit allows. Where there are others, {@link quota} has the last word. */
  get isFull(): boolean {
    return this.maxConnections !== 0 && this.load >= this.maxConnections;
  }

  /** Exchanges under way and tunnels of this worker. */
  get load(): number {
    return this.activeExchanges + this.tunnels;
  }

  /** The same of all workers; those of the others as they were a moment ago. */
  get loadOfAll(): number {
    return this.othersLoad === null ? this.load : this.load + this.othersLoad.othersSum;
  }

  get adminState(): AdminState {
    return this.admin;
  }

  set adminState(state: AdminState) {
    if (state === this.admin) return;
    this.admin = state;
    this.stateChanged();
  }

  /** When a server that is down will be tried again; Infinity otherwise. */
  get downUntilMs(): number {
    return this.passive === null ? Infinity : this.passive.downUntilMs;
  }

  /**
   * An attempt failed for a reason that speaks against the server: it could not be connected to, or it closed a fresh
   * connection without a byte of an answer while it answered nobody else. Not for what a client can bring about.
   */
  recordFailure(nowMs: number): void {
    if (this.passive?.recordFailure(nowMs) !== true) return;
    this.wasFoundDownHere = true;
    this.up = false;
    this.stateChanged();
    this.watcher.healthFound(this);
  }

  /** The server has answered with a response head, or a connection in TCP mode was accepted. */
  recordSuccess(): void {
    if (this.passive?.recordSuccess() === true) this.watcher.healthFound(this);
  }

  /** Another worker has found the server down for a time; 0: well again, which ends a trial and never a time that it is down. */
  learnHealth(nowMs: number, downForMs: number): void {
    if (downForMs <= 0) {
      this.passive?.recordSuccess();
    } else if (this.passive?.learnDown(nowMs, downForMs) === true) {
      this.wasFoundDownHere = false;
      this.up = false;
      this.stateChanged();
    }
  }

  /** Brings the server up again if its time is over. */
  endDownTime(nowMs: number): void {
    if (this.passive?.endDownTime(nowMs) === true) {
      this.up = true;
      this.stateChanged();
    }
  }

  private stateChanged(): void {
    // Idle connections to a server that may get nothing are of no use, and hide a restart of it.
    if (!this.takesOwnSessions) this.pool?.closeIdle();
    this.watcher.serverChanged(this);
  }
}

/** Options are about a server of the same identity, and not about one that has taken its name or its address. */
export function identityOf({ name, addressText }: Pick<ServerOptions, 'name' | 'addressText'>): string {
  return `${name}\n${addressText}`;
}

function checkWeight({ name, weight }: ServerOptions): void {
  if (!Number.isInteger(weight) || weight < 1) throw new RangeError(`the weight of server "${name}" is not a whole number from 1`);
}
