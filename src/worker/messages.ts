// What the supervisor and a worker process say to each other. Every message is plain data; a listening socket travels
// beside its own.
import type { Config } from '../config/config.js';
import type { WorkerCounters } from './worker.js';

export type MessageToWorker =
  /** The first one. `ticketKeys`: 48 bytes, the same for every worker. `sockets`: how many follow. */
  | { readonly kind: 'start'; readonly config: Config; readonly ticketKeys: Uint8Array; readonly sockets: number }
  /** With a bound socket of a listener, which may have several. After the last one the worker listens. */
  | { readonly kind: 'socket'; readonly listener: string }
  | { readonly kind: 'drain'; readonly deadlineMs: number; readonly closesIdle: boolean }
  /** The files of the logs have been moved away. */
  | { readonly kind: 'reopen-logs' }
  | { readonly kind: 'cut' };

export type MessageFromWorker =
  | { readonly kind: 'listening' }
  /** It cannot serve, and ends. `problem` is one clear line. */
  | { readonly kind: 'failed'; readonly problem: string }
  /** It has drained, and ends. */
  | { readonly kind: 'drained'; readonly counters: WorkerCounters };
