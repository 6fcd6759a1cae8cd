// Contract 6, the sticky policy: how a client is recognised, how it is told its new binding, and what happens when
// its server is lost. A policy recognises; whether the server it names is used is decided in selection alone.
import type { Fault } from '../../core/errors.js';
import type { ClientInfo, ExchangeView } from '../../route/exchange-view.js';
import type { SessionAnswer, StoreAsker } from '../../store/store.js';
import type { ResponseHead } from '../../wire/message-head.js';
import { type Binding, binding } from '../binding.js';
import type { Server } from '../server.js';

/** A connection in TCP mode, of which nothing but the client is known. */
export interface ConnectionView {
  readonly client: ClientInfo;
  readonly request: null;
}

/** Why a policy found a server or none. `unknown`: the client brought a key, but it names no server; counts as none. */
export const sessionKey = { absent: 0, unknown: 1, known: 2 } as const;
export type SessionKey = (typeof sessionKey)[keyof typeof sessionKey];

/** What the store is asked for a finding: who holds a session, to bind a client to a picked server, or to bind what a server has set. */
export const storeQuestion = { lookUp: 0, claim: 1, learn: 2 } as const;
export type StoreQuestion = (typeof storeQuestion)[keyof typeof storeQuestion];

const noNames: readonly string[] = [];

/** A policy that asks the store, as a finding sees it. */
export interface StoreUser {
  /** The store has answered; `finding.isAsked` is false again. */
  takeAnswer(finding: StickyFinding, answer: SessionAnswer): void;
  /** Nobody waits for the answer any more. */
  forget(finding: StickyFinding): void;
}

/** Who may wait for a finding to be complete. */
export interface FindingWaiter {
  wake(finding: StickyFinding): void;
}

/**
 * What a policy has found out about one exchange or connection. Reused. {@link StickyPolicy.find} writes `server` and `key`;
 * the rest is for policies that ask the store, and is as `clear` leaves it for all others.
 */
export class StickyFinding implements StoreAsker<SessionAnswer> {
  /** Not null exactly if the key is known. */
  server: Server | null = null;
  key: SessionKey = sessionKey.absent;
  /** How the client stands to `server`: bound, unless this very exchange has bound it. */
  standing: Binding = binding.bound;
  /** What names the session in the store; ''. */
  name = '';
  /** The name of the server that holds it there, be it one of ours or not; '': none, as far as is known. */
  holder = '';
  /** The store holds it as pending. */
  isPending = false;
  /** The store could not be asked: nothing is to be bound. */
  isUncertain = false;
  /** Names to look up when `name` is nobody's. */
  others: readonly string[] = noNames;
  /** What was asked last. */
  question: StoreQuestion = storeQuestion.lookUp;
  /** The server that was to be bound by the last claim or lesson. */
  claimant = '';
  claims = 0;
  /** Who has asked the store for us; null: nothing is asked. */
  private user: StoreUser | null = null;

  /** `waiter` hears of every answer, also of one within the question. */
  constructor(private readonly waiter: FindingWaiter | null = null) {}

  /** The store is asked: what was found is complete when it has answered. */
  get isAsked(): boolean {
    return this.user !== null;
  }

  /** To be called before the question is put, whose answer may come at once. */
  beginAsking(user: StoreUser, question: StoreQuestion): void {
    this.user = user;
    this.question = question;
  }

  onStoreAnswer(answer: SessionAnswer): void {
    const { user } = this;
    this.user = null;
    user?.takeAnswer(this, answer);
    // The answer may have led to the next question.
    if (this.user === null) this.waiter?.wake(this);
  }

  /** For the next exchange, or the next policy. */
  clear(): void {
    this.abandon();
    this.server = null;
    this.key = sessionKey.absent;
    this.standing = binding.bound;
    this.name = '';
    this.holder = '';
    this.isPending = false;
    this.isUncertain = false;
    this.others = noNames;
    this.question = storeQuestion.lookUp;
    this.claimant = '';
    this.claims = 0;
  }

  /** Nobody waits for an answer any more. */
  abandon(): void {
    const { user } = this;
    this.user = null;
    user?.forget(this);
  }
}

/**
 * Hooks, in the order in which an exchange meets them. All are called on the data path: they must not block, throw,
 * or keep the exchange.
 */
export interface StickyPolicy {
  /** Whether it is asked for connections in TCP mode too. */
  readonly isForConnections: boolean;

  /**
   * Finds the server that the client is bound to, in whatever state that server is. Binds nobody: it may be called for
   * every attempt. A policy that learns may have asked the store when it returns (`finding.isAsked`). `finding` is clear.
   */
  find(x: ExchangeView | ConnectionView, finding: StickyFinding): void;

  /** The server that the client is bound to does not take it. null: bind the client anew; a fault: refuse with it. No side effects. */
  lost(server: Server): Fault | null;

  /** Whether a client that is bound to nobody, and is sent to a server now, gets a session there by that. */
  givesSession(finding: StickyFinding): boolean;

  /**
   * `server` was picked for a client that is bound to nobody, or to a server that is lost. A policy that must not let the
   * client's next request meet another server binds it now: true if it has asked the store to, and then `finding` says who
   * holds, at once or when the answer is here. False: the exchange goes to `server`.
   */
  claim(finding: StickyFinding, server: Server): boolean;

  /** The request head is about to be sent to a server; the policy may edit it. Once for each attempt. */
  onRequestHead(x: ExchangeView): void;

  /**
   * A final response head or a 101 of `server` is about to go to the client; the policy may edit it to tell the
   * client a binding that is new or rebound. Never for other 1xx, at most once for an exchange. Returns how the exchange
   * stands to the server now. If it leaves `finding.isAsked`, the head waits for the answer.
   */
  onResponseHead(x: ExchangeView, head: ResponseHead, server: Server, how: Binding, finding: StickyFinding): Binding;

  /** A connection in TCP mode has reached `server`. Only where the policy is for them. */
  onConnected(server: Server, how: Binding, finding: StickyFinding): void;
}
