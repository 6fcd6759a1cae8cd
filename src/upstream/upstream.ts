// A named group of servers that do the same job, and which of them a new session may go to. It decides nothing about
// clients that are bound already: selection does.

import { nowMs } from '../core/clock.js';
import { type Fault, faults } from '../core/errors.js';
import type { ExchangeView } from '../route/exchange-view.js';
import type { Balancer } from './balance/balancer.js';
import { type BalanceOptions, createBalancer, isSameBalance } from './balance/create-balancer.js';
import type { PassiveHealthOptions } from './health/passive.js';
import { identityOf, Server, type ServerOptions, type ServerWatcher } from './server.js';
import { createStickyPolicy, type StickyOptions } from './sticky/create-sticky-policy.js';
import type { ConnectionView, StickyPolicy } from './sticky/sticky-policy.js';

/** How often and where an exchange is tried. The exchange carries it out. */
export interface RetryOptions {
  /** How many servers are tried in all. */
  readonly attempts: number;
  /** How often the server that a client is bound to is tried before the client is bound anew. */
  readonly boundAttempts: number;
  /** The pause between two tries of the same server. */
  readonly pauseMs: number;
  /** How much of a request body is kept for a repeat. */
  readonly replayBytes: number;
  /** Methods that may be repeated after the request has been sent; upper case. */
  readonly methods: ReadonlySet<string>;
  /** After which failures of a server that has had the request those methods go to the next one. */
  readonly on: ReadonlySet<Fault>;
}

export interface UpstreamOptions {
  readonly name: string;
  /** At least one; names unique. */
  readonly servers: readonly ServerOptions[];
  readonly balance: BalanceOptions;
  readonly sticky: StickyOptions | null;
  /** null: off. A lone server is never taken out: that would turn its hiccups into outages and help nobody. */
  readonly passiveHealth: PassiveHealthOptions | null;
  readonly retries: RetryOptions;
  /** Called after a server's health or admin state has changed; null: nobody wants to know. */
  readonly onServerChange: ((upstream: Upstream, server: Server) => void) | null;
  /** Servers of an earlier Upstream of this name that live on. Those that `servers` mean become its own with {@link Upstream.takeOver}. */
  readonly known?: readonly Server[];
  /** The one that this one takes the place of: its balancer goes on if it is of the same kind. */
  readonly predecessor?: Upstream | null;
  /** Called when this worker has found a server down for a time, or well again (0); null: there is nobody to be told. */
  readonly onHealthFound: ((upstream: Upstream, server: Server, downForMs: number) => void) | null;
  /** Milliseconds on a clock that never goes back; the shared clock unless given. */
  readonly clock?: () => number;
}

export class Upstream implements ServerWatcher {
  readonly name: string;
  readonly servers: readonly Server[];
  readonly sticky: StickyPolicy | null;
  readonly retries: RetryOptions;
  /** Whether any of the servers has a limit. */
  readonly hasLimits: boolean;
  private readonly balance: BalanceOptions;
  private readonly balancer: Balancer;
  private readonly serverOptions: readonly ServerOptions[];
  private readonly passive: PassiveHealthOptions | null;
  private readonly onServerChange: UpstreamOptions['onServerChange'];
  private readonly onHealthFound: UpstreamOptions['onHealthFound'];
  private readonly clock: () => number;
  /** Those that take new sessions, apart: made anew when a server's state changes, not for an exchange. */
  private primaries: readonly Server[] = [];
  private backups: readonly Server[] = [];
  /** When the first of the servers that are down is to be tried again; Infinity if none is. */
  private nextRecoveryMs = Infinity;

  /** Throws if two servers have the same name, a weight is not a whole number from 1, or the sticky policy's options cannot be used. */
  constructor(options: UpstreamOptions) {
    this.name = options.name;
    this.serverOptions = options.servers;
    this.passive = options.passiveHealth;
    const servers = this.createServers(options.known ?? []);
    this.servers = servers;
    this.balance = options.balance;
    const { predecessor } = options;
    this.balancer =
      predecessor != null && isSameBalance(predecessor.balance, options.balance)
        ? predecessor.balancer
        : createBalancer(
            options.balance,
            servers.filter((_, index) => !options.servers[index]!.isBackup),
          );
    this.sticky = options.sticky === null ? null : createStickyPolicy(options.name, servers, options.sticky);
    this.retries = options.retries;
    this.onServerChange = options.onServerChange;
    this.onHealthFound = options.onHealthFound;
    this.clock = options.clock ?? nowMs;
    this.hasLimits = options.servers.some((server) => server.maxConnections !== 0);
    this.sortServers();
  }

  /** New ones, and those that are known, which nothing is done to yet. */
  private createServers(known: readonly Server[]): Server[] {
    const names = new Set<string>();
    const indexes = new Set(known.map((server) => server.index));
    const knownByIdentity = new Map<string, Server>();
    for (const server of known) if (!knownByIdentity.has(identityOf(server))) knownByIdentity.set(identityOf(server), server);
    let index = 0;
    return this.serverOptions.map((options) => {
      if (names.has(options.name)) throw new Error(`upstream "${this.name}" has two servers named "${options.name}"`);
      names.add(options.name);
      const server = knownByIdentity.get(identityOf(options));
      if (server !== undefined) return server;
      while (indexes.has(index)) index++;
      return new Server(options, index++, this.passiveFor(options), this);
    });
  }

  private passiveFor({ passiveHealth }: ServerOptions): PassiveHealthOptions | null {
    if (this.serverOptions.length === 1) return null;
    return passiveHealth === undefined ? this.passive : passiveHealth;
  }

  /** From now on the servers that it was given are what its options say, and their changes are told here. */
  takeOver(): void {
    for (const [i, server] of this.servers.entries()) {
      const options = this.serverOptions[i];
      server.change(options, this.passiveFor(options), this);
    }
    this.sortServers();
  }

  /**
   * A server for an exchange that is bound to none; null if there is none, and {@link whyNone} says why. Backups are
   * asked when no primary can have the exchange, be they down, draining, full or tried already. Changes nothing but
   * the balancer's rotation, and allocates nothing unless a server is full or was tried.
   */
  pick(x: ExchangeView | ConnectionView | null, tried: readonly Server[]): Server | null {
    return this.pickAmong(this.primaries, x, tried) ?? this.pickAmong(this.backups, x, tried);
  }

  /** Why {@link pick} found no server. */
  whyNone(tried: readonly Server[]): Fault {
    for (const server of this.servers) {
      if (server.takesNewSessions && server.isFull && !tried.includes(server)) return faults.serversFull;
    }
    return faults.noServer;
  }

  /** Brings up again the servers whose time is over. Costs one comparison while none is down. */
  endDownTimes(): void {
    if (this.nextRecoveryMs === Infinity) return;
    const now = this.clock();
    if (now < this.nextRecoveryMs) return;
    for (const server of this.servers) server.endDownTime(now);
  }

  serverChanged(server: Server): void {
    this.sortServers();
    this.onServerChange?.(this, server);
  }

  healthFound(server: Server): void {
    this.onHealthFound?.(this, server, server.isUp ? 0 : server.downUntilMs - this.clock());
  }

  /** Another worker has found a server down for a time, or well again (0). */
  learnHealth(server: Server, downForMs: number): void {
    const wasUp = server.isUp;
    server.learnHealth(this.clock(), downForMs);
    // One that was down already may be so for longer.
    if (!wasUp) this.sortServers();
  }

  private pickAmong(candidates: readonly Server[], x: ExchangeView | ConnectionView | null, tried: readonly Server[]): Server | null {
    if ((!this.hasLimits && tried.length === 0) || !mustLeaveOut(candidates, tried)) return this.balancer.pick(candidates, x);
    return this.balancer.pick(thoseLeft(candidates, tried), x);
  }

  private sortServers(): void {
    this.primaries = this.servers.filter((server) => server.takesNewSessions && !server.isBackup);
    this.backups = this.servers.filter((server) => server.takesNewSessions && server.isBackup);
    this.nextRecoveryMs = Math.min(...this.servers.map((server) => server.downUntilMs));
  }
}

/** A list of its own: balancers know candidates by their list. */
function thoseLeft(candidates: readonly Server[], tried: readonly Server[]): Server[] {
  return candidates.filter((server) => !server.isFull && !tried.includes(server));
}

/** Whether one of the candidates is full or was tried already. */
function mustLeaveOut(candidates: readonly Server[], tried: readonly Server[]): boolean {
  for (let i = 0; i < candidates.length; i++) {
    const server = candidates[i];
    if (server.isFull || (tried.length !== 0 && tried.includes(server))) return true;
  }
  return false;
}
