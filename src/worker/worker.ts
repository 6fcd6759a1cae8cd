// One worker: a Runtime that listens, and how it ends. With one worker it lives in the supervisor's process.
import type { Config } from '../config/config.js';
import type { Logger } from '../core/logger.js';
import { bindProblem } from '../listener/bind-problem.js';
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
import { AccessRecorder } from './access-recorder.js';
import { createRuntime, type Runtime } from './runtime.js';
import { shareListeners, shareServers } from './share-runtime.js';

/** Of the connections, the part that is closed at once when descriptors run out: closing them one by one would sort them for each. */
const CLOSED_AT_ONCE = 1 / 16;
const MIN_CLOSED_AT_ONCE = 32;

/** How long the answers of exchanges that were cut have to leave. */
const CUT_GRACE_MS = 1_000;

/** What a worker counts now. After a drain all of it is zero. */
export interface WorkerCounters {
  readonly sockets: number;
  readonly leases: number;
  readonly activeExchanges: number;
  readonly tunnels: number;
  readonly serverConnections: number;
}

export class Worker {
  private readonly runtime: Runtime;
  private readonly accessLog: AccessLog<ExchangeView | null> | null;

  /** Throws an Error with one clear line when something that the config names cannot be used. */
  constructor(
    config: Config,
    private readonly logger: Logger,
    ticketKeys: Buffer,
    store: Store,
  ) {
    defects.report = (error) => reportDefect(logger, error);
    if (!readsAcceptedStatically)
      logger.warn('this Node has no static reads for accepted sockets; Limpet works, at a higher cost per request', {
        node: process.version,
      });
    this.accessLog = config.accessLog === null ? null : openAccessLog(config.accessLog, logger);
    const recorder = this.accessLog === null ? null : new AccessRecorder(this.accessLog);
    const budget = new DescriptorBudget(config.maxClientConnections === null ? descriptorLimit() : config.maxClientConnections * 2 + 64);
    this.runtime = createRuntime(config, { logger, recorder, budget, ticketKeys, store });
    shareListeners(config, this.runtime.listeners, store);
    shareServers(
      config,
      [...this.runtime.upstreams.values()].map(({ upstream }) => upstream),
      store,
    );
    budget.onShortage(() => this.closeIdle());
  }

  /**
   * Listens with every listener, or none: rejects with the first error, everything bound before being closed again.
   * `handles`: sockets by listener that the supervisor has bound; null to bind here.
   */
  async listen(handles: ReadonlyMap<string, ListeningHandle> | null = null): Promise<void> {
    for (const listener of this.runtime.listeners) {
      const { name } = listener.options;
      try {
        const address = await listener.listen(handles?.get(name));
        // Told once for all workers, by who has bound.
        if (handles === null) this.logger.info('listening', { name, address });
      } catch (error) {
        for (const other of this.runtime.listeners) other.stopAccepting();
        throw new Error(bindProblem(name, error as NodeJS.ErrnoException));
      }
    }
  }

  /** Closes the idle connections to every server. */
  private closePools(): void {
    for (const { pools } of this.runtime.upstreams.values()) {
      for (const pool of pools) pool.closeIdle();
    }
  }

  private closeIdle(): void {
    this.closePools();
    for (const listener of this.runtime.listeners) {
      listener.closeOldestIdle(Math.max(MIN_CLOSED_AT_ONCE, Math.ceil(listener.connections.size * CLOSED_AT_ONCE)));
    }
  }

  /** Accepts no more, finishes what is under way until `deadlineMs` have passed, then cuts the rest. */
  async drain(deadlineMs: number): Promise<void> {
    const { listeners, services } = this.runtime;
    for (const listener of listeners) listener.stopAccepting();
    for (const service of services) service.isDraining = true;
    const timer = setTimeout(() => this.cutAll(), deadlineMs);
    await Promise.all(listeners.map((listener) => listener.drained()));
    clearTimeout(timer);
    this.closePools();
    // Node tells that a socket is closed a few turns after it was; until then it counts.
    for (let turns = 0; turns < 100 && Object.values(this.counters).some((count) => count > 0); turns++) await new Promise(setImmediate);
    await this.accessLog?.close();
  }

  /** Ends every exchange and tunnel at once, and every connection with what was left to say on it a moment later. */
  cutAll(): void {
    const { listeners } = this.runtime;
    for (const listener of listeners) listener.cutAll();
    setTimeout(() => {
      for (const listener of listeners) listener.cutAll();
    }, CUT_GRACE_MS).unref();
  }

  get counters(): WorkerCounters {
    const servers = [...this.runtime.upstreams.values()].flatMap(({ upstream }) => upstream.servers);
    return {
      sockets: openSocketCount(),
      leases: leasesLent(),
      activeExchanges: servers.reduce((sum, server) => sum + server.activeExchanges, 0),
      tunnels: servers.reduce((sum, server) => sum + server.tunnels, 0),
      serverConnections: servers.reduce((sum, server) => sum + server.connections, 0),
    };
  }
}

function openAccessLog(options: NonNullable<Config['accessLog']>, logger: Logger): AccessLog<ExchangeView | null> {
  return new AccessLog(
    {
      format: lineFormat(options.format),
      to: options.to,
      bufferBytes: options.buffer,
      flushIntervalMs: options.flushInterval,
      maxPendingBytes: options.maxPending,
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
