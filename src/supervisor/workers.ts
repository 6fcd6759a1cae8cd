// What the supervisor starts and ends: the one worker in its own process, or several in theirs.
import type { Config } from '../config/config.js';
import type { Logger } from '../core/logger.js';
import { become } from '../worker/privileges.js';
import { Worker, type WorkerCounters } from '../worker/worker.js';
import { handlesByListener, type ListeningSockets } from './listening-sockets.js';

export interface Workers {
  /** Resolves when every listener is served. Rejects with one clear line, and then nothing of it is left. */
  start(): Promise<void>;
  /** After a rotation. */
  reopenLogs(): void;
  /** Accepts no more and finishes what is under way, see Worker.drain. Resolves with what is left over. */
  drain(deadlineMs: number, closesIdle: boolean): Promise<WorkerCounters>;
  /** During a drain: ends every connection at once. */
  cutAll(): void;
}

/** One worker, in this process. It takes the process's rights with it when it becomes the config's user. */
export class OwnWorker implements Workers {
  private worker: Worker | null = null;

  constructor(
    private readonly config: Config,
    private readonly sockets: ListeningSockets,
    private readonly ticketKeys: Buffer,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const worker = new Worker(this.config, this.logger, this.ticketKeys);
    if (this.config.user !== null) become(this.config.user);
    try {
      await worker.listen(handlesByListener(this.sockets.ofWorker(0)));
    } catch (error) {
      // The first listeners may have let clients in.
      await worker.drain(this.config.shutdownTimeout, true);
      throw error;
    }
    this.worker = worker;
  }

  reopenLogs(): void {
    this.worker?.reopenLogs();
  }

  async drain(deadlineMs: number, closesIdle: boolean): Promise<WorkerCounters> {
    const worker = this.worker as Worker;
    await worker.drain(deadlineMs, closesIdle);
    return worker.counters;
  }

  cutAll(): void {
    this.worker?.cutAll();
  }
}
