// The sticky policy "cookie" in the modes "rewrite" and "prefix": the server sets a cookie of its own, and Limpet puts
// the server's name into it, in place of the value or before it. Who gets no such cookie is bound to nobody.
import { type Fault, faults } from '../../core/errors.js';
import type { ExchangeView } from '../../route/exchange-view.js';
import { cookieValueAt, findCookie } from '../../wire/cookies.js';
import type { ResponseHead } from '../../wire/message-head.js';
import { type Binding, binding } from '../binding.js';
import type { Server } from '../server.js';
import { editCookies, editSetCookies } from './cookie-edits.js';
import { markPrivate } from './private-response.js';
import { type ConnectionView, type StickyFinding, type StickyPolicy, sessionKey } from './sticky-policy.js';

export interface ServerCookieOptions {
  readonly policy: 'server-cookie';
  readonly name: string;
  readonly mode: 'rewrite' | 'prefix';
  /** What names each server, by the server's name; '': nothing is written for it. */
  readonly values: ReadonlyMap<string, string>;
  /** The server does not get the cookie. Only for "rewrite". */
  readonly isIndirect: boolean;
  /** A response that sets the cookie is kept out of shared caches. */
  readonly marksPrivate: boolean;
  readonly isStrict: boolean;
}

/** Parts the server's name from the value that the server has set. */
const delimiter = '~';

export class ServerCookie implements StickyPolicy {
  readonly isForConnections = false;
  private readonly serverOf = new Map<string, Server>();
  private readonly valueOf: string[] = [];

  constructor(
    servers: readonly Server[],
    private readonly options: ServerCookieOptions,
  ) {
    for (const server of servers) {
      const value = options.values.get(server.name) ?? server.name;
      this.valueOf[server.index] = value;
      if (value !== '') this.serverOf.set(value, server);
    }
  }

  find(x: ExchangeView | ConnectionView, finding: StickyFinding): void {
    if (x.request === null || x.request.get('cookie') === undefined) return;
    for (const field of x.request.getAll('cookie')) {
      for (let at = findCookie(field, this.options.name); at >= 0; at = findCookie(field, this.options.name, at)) {
        const server = this.namedBy(cookieValueAt(field, at));
        if (server !== undefined) {
          finding.server = server;
          finding.key = sessionKey.known;
          return;
        }
        finding.key = sessionKey.unknown;
      }
    }
  }

  lost(): Fault | null {
    return this.options.isStrict ? faults.stickyServerDown : null;
  }

  givesSession(): boolean {
    // Only a server does that.
    return false;
  }

  claim(): boolean {
    return false;
  }

  onRequestHead(x: ExchangeView): void {
    if (this.options.mode === 'prefix') editCookies(x.request, this.options.name, (value) => this.withoutName(value));
    else if (this.options.isIndirect) editCookies(x.request, this.options.name, () => null);
  }

  onResponseHead(_: ExchangeView, head: ResponseHead, server: Server, how: Binding): Binding {
    const name = this.valueOf[server.index];
    if (name === '') return how;
    const isPrefix = this.options.mode === 'prefix';
    if (!editSetCookies(head, this.options.name, (value) => (isPrefix ? `${name}${delimiter}${value}` : name))) return how;
    if (this.options.marksPrivate && head.status !== 101) markPrivate(head);
    server.sessionsGiven++;
    return how === binding.none ? binding.new : how;
  }

  onConnected(): void {}

  private namedBy(value: string): Server | undefined {
    if (this.options.mode === 'rewrite') return this.serverOf.get(value);
    const end = value.indexOf(delimiter);
    return end < 0 ? undefined : this.serverOf.get(value.slice(0, end));
  }

  private withoutName(value: string): string {
    return this.namedBy(value) === undefined ? value : value.slice(value.indexOf(delimiter) + 1);
  }
}
