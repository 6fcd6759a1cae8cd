// One worker: the Runtime that serves now, how a config is put in its place, and how it ends. With one worker it lives in the
// supervisor's process.
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.js';
import { faults } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import type { Listener } from '../listener/listener.js';
import { leasesLent } from '../net/buffer-leases.js';
import { defects, openSocketCount } from '../net/byte-socket.js';
import { DescriptorBudget, descriptorLimit } from '../net/descriptor-budget.js';
import type { ListeningHandle } from '../net/listening-handle.js';
import { readsAcceptedStatically } from '../net/static-read.js';
import { AccessLog } from '../observe/access-log.js';
import { combinedFormat, jsonFormat, type LineFormat } from '../observe/access-log-format.js';
import { compileAccessLogTemplate } from '../route/access-log-template.js';
import type { ExchangeView } from '../route/exchange-view.js';
import type { Store } from '../store/store.js';
import type { Server } from '../upstream/server.js';
import { AccessRecorder } from './access-recorder.js';
import { shareSessions } from './compile-upstreams.js';
import { CUT_GRACE_MS, Leaving } from './leaving.js';
import { noRuntime, planRuntime, type Runtime, type RuntimeParts } from './runtime.js';
import { RuntimeChange } from './runtime-change.js';
import { shareListeners, shareServers } from './share-runtime.js';

/** Of the connections, the part that is closed at once when descriptors run out: closing them one by one would sort them for each. */
const CLOSED_AT_ONCE = 1 / 16;
const MIN_CLOSED_AT_ONCE = 32;

/** What a worker counts now. After a drain all of it is zero. */
export interface WorkerCounters {
  readonly sockets: number;
  readonly leases: number;
  readonly activeExchanges: number;
  readonly tunnels: number;
  readonly serverConnections: number;
}

/** A config that could be used: everything for it is there, and nothing of it is in place. Exactly one of the two is to be called. */
export interface PreparedConfig {
  commit(): void;
  discard(): void;
}

export class Worker {
  private runtime: Runtime = noRuntime;
  private accessLogConfig: Config['accessLog'] = null;
  private readonly recorder = new AccessRecorder();
  private readonly descriptorLimit = descriptorLimit();
  private readonly budget = new DescriptorBudget(this.descriptorLimit);
  private readonly leaving = new Leaving(() => this.listeners);
  private readonly parts: RuntimeParts;

  /** Does nothing until a config is prepared and committed; later ones take its place in the same way, one after the other. */
  constructor(
    private readonly logger: Logger,
    ticketKeys: Buffer,
    store: Store,
  ) {
    defects.report = (error) => reportDefect(logger, error);
    if (!readsAcceptedStatically)
      logger.warn('this Node has no static reads for accepted sockets; Limpet works, at a higher cost per request', {
        node: process.version,
      });
    this.parts = { logger, recorder: this.recorder, budget: this.budget, ticketKeys, store };
    this.budget.onShortage(() => this.closeIdle());
  }

  /**
   * Puts together what the config says, beside what runs, and listens where it has new listeners. Rejects with one clear
   * line when something cannot be used or listened on, and then nothing has changed.
   * `handles`: the new listeners' bound sockets, by name. `beforeListening`: the logs are open, which may have taken rights
   * that nothing else takes.
   */
  async prepare(
    config: Config,
    handles: ReadonlyMap<string, readonly ListeningHandle[]>,
    beforeListening: () => void = () => {},
  ): Promise<PreparedConfig> {
    const plan = planRuntime(config, this.parts, this.runtime, (upstream) => this.serversOf(upstream));
    const accessLog = this.openAccessLog(config);
    let change: RuntimeChange;
    try {
      beforeListening();
      change = await RuntimeChange.prepare(this.runtime, plan, handles);
    } catch (error) {
      if (accessLog !== this.recorder.log) void accessLog?.close();
      throw error;
    }
    return {
      commit: () => this.commit(config, change, accessLog),
      discard: () => {
        change.discard();
        if (accessLog !== this.recorder.log) void accessLog?.close();
      },
    };
  }

  private commit(config: Config, change: RuntimeChange, accessLog: AccessLog<ExchangeView | null> | null): void {
    const { recorder } = this;
    if (recorder.log !== accessLog) void recorder.log?.close();
    recorder.log = accessLog;
    this.accessLogConfig = config.accessLog;
    this.budget.change(config.maxClientConnections === null ? this.descriptorLimit : config.maxClientConnections * 2 + 64);
    const { runtime, removedListeners, removedServers } = change.commit();
    this.runtime = runtime;
    shareListeners(config, this.listeners, this.parts.store);
    shareSessions(config, this.parts.store);
    shareServers(
      config,
      [...runtime.upstreams.values()].map(({ upstream }) => upstream),
      this.parts.store,
    );
    this.leaving.takeBack(new Set([...runtime.upstreams.values()].flatMap(({ upstream }) => upstream.servers)));
    this.leaving.add(removedListeners, removedServers, config.drainTimeout);
  }

  /** The one that is open, if the config says the same of it. */
  private openAccessLog({ accessLog, user }: Config): AccessLog<ExchangeView | null> | null {
    if (isDeepStrictEqual(accessLog, this.accessLogConfig)) return this.recorder.log;
    return accessLog === null ? null : openAccessLog(accessLog, user, this.logger);
  }

  /** In the config or leaving. */
  private serversOf(upstream: string): Server[] {
    return [...(this.runtime.upstreams.get(upstream)?.upstream.servers ?? []), ...this.leaving.serversOf(upstream)];
  }

  private get listeners(): Listener[] {
    return [...this.runtime.entries.values()].map(({ listener }) => listener);
  }

  /** Closes the idle connections to every server. */
  private closePools(): void {
    for (const { upstream } of this.runtime.upstreams.values()) {
      for (const server of upstream.servers) server.pool?.closeIdle();
    }
  }

  private closeIdle(): void {
    this.closePools();
    for (const listener of this.listeners) {
      listener.closeOldestIdle(Math.max(MIN_CLOSED_AT_ONCE, Math.ceil(listener.connections.size * CLOSED_AT_ONCE)));
    }
  }

  /** After a rotation. */
  reopenLogs(): void {
    this.recorder.log?.reopen();
  }

  /**
   * Accepts no more, finishes what is under way until `deadlineMs` have passed, then cuts the rest. Idle connections are
   * closed at once, or, where another process serves on the same sockets, may each ask once more: a client that is just
   * asking must not lose its request.
   */
  async drain(deadlineMs: number, closesIdle = true): Promise<void> {
    for (const { listener, current } of this.runtime.entries.values()) {
      listener.stopAccepting();
      if (current !== null) current.isDraining = true;
    }
    const timer = setTimeout(() => this.cutAll(), deadlineMs);
    await Promise.all([...this.listeners, ...this.leaving.listeners].map((listener) => listener.drained(closesIdle)));
    clearTimeout(timer);
    this.closePools();
    // Node tells that a socket is closed a few turns after it was; until then it counts.
    for (let turns = 0; turns < 100 && Object.values(this.counters).some((count) => count > 0); turns++) await new Promise(setImmediate);
    await this.recorder.log?.close();
  }

  /** Ends every exchange and tunnel at once, and every connection with what was left to say on it a moment later. */
  cutAll(): void {
    const listeners = [...this.listeners, ...this.leaving.listeners];
    for (const listener of listeners) listener.cutAll(faults.shuttingDown);
    setTimeout(() => {
      for (const listener of listeners) listener.cutAll(faults.shuttingDown);
    }, CUT_GRACE_MS).unref();
  }

  get counters(): WorkerCounters {
    const servers = [...[...this.runtime.upstreams.values()].flatMap(({ upstream }) => upstream.servers), ...this.leaving.servers];
    return {
      sockets: openSocketCount(),
      leases: leasesLent(),
      activeExchanges: servers.reduce((sum, server) => sum + server.activeExchanges, 0),
      tunnels: servers.reduce((sum, server) => sum + server.tunnels, 0),
      serverConnections: servers.reduce((sum, server) => sum + server.connections, 0),
    };
  }
}

function openAccessLog(options: NonNullable<Config['accessLog']>, owner: Config['user'], logger: Logger): AccessLog<ExchangeView | null> {
  return new AccessLog(
    {
      format: lineFormat(options.format),
      to: options.to,
      bufferBytes: options.buffer,
      flushIntervalMs: options.flushInterval,
      maxPendingBytes: options.maxPending,
      owner,
    },
    logger,
  );
}

function lineFormat(format: string): LineFormat<ExchangeView | null> {
  if (format === 'combined') return combinedFormat();
  return format === 'json' ? jsonFormat() : compileAccessLogTemplate(format);
}

function reportDefect(logger: Logger, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logger.error('A defect in Limpet ended one connection', { code: 'internal', detail: text });
}
