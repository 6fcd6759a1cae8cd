// What the supervisor starts, changes and ends: the one worker in its own process, or several in theirs.
import type { Config } from '../config/config.js';
import type { Logger } from '../core/logger.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { createLocalStore } from '../store/local-store.js';
import { become } from '../worker/privileges.js';
import { Worker, type WorkerCounters } from '../worker/worker.js';
import { handlesByListener, type ListeningSockets, type SocketChange } from './listening-sockets.js';

export interface Workers {
  /** Resolves when every listener is served. Rejects with one clear line, and then nothing of it is left. */
  start(config: Config): Promise<void>;
  /**
   * Has every worker put together what the config says, beside what it runs. Rejects with one clear line when one of them
   * cannot, and then nothing has changed. The sockets follow: they are committed or discarded with the rest. One at a
   * time, to be committed at once, and not during a drain.
   */
  prepare(config: Config, sockets: SocketChange): Promise<PreparedWorkers>;
  /** After a rotation. */
  reopenLogs(): void;
  /** Accepts no more and finishes what is under way, see Worker.drain. Resolves with what is left over. */
  drain(deadlineMs: number, closesIdle: boolean): Promise<WorkerCounters>;
  /** During a drain: ends every connection at once. */
  cutAll(): void;
}

/** Workers that are ready for a config. */
export interface PreparedWorkers {
  /** Puts it in place. Resolves when every worker serves it. */
  commit(): Promise<void>;
}

/** One worker, in this process. It takes the process's rights with it when it becomes the config's user. */
export class OwnWorker implements Workers {
  private readonly worker: Worker;

  constructor(
    private readonly sockets: ListeningSockets,
    ticketKeys: Buffer,
    store: EmbeddedStore,
    logger: Logger,
  ) {
    this.worker = new Worker(logger, ticketKeys, createLocalStore(undefined, store));
  }

  async start(config: Config): Promise<void> {
    const prepared = await this.worker.prepare(config, handlesByListener(this.sockets.ofWorker(0)), () => {
      if (config.user !== null) become(config.user);
    });
    prepared.commit();
  }

  async prepare(config: Config, sockets: SocketChange): Promise<PreparedWorkers> {
    try {
      const prepared = await this.worker.prepare(config, handlesByListener(sockets.opened.ofWorker(0)));
      return {
        commit: async () => {
          prepared.commit();
          sockets.commit();
        },
      };
    } catch (error) {
      sockets.discard();
      throw error;
    }
  }

  reopenLogs(): void {
    this.worker.reopenLogs();
  }

  async drain(deadlineMs: number, closesIdle: boolean): Promise<WorkerCounters> {
    await this.worker.drain(deadlineMs, closesIdle);
    return this.worker.counters;
  }

  cutAll(): void {
    this.worker.cutAll();
  }
}
