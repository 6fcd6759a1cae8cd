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
import { Worker } from './worker.js';

class WorkerMain {
  private config: Config | null = null;
  private logger: ErrorLog | null = null;
  private worker: Worker | null = null;
  private readonly requests = new TurnBatch<StoreRequest>((requests) => void tell({ kind: 'store', requests }));
  private readonly store = new StoreClient((request) => this.requests.add(request));
  private readonly handles = new Map<string, ListeningHandle>();
  private listening: Promise<void> = Promise.resolve();
  private isEnding = false;

  constructor(private readonly number: number) {}

  take(message: MessageToWorker, handle: ListeningHandle | undefined): void {
    switch (message.kind) {
      case 'start':
        this.start(message.config, message.ticketKeys);
        break;
      case 'socket':
        this.takeSocket(message.listener, handle);
        break;
      case 'store':
        beginTurn();
        for (const reply of message.replies) this.store.take(reply);
        break;
      case 'drain':
        void this.drain(message.deadlineMs);
        break;
      case 'cut':
        this.worker?.cutAll();
    }
  }

  private start(config: Config, ticketKeys: Uint8Array): void {
    try {
      this.config = config;
      this.logger = new ErrorLog({ ...config.errorLog, fields: { worker: this.number } });
      this.worker = new Worker(config, this.logger, Buffer.from(ticketKeys), this.store);
      setInterval(() => this.store.round(), ROUND_MS).unref();
    } catch (error) {
      this.fail(error);
    }
  }

  private takeSocket(listener: string, handle: ListeningHandle | undefined): void {
    if (this.worker === null || this.config === null || this.isEnding) return;
    if (handle === undefined) {
      this.fail(new Error(`listener "${listener}": its socket did not reach the worker`));
      return;
    }
    this.handles.set(listener, handle);
    if (this.handles.size < Object.keys(this.config.listeners).length) return;
    this.listening = this.worker.listen(this.handles).then(
      () => tell({ kind: 'listening' }),
      (error: unknown) => this.fail(error),
    );
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
    void this.drain(this.config.shutdownTimeout);
  }

  /** The supervisor gets the same signals and decides; without it they ask for an end at once. */
  takeSignal(): void {
    if (!process.connected) this.worker?.cutAll();
  }

  private async drain(deadlineMs: number): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    await this.listening;
    if (this.worker !== null) {
      await this.worker.drain(deadlineMs);
      await this.logger?.close();
      await tell({ kind: 'drained', counters: this.worker.counters });
    }
    process.exit(0);
  }
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
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => main.takeSignal());
