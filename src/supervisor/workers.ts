// What the supervisor starts and ends: the one worker in its own process, or several in theirs.
import type { Config } from '../config/config.js';
import type { Logger } from '../core/logger.js';
import { createLocalStore } from '../store/local-store.js';
import { newTicketKeys } from '../worker/runtime.js';
import { Worker, type WorkerCounters } from '../worker/worker.js';

export interface Workers {
  /** Resolves when every listener is served. Rejects with one clear line, and then nothing of it is left. */
  start(): Promise<void>;
  /** Accepts no more and finishes what is under way; cuts the rest after `deadlineMs`. Resolves with what is left over. */
  drain(deadlineMs: number): Promise<WorkerCounters>;
  /** During a drain: ends every connection at once. */
  cutAll(): void;
}

/** One worker, in this process. */
export class OwnWorker implements Workers {
  private worker: Worker | null = null;

  constructor(
    private readonly config: Config,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const worker = new Worker(this.config, this.logger, newTicketKeys(), createLocalStore());
    await worker.listen();
    this.worker = worker;
  }

  async drain(deadlineMs: number): Promise<WorkerCounters> {
    const worker = this.worker as Worker;
    await worker.drain(deadlineMs);
    return worker.counters;
  }

  cutAll(): void {
    this.worker?.cutAll();
  }
}
