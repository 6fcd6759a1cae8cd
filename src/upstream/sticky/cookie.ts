// The sticky policy "cookie": Limpet gives each client a cookie that names its server. Nothing is stored here, so
// every worker and every machine with the same config reads the same cookies. Cookies that servers set are another
// policy's (server-cookie.ts).
import { createHash, createHmac } from 'node:crypto';
import { stringifySetCookie } from 'cookie';
import { type Fault, faults } from '../../core/errors.js';
import type { ExchangeView } from '../../route/exchange-view.js';
import { cookieValueAt, findCookie } from '../../wire/cookies.js';
import type { ResponseHead } from '../../wire/message-head.js';
import { type Binding, binding } from '../binding.js';
import type { Server } from '../server.js';
import { editCookies, editSetCookies } from './cookie-edits.js';
import { markPrivate } from './private-response.js';
import { type ConnectionView, type StickyFinding, type StickyPolicy, sessionKey } from './sticky-policy.js';

export interface StickyCookieOptions {
  readonly policy: 'cookie';
  readonly name: string;
  /** Signs the values; '': they are not signed. */
  readonly secret: string;
  readonly path: string;
  /** '': the host that set it, and no other. */
  readonly domain: string;
  /** 'auto': when the client came over https. */
  readonly secure: boolean | 'auto';
  readonly httpOnly: boolean;
  /** null: the attribute is not written, and the browser decides. */
  readonly sameSite: 'lax' | 'strict' | 'none' | null;
  readonly partitioned: boolean;
  /** null: until the browser is closed. */
  readonly maxAgeMs: number | null;
  /** Whether a client whose server is down is refused instead of being bound anew. */
  readonly isStrict: boolean;
  /** What names each server, by the server's name, instead of what is made from that; '': it binds nobody. */
  readonly values: ReadonlyMap<string, string>;
  /** The server does not get the cookie. */
  readonly isIndirect: boolean;
  /** A response that sets the cookie is kept out of shared caches. */
  readonly marksPrivate: boolean;
  /** A cookie of the name that a server sets itself. null: goes along; true: goes to the client instead of ours; false: is taken out. */
  readonly preserves: boolean | null;
  /** Attributes that are added as they are written. */
  readonly attributes: readonly string[];
}

/** 128 bits: long enough that no two servers meet and, signed, that none can be guessed. */
const valueBytes = 16;

export class StickyCookie implements StickyPolicy {
  readonly isForConnections = false;
  private readonly name: string;
  private readonly options: StickyCookieOptions;
  /**
   * Which server a value names. That looking up takes a time which depends on the value tells a guesser nothing of
   * use: the table compares whole values after a seeded hash, not byte by byte, and a value is no secret to begin
   * with, for every client is given one.
   */
  private readonly serverOf = new Map<string, Server>();
  /** By the server's index: it has no value, and a client that meets it loses its cookie. */
  private readonly bindsNobody: boolean[] = [];
  /** The Set-Cookie values by the server's index, for clients over http and over https. */
  private readonly linesOverHttp: readonly string[];
  private readonly linesOverHttps: readonly string[];

  /** Throws a TypeError if the name, the path or the domain cannot stand in a Set-Cookie field. */
  constructor(upstreamName: string, servers: readonly Server[], options: StickyCookieOptions) {
    this.name = options.name;
    this.options = options;
    const overHttp: string[] = [];
    const overHttps: string[] = [];
    for (const server of servers) {
      const value = options.values.get(server.name) ?? stickyValue(upstreamName, server.name, options.secret);
      if (value !== '') this.serverOf.set(value, server);
      this.bindsNobody[server.index] = value === '';
      overHttp[server.index] = setCookieLine(value, options, options.secure === true);
      overHttps[server.index] = setCookieLine(value, options, options.secure !== false);
    }
    this.linesOverHttp = overHttp;
    this.linesOverHttps = overHttps;
  }

  find(x: ExchangeView | ConnectionView, finding: StickyFinding): void {
    if (x.request === null) return;
    const first = x.request.get('cookie');
    if (first === undefined) return;
    this.findInField(first, finding);
    if (finding.server !== null) return;
    // Only clients without a session come this far, so only they pay for the list.
    const fields = x.request.getAll('cookie');
    for (let i = 1; i < fields.length && finding.server === null; i++) this.findInField(fields[i], finding);
  }

  lost(): Fault | null {
    return this.options.isStrict ? faults.stickyServerDown : null;
  }

  givesSession(): boolean {
    return true;
  }

  claim(): boolean {
    // The cookie binds, and nothing else.
    return false;
  }

  onRequestHead(x: ExchangeView): void {
    // Otherwise the server may see the cookie: it means nothing to it, and taking it out would cost every request an edit.
    if (this.options.isIndirect) editCookies(x.request, this.name, takeOut);
  }

  onResponseHead(x: ExchangeView, head: ResponseHead, server: Server, how: Binding): Binding {
    const { preserves } = this.options;
    const isSet = preserves !== null && editSetCookies(head, this.name, preserves ? keep : takeOut);
    if (how !== binding.new && how !== binding.rebound) return how;
    if (isSet && preserves) return how;
    // Added behind the server's own cookies: of two with the same name, path and domain a browser keeps the last.
    head.add('Set-Cookie', (x.scheme === 'https' ? this.linesOverHttps : this.linesOverHttp)[server.index]);
    if (this.options.marksPrivate && head.status !== 101) markPrivate(head);
    if (this.bindsNobody[server.index]) return binding.none;
    server.sessionsGiven++;
    return how;
  }

  onConnected(): void {}

  /** Of several cookies with the name, the first that names a server counts: a stale one of another path may stand before it. */
  private findInField(field: string, finding: StickyFinding): void {
    for (let at = findCookie(field, this.name); at >= 0; at = findCookie(field, this.name, at)) {
      const server = this.serverOf.get(cookieValueAt(field, at));
      if (server !== undefined) {
        finding.server = server;
        finding.key = sessionKey.known;
        return;
      }
      finding.key = sessionKey.unknown;
    }
  }
}

const takeOut = (): null => null;
const keep = (value: string): string => value;

/**
 * The value that names a server: 32 lower-case hex digits of a SHA-256 over the names of the upstream and the server,
 * an HMAC under `secret` unless that is ''. It depends on nothing else, so it stays when servers are added, moved to
 * another address or put in another order.
 */
export function stickyValue(upstreamName: string, serverName: string, secret: string): string {
  const hash = secret === '' ? createHash('sha256') : createHmac('sha256', secret);
  // JSON keeps the two names apart, whatever characters they have.
  return hash
    .update(JSON.stringify([upstreamName, serverName]))
    .digest('hex')
    .slice(0, 2 * valueBytes);
}

function setCookieLine(value: string, options: StickyCookieOptions, isSecure: boolean): string {
  const cookie = {
    name: options.name,
    value,
    path: options.path,
    ...(options.domain !== '' && { domain: options.domain }),
    // A server without a value takes the cookie away.
    ...(value === '' && { expires: new Date(1000) }),
    // Rounded up: what is under a second would otherwise read "delete this cookie".
    ...(options.maxAgeMs !== null && value !== '' && { maxAge: Math.ceil(options.maxAgeMs / 1000) }),
    httpOnly: options.httpOnly,
    // Browsers refuse both attributes on a cookie that is not Secure.
    secure: isSecure || options.sameSite === 'none' || options.partitioned,
    partitioned: options.partitioned,
    ...(options.sameSite !== null && { sameSite: options.sameSite }),
  };
  // Written as it will come back, when it is compared: nothing in it needs to be encoded.
  const line = stringifySetCookie(cookie, { encode: (own) => own });
  return [line, ...options.attributes].join('; ');
}
