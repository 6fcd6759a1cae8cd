// What the supervisor and a worker process say to each other. Every message is plain data; a listening socket travels
// beside its own.
import type { Config } from '../config/config.js';
import type { StoreReply, StoreRequest } from '../store/messages.js';
import type { WorkerCounters } from './worker.js';

export type MessageToWorker =
  /** The first one. `ticketKeys`: 48 bytes, the same for every worker. */
  | { readonly kind: 'start'; readonly config: Config; readonly ticketKeys: Uint8Array }
  /** With the bound socket of a listener. After the last one the worker listens. */
  | { readonly kind: 'socket'; readonly listener: string }
  | { readonly kind: 'store'; readonly replies: readonly StoreReply[] }
  | { readonly kind: 'drain'; readonly deadlineMs: number }
  | { readonly kind: 'cut' };

export type MessageFromWorker =
  | { readonly kind: 'listening' }
  | { readonly kind: 'store'; readonly requests: readonly StoreRequest[] }
  /** It cannot serve, and ends. `problem` is one clear line. */
  | { readonly kind: 'failed'; readonly problem: string }
  /** It has drained, and ends. */
  | { readonly kind: 'drained'; readonly counters: WorkerCounters };
