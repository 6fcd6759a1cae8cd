// Contract 6, the sticky policy: how a client is recognised, how it is told its new binding, and what happens when
// its server is lost. A policy recognises; whether the server it names is used is decided in selection alone.
import type { Fault } from '../../core/errors.js';
import type { ExchangeView } from '../../route/exchange-view.js';
import type { ResponseHead } from '../../wire/message-head.js';
import type { Binding } from '../binding.js';
import type { Server } from '../server.js';

/** Why a policy found a server or none. `unknown`: the client brought a key, but it names no server; counts as none. */
export const sessionKey = { absent: 0, unknown: 1, known: 2 } as const;
export type SessionKey = (typeof sessionKey)[keyof typeof sessionKey];

/** What {@link StickyPolicy.find} found. Reused: every call writes both fields. */
export class StickyFinding {
  /** Not null exactly if the key is known. */
  server: Server | null = null;
  key: SessionKey = sessionKey.absent;
}

/**
 * Hooks, in the order in which an exchange meets them. All are called on the data path: they must not block, throw,
 * or keep the exchange.
 */
export interface StickyPolicy {
  /**
   * Finds the server that the client is bound to, in whatever state that server is. No side effects: it may be called
   * for every attempt.
   */
  find(x: ExchangeView, finding: StickyFinding): void;

  /** The server that the client is bound to does not take it. null: bind the client anew; a fault: refuse with it. No side effects. */
  lost(x: ExchangeView, server: Server): Fault | null;

  /** The request head is about to be sent to a server; the policy may edit it. Once for each attempt. */
  onRequestHead(x: ExchangeView): void;

  /**
   * A final response head or a 101 of `server` is about to go to the client; the policy may edit it to tell the
   * client a binding that is new or rebound. Never for other 1xx, at most once for an exchange.
   */
  onResponseHead(x: ExchangeView, head: ResponseHead, server: Server, binding: Binding): void;
}
