// The sticky policy "source": a client is whoever comes from one address, for HTTP and for TCP. The first server it is given
// is learned before it is asked, so that whatever else comes from there at the same time goes to the same one.
import { type Fault, faults } from '../../core/errors.js';
import { formatIpv4, formatIpv6, parseIp } from '../../core/ip-address.js';
import type { ExchangeView } from '../../route/exchange-view.js';
import type { SessionTable } from '../../store/store.js';
import type { ResponseHead } from '../../wire/message-head.js';
import { type Binding, binding } from '../binding.js';
import type { Server } from '../server.js';
import { LearnedSessions } from './learned-sessions.js';
import type { ConnectionView, StickyFinding, StickyPolicy } from './sticky-policy.js';

export interface StickySourceOptions {
  readonly policy: 'source';
  /** How many bits of an address tell one client from another. */
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
  readonly sessions: SessionTable;
  readonly isStrict: boolean;
}

export class StickySource implements StickyPolicy {
  readonly isForConnections = true;
  private readonly sessions: LearnedSessions;
  private readonly isStrict: boolean;
  private readonly ipv4Prefix: number;
  private readonly ipv6Prefix: number;

  constructor(servers: readonly Server[], options: StickySourceOptions) {
    // Nobody but us makes these names.
    this.sessions = new LearnedSessions(options.sessions, servers, () => {});
    this.isStrict = options.isStrict;
    this.ipv4Prefix = options.ipv4Prefix;
    this.ipv6Prefix = options.ipv6Prefix;
  }

  find({ client }: ExchangeView | ConnectionView, finding: StickyFinding): void {
    const name = networkName(client.ip, this.ipv4Prefix, this.ipv6Prefix);
    // A client on a unix socket has no address.
    if (name !== '') this.sessions.lookUp(finding, name, []);
  }

  lost(): Fault | null {
    return this.isStrict ? faults.stickyServerDown : null;
  }

  givesSession(finding: StickyFinding): boolean {
    return finding.name !== '' && !finding.isUncertain;
  }

  claim(finding: StickyFinding, server: Server): boolean {
    return this.sessions.claim(finding, server);
  }

  onRequestHead(): void {}

  onResponseHead(_: ExchangeView, head: ResponseHead, server: Server, how: Binding, finding: StickyFinding): Binding {
    if (head.status < 400) this.sessions.confirm(finding);
    countSession(server, how);
    return how;
  }

  onConnected(server: Server, how: Binding, finding: StickyFinding): void {
    this.sessions.confirm(finding);
    countSession(server, how);
  }
}

function countSession(server: Server, how: Binding): void {
  if (how === binding.new || how === binding.rebound) server.sessionsGiven++;
}

/** The network that the address is in, in one spelling; '' for what is no address. */
export function networkName(ip: string, ipv4Prefix: number, ipv6Prefix: number): string {
  // Every client pays for what follows, but for the most frequent kind.
  if (ipv4Prefix === 32 && !ip.includes(':')) return ip;
  const bytes = parseIp(ip);
  if (bytes === null) return '';
  // An IPv4 address may have come written as an IPv6 one.
  const text = bytes.length === 4 ? ip : formatIpv6(bytes, 0);
  if (text.includes(':')) return formatIpv6(masked(bytes, ipv6Prefix), 0);
  return formatIpv4(masked(bytes.subarray(bytes.length - 4), ipv4Prefix), 0);
}

function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  const kept = Uint8Array.from(bytes);
  for (let i = 0; i < kept.length; i++) {
    const bits = Math.min(8, Math.max(0, prefix - 8 * i));
    kept[i]! &= 0xff << (8 - bits);
  }
  return kept;
}
