// One worker in a process of its own, from its start to its end, as the supervisor sees it. It decides nothing: whether
// it is replaced is the matter of worker-processes.ts.
import { type ChildProcess, fork, type SendHandle } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.js';
import type { ListeningHandle } from '../net/listening-handle.js';
import type { EmbeddedStore, StoreMember } from '../store/embedded-store.js';
import type { StoreReply } from '../store/messages.js';
import { TurnBatch } from '../store/turn-batch.js';
import type { MessageFromWorker, MessageToWorker } from '../worker/messages.js';
import type { WorkerCounters } from '../worker/worker.js';

const program = fileURLToPath(new URL('../worker/start.js', import.meta.url));

/** How a worker's process ended. */
export interface WorkerEnd {
  /** null: by a signal. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it said when it could not serve, or the system when there was no process to be had; '' otherwise. */
  readonly problem: string;
  /** What it counted at its end; null when it ended out of order. */
  readonly counters: WorkerCounters | null;
  readonly livedMs: number;
  readonly hadListened: boolean;
}

/** A listening socket and whose it is. */
export interface SocketToSend {
  readonly listener: string;
  readonly handle: ListeningHandle;
}

export class WorkerProcess {
  /** Its process has ended. */
  isGone = false;
  readonly ended: Promise<WorkerEnd>;
  /** Resolves with true when it listens on all its sockets, or with false when it has ended before that. */
  readonly listening: Promise<boolean>;
  private readonly child: ChildProcess;
  private readonly member: StoreMember;
  private readonly startedMs = performance.now();
  private hasListened = false;
  private problem = '';
  private counters: WorkerCounters | null = null;
  private resolveListening: (isListening: boolean) => void = () => {};
  private change = 0;
  private resolvePrepared: (problem: string | null) => void = () => {};
  private resolveCommitted: () => void = () => {};

  /** `number`: its place among the workers, from 1. */
  constructor(
    readonly number: number,
    config: Config,
    ticketKeys: Uint8Array,
    sockets: readonly SocketToSend[],
    store: EmbeddedStore,
  ) {
    const replies = new TurnBatch<StoreReply>((batch) => this.send({ kind: 'store', replies: batch }));
    this.member = store.join((reply) => replies.add(reply));
    this.listening = new Promise((resolve) => {
      this.resolveListening = resolve;
    });
    this.child = fork(program, [String(number)], { serialization: 'advanced' });
    this.ended = this.untilEnd();
    this.child.on('message', (message) => this.take(message as MessageFromWorker));
    this.send({ kind: 'start', config, ticketKeys, sockets: sockets.length });
    // What others have found out is known before it listens.
    replies.flush();
    this.sendSockets(sockets);
  }

  private sendSockets(sockets: readonly SocketToSend[]): void {
    for (const { listener, handle } of sockets) this.send({ kind: 'socket', listener }, handle);
  }

  /** 0 if there was no process to be had. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /**
   * Has it put together what the config says, beside what it runs. Resolves with null when it is ready for a commit or a
   * discard, with one clear line when it cannot be. `sockets`: of new listeners.
   */
  prepare(config: Config, sockets: readonly SocketToSend[]): Promise<string | null> {
    const change = ++this.change;
    const prepared = new Promise<string | null>((resolve) => {
      this.resolvePrepared = resolve;
    });
    this.send({ kind: 'prepare', change, config, sockets: sockets.length });
    this.sendSockets(sockets);
    return prepared;
  }

  /** Puts in place what it is ready for. Resolves when it serves it, or is gone. */
  commit(): Promise<void> {
    const committed = new Promise<void>((resolve) => {
      this.resolveCommitted = resolve;
    });
    this.send({ kind: 'commit' });
    return this.isGone ? Promise.resolve() : committed;
  }

  discard(): void {
    this.send({ kind: 'discard' });
  }

  drain(deadlineMs: number, closesIdle: boolean): void {
    this.send({ kind: 'drain', deadlineMs, closesIdle });
  }

  reopenLogs(): void {
    this.send({ kind: 'reopen-logs' });
  }

  /** Ends its connections at once. */
  cutAll(): void {
    this.send({ kind: 'cut' });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private send(message: MessageToWorker, handle?: ListeningHandle): void {
    if (!this.child.connected) return;
    // Node sends what it binds, whatever its types say. A message that does not arrive is one to a process that has ended.
    this.child.send(message, handle as unknown as SendHandle | undefined, {}, () => {});
  }

  private take(message: MessageFromWorker): void {
    switch (message.kind) {
      case 'listening':
        this.hasListened = true;
        this.resolveListening(true);
        break;
      case 'prepared':
        if (message.change === this.change) this.resolvePrepared(message.problem);
        break;
      case 'committed':
        if (message.change === this.change) this.resolveCommitted();
        break;
      case 'store':
        for (const request of message.requests) this.member.take(request);
        break;
      case 'failed':
        this.problem = message.problem;
        break;
      case 'drained':
        this.counters = message.counters;
    }
  }

  private untilEnd(): Promise<WorkerEnd> {
    const { child } = this;
    return new Promise((resolve) => {
      const end = (exitCode: number | null, signal: string | null): void => {
        this.isGone = true;
        this.member.leave();
        this.resolveListening(false);
        this.resolvePrepared(`worker ${this.number} ended while it made itself ready`);
        this.resolveCommitted();
        resolve({
          exitCode,
          signal,
          problem: this.problem,
          counters: this.counters,
          livedMs: performance.now() - this.startedMs,
          hadListened: this.hasListened,
        });
      };
      // What it said last may come after the news of its end.
      child.once('exit', (exitCode, signal) => {
        if (child.connected) child.once('disconnect', () => end(exitCode, signal));
        else end(exitCode, signal);
      });
      child.on('error', (error) => {
        if (child.pid !== undefined) return;
        this.problem = `no process could be started: ${error.message}`;
        end(null, null);
      });
    });
  }
}
