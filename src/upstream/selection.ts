// The one decision point: which server gets an exchange. Everything else only asks or tells: the sticky policy
// recognises clients, the server says what it takes, the balancer chooses among equals.
import { type Fault, faults } from '../core/errors.js';
import type { ExchangeView } from '../route/exchange-view.js';
import { type Binding, binding } from './binding.js';
import type { Server } from './server.js';
import { StickyFinding } from './sticky/sticky-policy.js';
import type { Upstream } from './upstream.js';

/** What {@link select} decided. An exchange keeps one and reuses it: every call writes all fields. */
export class Selection {
  /** Where the exchange goes; null exactly if there is a fault. */
  server: Server | null = null;
  /** With a fault: how the exchange would have stood to its server. */
  binding: Binding = binding.none;
  fault: Fault | null = null;
  /** What the sticky policy recognised, for the access log; meaningless where the upstream is not sticky. */
  readonly finding = new StickyFinding();
  /** The upstream whose policy has looked already: it looks once, at the request as the client sent it. */
  recognisedBy: Upstream | null = null;

  /** For the next exchange. */
  clear(): void {
    this.server = null;
    this.binding = binding.none;
    this.fault = null;
    this.recognisedBy = null;
  }
}

/**
 * Asks the sticky policy which server the client is bound to. To be called before rules edit the request: one that hides
 * the cookie from servers must not hide it from us. {@link select} does it where nobody has.
 */
export function recognise(upstream: Upstream, x: ExchangeView, out: Selection): void {
  if (upstream.sticky !== null) upstream.sticky.find(x, out.finding);
  out.recognisedBy = upstream;
}

/**
 * Decides where an exchange goes. `tried` are the servers that this exchange is not to go to any more: a server that
 * a client is bound to is among them only when its quick tries are used up. `x` is null in TCP mode, where nothing is
 * sticky. Changes nothing but the balancer's rotation; the binding is told to the client when a response head goes out.
 *
 * A client whose server is full is refused with `servers-full`, strict or not, and stays bound. HAProxy does not move
 * a session for that either (it lets the client wait in that server's queue): the server is well and has the session,
 * and fullness passes, while a move is for good.
 */
export function select(upstream: Upstream, x: ExchangeView | null, tried: readonly Server[], out: Selection): void {
  upstream.endDownTimes();
  out.server = null;
  out.binding = binding.none;
  out.fault = null;
  if (upstream.sticky !== null && x !== null) {
    if (out.recognisedBy !== upstream) recognise(upstream, x, out);
    const bound = out.finding.server;
    if (bound === null) {
      out.binding = binding.new;
    } else if (bound.takesOwnSessions && !tried.includes(bound)) {
      out.binding = binding.bound;
      if (bound.isFull) out.fault = faults.serversFull;
      else out.server = bound;
      return;
    } else {
      out.fault = upstream.sticky.lost(x, bound);
      out.binding = out.fault === null ? binding.rebound : binding.bound;
      if (out.fault !== null) return;
    }
  }
  out.server = upstream.pick(x, tried);
  if (out.server === null) out.fault = upstream.whyNone(tried);
}
