// A worker as a process of its own: gets its config and its listening sockets from the supervisor, and ends when the
// supervisor says so, or is gone.
import type { Config } from '../config/config.js';
import { beginTurn } from '../core/clock.js';
import { ErrorLog } from '../core/logger.js';
import type { ListeningHandle } from '../net/listening-handle.js';
import { ROUND_MS, type StoreRequest } from '../store/messages.js';
import { StoreClient } from '../store/store-client.js';
import { TurnBatch } from '../store/turn-batch.js';
import type { MessageFromWorker, MessageToWorker } from './messages.js';
import { become } from './privileges.js';
import { type PreparedConfig, Worker } from './worker.js';

/** A config on its way: so many of its sockets are missing. */
interface Incoming {
  /** Counts the configs; 0: the first. */
  readonly change: number;
  readonly config: Config;
  readonly handles: Map<string, ListeningHandle[]>;
  missingSockets: number;
}

class WorkerMain {
  /** The one that is served; null before there is one. */
  private config: Config | null = null;
  private logger: ErrorLog | null = null;
  private worker: Worker | null = null;
  private readonly requests = new TurnBatch<StoreRequest>((requests) => void tell({ kind: 'store', requests }));
  private readonly store = new StoreClient((request) => this.requests.add(request));
  private incoming: Incoming | null = null;
  private preparing: Promise<void> = Promise.resolve();
  private prepared: PreparedConfig | null = null;
  private isEnding = false;

  constructor(private readonly number: number) {}

  take(message: MessageToWorker, handle: ListeningHandle | undefined): void {
    switch (message.kind) {
      case 'start':
        this.start(message.config, message.ticketKeys);
        this.expect(0, message.config, message.sockets);
        break;
      case 'prepare':
        this.expect(message.change, message.config, message.sockets);
        break;
      case 'socket':
        this.takeSocket(message.listener, handle);
        break;
      case 'commit':
        this.commit();
        break;
      case 'discard':
        void this.discard();
        break;
      case 'store':
        beginTurn();
        for (const reply of message.replies) this.store.take(reply);
        break;
      case 'drain':
        void this.drain(message.deadlineMs, message.closesIdle);
        break;
      case 'reopen-logs':
        this.logger?.reopen();
        this.worker?.reopenLogs();
        break;
      case 'cut':
        this.worker?.cutAll();
    }
  }

  private start(config: Config, ticketKeys: Uint8Array): void {
    try {
      this.logger = new ErrorLog({ ...config.errorLog, owner: config.user, fields: { worker: this.number } });
      this.worker = new Worker(this.logger, Buffer.from(ticketKeys), this.store);
      setInterval(() => this.store.round(), ROUND_MS).unref();
    } catch (error) {
      this.fail(error);
    }
  }

  private expect(change: number, config: Config, missingSockets: number): void {
    if (this.worker === null || this.isEnding) return;
    this.incoming = { change, config, missingSockets, handles: new Map() };
    this.prepareWhenComplete(this.incoming);
  }

  private takeSocket(listener: string, handle: ListeningHandle | undefined): void {
    const { incoming } = this;
    if (incoming === null || this.isEnding) return;
    if (handle === undefined) {
      this.incoming = null;
      this.refuse(incoming.change, new Error(`listener "${listener}": its socket did not reach the worker`));
      return;
    }
    incoming.handles.set(listener, [...(incoming.handles.get(listener) ?? []), handle]);
    incoming.missingSockets--;
    this.prepareWhenComplete(incoming);
  }

  private prepareWhenComplete(incoming: Incoming): void {
    if (incoming.missingSockets > 0) return;
    this.incoming = null;
    this.preparing = this.preparing
      .then(() => this.prepare(incoming))
      .catch((error: unknown) => {
        closeHandles(incoming.handles);
        this.refuse(incoming.change, error);
      });
  }

  private async prepare({ change, config, handles }: Incoming): Promise<void> {
    const [worker, logger] = [this.worker as Worker, this.logger as ErrorLog];
    const log = logger.prepare(config.errorLog);
    try {
      const prepared = await worker.prepare(config, handles, () => {
        if (config.user !== null) become(config.user);
      });
      this.prepared = {
        commit: () => {
          log.commit();
          prepared.commit();
          this.config = config;
          void tell(change === 0 ? { kind: 'listening' } : { kind: 'committed', change });
        },
        discard: () => {
          log.discard();
          prepared.discard();
        },
      };
    } catch (error) {
      log.discard();
      throw error;
    }
    if (change === 0) this.commit();
    else void tell({ kind: 'prepared', change, problem: null });
  }

  /** The config cannot be served. With the first one that is the end. */
  private refuse(change: number, error: unknown): void {
    if (change === 0) this.fail(error);
    else void tell({ kind: 'prepared', change, problem: (error as Error).message });
  }

  private commit(): void {
    this.prepared?.commit();
    this.prepared = null;
  }

  /** It may still be on its way. */
  private discard(): Promise<void> {
    if (this.incoming !== null) closeHandles(this.incoming.handles);
    this.incoming = null;
    this.preparing = this.preparing.then(() => {
      this.prepared?.discard();
      this.prepared = null;
    });
    return this.preparing;
  }

  private fail(error: unknown): void {
    this.isEnding = true;
    void tell({ kind: 'failed', problem: (error as Error).message }).then(() => process.exit(1));
  }

  /** The supervisor is gone, and nobody would hear of this worker any more. */
  supervisorGone(): void {
    this.store.ownerIsGone();
    if (this.worker === null || this.config === null) process.exit(1);
    this.logger?.warn('the supervisor is gone', { pid: process.pid, timeoutMs: this.config.shutdownTimeout });
    void this.drain(this.config.shutdownTimeout, true);
  }

  /** The supervisor gets the same signals and decides; without it they ask for an end at once. */
  takeSignal(): void {
    if (!process.connected) this.worker?.cutAll();
  }

  private async drain(deadlineMs: number, closesIdle: boolean): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    await this.discard();
    if (this.worker !== null) {
      await this.worker.drain(deadlineMs, closesIdle);
      await this.logger?.close();
      await tell({ kind: 'drained', counters: this.worker.counters });
    }
    process.exit(0);
  }
}

/** Those that nobody listens on: each is a hold on the socket. */
function closeHandles(handles: ReadonlyMap<string, readonly ListeningHandle[]>): void {
  for (const handle of [...handles.values()].flat()) handle.close();
}

/** Resolves when the message is on its way, or cannot be delivered any more. */
function tell(message: MessageFromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

const main = new WorkerMain(Number(process.argv[2]));
process.on('message', (message: MessageToWorker, handle: unknown) => main.take(message, handle as ListeningHandle | undefined));
process.on('disconnect', () => main.supervisorGone());
// A terminal sends its signals to all processes, the supervisor among them.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'] as const) process.on(signal, () => main.takeSignal());
