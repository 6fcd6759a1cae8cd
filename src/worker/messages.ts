// What the supervisor and a worker process say to each other. Every message is plain data; a listening socket travels
// beside its own.
import type { Config } from '../config/config.js';
import type { StoreReply, StoreRequest } from '../store/messages.js';
import type { WorkerCounters } from './worker.js';

export type MessageToWorker =
  /** The first one. `ticketKeys`: 48 bytes, the same for every worker. `sockets`: how many follow; then it listens. */
  | { readonly kind: 'start'; readonly config: Config; readonly ticketKeys: Uint8Array; readonly sockets: number }
  /** Another config to be ready for, when as many sockets of new listeners have come. Followed by a commit or a discard. */
  | { readonly kind: 'prepare'; readonly change: number; readonly config: Config; readonly sockets: number }
  | { readonly kind: 'commit' }
  | { readonly kind: 'discard' }
  /** With a bound socket of a listener, which may have several. */
  | { readonly kind: 'socket'; readonly listener: string }
  | { readonly kind: 'store'; readonly replies: readonly StoreReply[] }
  | { readonly kind: 'drain'; readonly deadlineMs: number; readonly closesIdle: boolean }
  /** The files of the logs have been moved away. */
  | { readonly kind: 'reopen-logs' }
  | { readonly kind: 'cut' };

export type MessageFromWorker =
  | { readonly kind: 'listening' }
  | { readonly kind: 'store'; readonly requests: readonly StoreRequest[] }
  /** It cannot serve, and ends. `problem` is one clear line. */
  | { readonly kind: 'failed'; readonly problem: string }
  /** It is ready for the other config, or, with a problem, it cannot be and goes on as it was. */
  | { readonly kind: 'prepared'; readonly change: number; readonly problem: string | null }
  /** It serves the config that it was ready for. */
  | { readonly kind: 'committed'; readonly change: number }
  /** It has drained, and ends. */
  | { readonly kind: 'drained'; readonly counters: WorkerCounters };
