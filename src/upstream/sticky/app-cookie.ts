// The sticky policy "app-cookie": the client's session is the application's own, such as Tomcat's JSESSIONID. Which server
// has it is told by the route at its end, where there is one (jvmRoute), and else learned when the server sets it. Limpet
// adds nothing to requests and responses. A value that no server has set binds nobody.
import { type Fault, faults } from '../../core/errors.js';
import type { LogFields } from '../../core/logger.js';
import type { ExchangeView } from '../../route/exchange-view.js';
import type { SessionTable } from '../../store/store.js';
import { cookieValueAt, findCookie } from '../../wire/cookies.js';
import type { ResponseHead } from '../../wire/message-head.js';
import { type Binding, binding } from '../binding.js';
import type { Server } from '../server.js';
import { LearnedSessions } from './learned-sessions.js';
import { pathParameter } from './path-parameter.js';
import { type ConnectionView, type StickyFinding, type StickyPolicy, sessionKey } from './sticky-policy.js';

export interface StickyAppCookieOptions {
  readonly policy: 'app-cookie';
  readonly name: string;
  /** What stands behind a dot at the end of the sessions of each server, in the order of the servers. */
  readonly routes: readonly string[];
  readonly sessions: SessionTable;
  readonly isStrict: boolean;
  /** Told of session names that cannot be what they should be. Repeats are to be expected. */
  readonly warn: (message: string, fields: LogFields) => void;
}

/** What SockJS servers set for every client alike, so that balancers which go by its presence work. */
const sockjsDummy = 'dummy';

/** Cookies of one name in a request that are looked at: several paths or domains may have one each. */
const MAX_CANDIDATES = 4;

export class StickyAppCookie implements StickyPolicy {
  readonly isForConnections = false;
  private readonly name: string;
  private readonly isStrict: boolean;
  private readonly sessions: LearnedSessions;
  private readonly serverOfRoute: ReadonlyMap<string, Server>;
  private readonly warn: (message: string, fields: LogFields) => void;

  constructor(servers: readonly Server[], options: StickyAppCookieOptions) {
    this.name = options.name;
    this.isStrict = options.isStrict;
    this.serverOfRoute = new Map(servers.map((server, position) => [options.routes[position]!, server]));
    this.warn = options.warn;
    this.sessions = new LearnedSessions(options.sessions, servers, (server, holder) =>
      this.warn('Two servers set the same session', { code: 'shared-session', cookie: this.name, server, holder }),
    );
  }

  find(x: ExchangeView | ConnectionView, finding: StickyFinding): void {
    if (x.request === null) return;
    const field = x.request.get('cookie');
    const inPath = pathParameter(x.request.target, this.name);
    if (field === undefined && inPath === '') return;
    // The cookie first, as Tomcat does it: of the two it believes the cookie.
    const values: string[] = [];
    if (field !== undefined) for (const each of x.request.getAll('cookie')) this.collect(each, values);
    if (inPath !== '' && values.length < MAX_CANDIDATES) values.push(inPath);
    for (const value of values) {
      const server = this.routed(value);
      if (server === null) continue;
      finding.server = server;
      finding.key = sessionKey.known;
      finding.name = value;
      return;
    }
    if (values.length > 0) this.sessions.lookUp(finding, values[0]!, values.slice(1));
  }

  private collect(field: string, values: string[]): void {
    for (let at = findCookie(field, this.name); at >= 0; at = findCookie(field, this.name, at)) {
      const value = cookieValueAt(field, at);
      if (value !== '' && value !== sockjsDummy && values.length < MAX_CANDIDATES) values.push(value);
    }
  }

  /** The server whose route the session ends with, the longest route first; null if there is none. */
  private routed(session: string): Server | null {
    for (let dot = session.indexOf('.'); dot >= 0; dot = session.indexOf('.', dot + 1)) {
      const server = this.serverOfRoute.get(session.slice(dot + 1));
      if (server !== undefined) return server;
    }
    return null;
  }

  lost(): Fault | null {
    return this.isStrict ? faults.stickyServerDown : null;
  }

  givesSession(): boolean {
    // Only the server does that.
    return false;
  }

  claim(finding: StickyFinding, server: Server): boolean {
    // A name that no server is known to have given is not bound by a request.
    return (finding.server !== null || finding.holder !== '') && this.sessions.claim(finding, server);
  }

  onRequestHead(): void {}

  onResponseHead(_: ExchangeView, head: ResponseHead, server: Server, how: Binding, finding: StickyFinding): Binding {
    if (head.get('set-cookie') !== undefined && this.takeSetCookies(head, server, finding)) {
      server.sessionsGiven++;
      return how === binding.none ? binding.new : how;
    }
    if (how === binding.bound && head.status < 400) this.sessions.confirm(finding);
    return how;
  }

  onConnected(): void {}

  /** Learns what the response sets. True if a session of this server is new. */
  private takeSetCookies(head: ResponseHead, server: Server, finding: StickyFinding): boolean {
    let hasRouted = false;
    let learned = '';
    for (const field of head.getAll('set-cookie')) {
      const session = this.sessionIn(field);
      if (session === '' || (session === finding.name && finding.server === server)) continue;
      const routed = this.routed(session);
      if (routed === server) {
        hasRouted = true;
      } else if (routed !== null || session === sockjsDummy) {
        this.warnOf(server, routed);
      } else {
        // The store takes them in order: to wait for the last is to wait for all.
        if (learned !== '') this.sessions.learnBeside(learned, server);
        learned = session;
      }
    }
    if (learned !== '') this.sessions.learn(finding, learned, server);
    return hasRouted || learned !== '';
  }

  /** `routed`: the server whose route the session has; null: it is one for everyone. */
  private warnOf(server: Server, routed: Server | null): void {
    const fields = { cookie: this.name, server: server.name };
    if (routed === null) this.warn('A server sets the same session for everyone', { code: 'dummy-session', ...fields });
    else this.warn('A server sets a session with the route of another', { code: 'foreign-route', ...fields, routeOf: routed.name });
  }

  /** The session that a Set-Cookie field gives the client; '' if it is another cookie, or takes one away. */
  private sessionIn(field: string): string {
    const at = findCookie(field, this.name);
    const semicolon = field.indexOf(';');
    if (at < 0 || (semicolon >= 0 && semicolon < at)) return '';
    return isDeletion(field) ? '' : cookieValueAt(field, at);
  }
}

function isDeletion(setCookie: string): boolean {
  if (/;\s*max-age\s*=\s*(?:-|0+\s*(?:;|$))/i.test(setCookie)) return true;
  const expires = /;\s*expires\s*=\s*([^;]+)/i.exec(setCookie);
  return expires !== null && Date.parse(expires[1]!) <= Date.now();
}
