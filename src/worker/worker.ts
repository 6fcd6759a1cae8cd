// One worker: a Runtime that listens, and how it ends. With one worker it lives in the supervisor's process.
import type { Config } from '../config/config.js';
import type { Logger } from '../core/logger.js';
import { leasesLent } from '../net/buffer-leases.js';
import { defects, openSocketCount } from '../net/byte-socket.js';
import { DescriptorBudget, descriptorLimit } from '../net/descriptor-budget.js';
import { AccessLog } from '../observe/access-log.js';
import { combinedFormat, jsonFormat, type LineFormat } from '../observe/access-log-format.js';
import { compileAccessLogTemplate } from '../route/access-log-template.js';
import type { ExchangeView } from '../route/exchange-view.js';
import { AccessRecorder } from './access-recorder.js';
import { createRuntime, type Runtime } from './runtime.js';

/** Of the idle connections, the part that is closed at once when descriptors run out: closing them one by one would sort them for each. */
const CLOSED_AT_ONCE = 32;

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
  ) {
    defects.report = (error) => reportDefect(logger, error);
    this.accessLog = config.accessLog === null ? null : openAccessLog(config.accessLog, logger);
    const recorder = this.accessLog === null ? null : new AccessRecorder(this.accessLog);
    const budget = new DescriptorBudget(config.maxClientConnections === null ? descriptorLimit() : config.maxClientConnections * 2 + 64);
    this.runtime = createRuntime(config, { logger, recorder, budget, ticketKeys });
    budget.onShortage(() => this.closeIdle());
  }

  /** Binds every listener, or none: rejects with the first error, everything bound before being closed again. */
  async listen(): Promise<void> {
    for (const listener of this.runtime.listeners) {
      try {
        const address = await listener.listen();
        this.logger.info('listening', { name: listener.options.name, address });
      } catch (error) {
        for (const other of this.runtime.listeners) other.stopAccepting();
        throw new Error(bindProblem(listener.options.name, error as NodeJS.ErrnoException));
      }
    }
  }

  private closeIdle(): void {
    for (const { pools } of this.runtime.upstreams.values()) {
      for (const pool of pools) pool.closeIdle();
    }
    for (const listener of this.runtime.listeners) listener.closeOldestIdle(CLOSED_AT_ONCE);
  }

  /** Accepts no more, finishes what is under way until `deadlineMs` have passed, then cuts the rest. */
  async drain(deadlineMs: number): Promise<void> {
    const { listeners, services } = this.runtime;
    for (const listener of listeners) listener.stopAccepting();
    for (const service of services) service.isDraining = true;
    const timer = setTimeout(() => this.cutAll(), deadlineMs);
    await Promise.all(listeners.map((listener) => listener.drained()));
    clearTimeout(timer);
    for (const { pools } of this.runtime.upstreams.values()) {
      for (const pool of pools) pool.closeIdle();
    }
    await this.accessLog?.close();
  }

  /** Ends every connection at once. */
  cutAll(): void {
    for (const listener of this.runtime.listeners) listener.cutAll();
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

function bindProblem(name: string, error: NodeJS.ErrnoException): string {
  const where = `listener "${name}"`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where}: its address is in use by another program; stop that, or write another address`;
    case 'EACCES':
      return `${where}: no right to bind its address; ports below 1024 need root or CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
      return `${where}: its address is none of this machine's`;
    default:
      return `${where}: ${error.message}`;
  }
}

function reportDefect(logger: Logger, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logger.error('A defect in Limpet ended one connection', { code: 'internal', detail: text });
}
