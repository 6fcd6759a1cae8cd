// The one decision point: which server gets an exchange. Everything else only asks or tells: the sticky policy
// recognises clients, the server says what it takes, the balancer chooses among equals.
import { type Fault, faults } from '../core/errors.js';
import type { ExchangeView } from '../route/exchange-view.js';
import { type Binding, binding } from './binding.js';
import type { Server } from './server.js';
import { leaseState, ServerLease } from './server-lease.js';
import { type ConnectionView, StickyFinding, type StickyPolicy } from './sticky/sticky-policy.js';
import type { Upstream } from './upstream.js';

/** An exchange or a connection whose selection waits. */
export interface SelectionOwner {
  /** What it waited for is here. */
  onAwaited(): void;
}

/** What a selection waits for. */
export interface Awaited {
  /** Nobody waits any more. */
  abandon(): void;
}

/** What {@link select} decided, and what it has to know for that. An exchange keeps one and reuses it: {@link clear} before the next. */
export class Selection {
  /** Where the exchange goes; null exactly if there is a fault or something is awaited. */
  server: Server | null = null;
  /** With a fault: how the exchange would have stood to its server. */
  binding: Binding = binding.none;
  fault: Fault | null = null;
  /**
   * What has to be known first; null: nothing. Whoever has it then calls {@link wake}, the owner is told, and selects again.
   * The same is used for a response head that waits for the store.
   */
  awaited: Awaited | null = null;
  /** What the sticky policy recognised; meaningless where the upstream is not sticky. */
  readonly finding: StickyFinding;
  /** The upstream whose policy has looked already: it looks once, at the request as the client sent it. */
  recognisedBy: Upstream | null = null;
  /** The place at a server that has a limit over all workers; null: none was needed so far. Kept for the next exchange. */
  private lease: ServerLease | null = null;
  /** Servers that had no place for this exchange. */
  readonly full: Server[] = [];

  constructor(private readonly owner: SelectionOwner | null = null) {
    this.finding = new StickyFinding(this);
  }

  /** `awaited` is here. Nothing happens if something else is awaited, or nothing. */
  wake(awaited: Awaited): void {
    if (this.awaited !== awaited) return;
    this.awaited = null;
    this.owner?.onAwaited();
  }

  /** For the next exchange. */
  clear(): void {
    this.server = null;
    this.binding = binding.none;
    this.fault = null;
    this.recognisedBy = null;
    if (this.full.length > 0) this.full.length = 0;
  }

  /** The exchange goes to another upstream, about which nothing is known yet. */
  forget(): void {
    this.abandon();
    this.endLease();
    this.finding.clear();
    this.clear();
  }

  /** Whether there is a place at the server, which is then taken. False: the answer is awaited, or there is none. */
  takePlace(server: Server): boolean {
    const { quota } = server;
    if (this.lease?.holdsAt(server) === true) return true;
    this.endLease();
    if (quota === null) return true;
    this.lease ??= new ServerLease(this);
    this.lease.take(server, quota);
    if (this.lease.state === leaseState.asked) this.awaited = this.lease;
    return this.lease.state === leaseState.held;
  }

  /** The server at which a place is held. */
  get placeHeld(): Server | null {
    return this.lease === null || this.lease.state !== leaseState.held ? null : this.lease.server;
  }

  refuse(server: Server): void {
    this.full.push(server);
  }

  /** What was under way at the server is over: its place is free for others. */
  endLease(): void {
    if (this.lease !== null) this.lease.end();
  }

  /** The owner waits no more. To be called at its end, whatever it was doing. */
  abandon(): void {
    if (this.awaited !== null) this.awaited.abandon();
    this.awaited = null;
    // A name is part of a request head, and would keep it in memory.
    if (this.finding.name !== '') this.finding.clear();
  }
}

/**
 * Asks the sticky policy which server the client is bound to. To be called before rules edit the request: one that hides
 * the cookie from servers must not hide it from us. {@link select} does it where nobody has. A store that has to be asked
 * is asked now, while rules run.
 */
export function recognise(upstream: Upstream, x: ExchangeView | ConnectionView, out: Selection): void {
  if (upstream.sticky !== null) {
    out.finding.clear();
    upstream.sticky.find(x, out.finding);
  }
  out.recognisedBy = upstream;
}

/**
 * Decides where an exchange goes, or what has to be awaited first (`out.awaited`). `tried` are the servers that this
 * exchange is not to go to any more: a server that a client is bound to is among them only when its quick tries are used
 * up. Changes nothing but the balancer's rotation, and takes a place where the server has a limit over all workers; the
 * binding is told to the client when a response head goes out.
 *
 * A client whose server is full is refused with `servers-full`, strict or not, and stays bound. HAProxy does not move
 * a session for that either (it lets the client wait in that server's queue): the server is well and has the session,
 * and fullness passes, while a move is for good.
 */
export function select(upstream: Upstream, x: ExchangeView | ConnectionView, tried: readonly Server[], out: Selection): void {
  upstream.endDownTimes();
  out.server = null;
  out.binding = binding.none;
  out.fault = null;
  out.awaited = null;
  const { sticky } = upstream;
  if (sticky === null || (x.request === null && !sticky.isForConnections)) {
    pick(upstream, x, tried, out);
    return;
  }
  if (out.recognisedBy !== upstream) recognise(upstream, x, out);
  // The answer to a claim may be another server than was picked, which is then looked at in its turn.
  while (!isSettled(sticky, upstream, x, tried, out));
}

function isSettled(
  sticky: StickyPolicy,
  upstream: Upstream,
  x: ExchangeView | ConnectionView,
  tried: readonly Server[],
  out: Selection,
): boolean {
  const { finding } = out;
  if (finding.isAsked) {
    out.server = null;
    out.awaited = finding;
    return true;
  }
  const bound = finding.server;
  if (bound === null) {
    out.binding = sticky.givesSession(finding) ? binding.new : binding.none;
  } else if (bound.takesOwnSessions && !tried.includes(bound)) {
    out.binding = finding.standing;
    if (bound.isFull || out.full.includes(bound)) out.fault = faults.serversFull;
    else if (out.takePlace(bound)) out.server = bound;
    else return out.awaited !== null;
    return true;
  } else {
    // What this exchange has bound itself holds nothing yet that could be lost.
    out.fault = finding.standing === binding.bound ? sticky.lost(bound) : null;
    out.binding = out.fault === null ? binding.rebound : binding.bound;
    if (out.fault !== null) return true;
  }
  pick(upstream, x, tried, out);
  return out.server === null || !sticky.claim(finding, out.server);
}

function pick(upstream: Upstream, x: ExchangeView | ConnectionView, tried: readonly Server[], out: Selection): void {
  if (upstream.hasLimits) pickPlace(upstream, x, tried, out);
  else out.server = upstream.pick(x, tried);
  if (out.server === null && out.awaited === null) out.fault = out.full.length > 0 ? faults.serversFull : upstream.whyNone(tried);
}

/** Asks one server after the other, as the balancer has it, until one has a place or has to be waited for. */
function pickPlace(upstream: Upstream, x: ExchangeView | ConnectionView, tried: readonly Server[], out: Selection): void {
  const held = out.placeHeld;
  if (held?.takesNewSessions === true && !tried.includes(held)) {
    out.server = held;
    return;
  }
  do {
    out.server = upstream.pick(x, out.full.length === 0 ? tried : [...tried, ...out.full]);
    if (out.server === null || out.takePlace(out.server)) return;
  } while (out.awaited === null);
  out.server = null;
}
