// What two versions of the program say to each other when one takes over from the other. Both may be of any age: what
// stands here may be added to, and must not change its meaning.
import type { SessionChange, SessionsOfTable } from '../store/messages.js';

/** Set in the environment of a process that is to take over. */
export const upgradeVariable = 'LIMPET_UPGRADE';

export type MessageToSuccessor =
  /**
   * The first one. `pidFileFd`: the descriptor, open in the successor, of the pid file; null where there is none. `sockets` and
   * `sessions`: how many of these messages follow. A program from before there were sessions leaves both of theirs out.
   */
  | {
      readonly kind: 'inheritance';
      readonly pid: number;
      readonly ticketKeys: Uint8Array;
      readonly sockets: number;
      readonly pidFileFd: number | null;
      readonly sessionSecret?: string;
      readonly sessions?: number;
    }
  /** With a listening socket beside it. `key`: see supervisor/listening-sockets.ts. */
  | { readonly kind: 'socket'; readonly key: string; readonly areSpread: boolean }
  /** Sessions that are held under the secret. */
  | { readonly kind: 'sessions'; readonly sessions: SessionsOfTable }
  | SessionMessage;

/** What has changed of a session since, in either direction, for as long as both live. */
interface SessionMessage {
  readonly kind: 'session';
  readonly change: SessionChange;
}

export type MessageToPredecessor =
  /** It listens on the sockets with these keys: the predecessor is to let go of all it has, and to finish. */
  | { readonly kind: 'ready'; readonly keys: readonly string[] }
  /** It cannot, and ends. */
  | { readonly kind: 'failed'; readonly problem: string }
  | SessionMessage;
