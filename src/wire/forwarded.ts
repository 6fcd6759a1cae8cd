// X-Forwarded-For, -Proto, -Host and -Port: who the client is behind proxies that are trusted, and the values that go on to the
// server. It reads and writes no heads, and takes no view of the standard Forwarded field (RFC 7239) beyond naming it.
import { parseIp, plainIp } from '../core/ip-address.js';

/** A hop without an IP address (a unix socket) in X-Forwarded-For: servers that count hops must find it (the word of RFC 7239 §6.2). */
const unknownHop = 'unknown';

/** A hop as X-Forwarded-For names it. `ip` is plain, '' for a unix socket. */
export function forwardedHop(ip: string): string {
  return ip === '' ? unknownHop : ip;
}

/** Trusted hops that are walked at most; nobody has as many proxies in a row. */
const maxHops = 64;

/** Whom to believe; `Networks` of net/ is one. */
export interface TrustedProxies {
  contains(ip: string): boolean;
}

/**
 * The outcome for one request. One object serves a connection (or an exchange object) for ever: `assume` or `derive` overwrites it all.
 * The four values are ready to be written into fields of those names.
 */
export class Forwarded {
  /** The client for rules and logs; '' when it came over a unix socket and nobody trusted told more. */
  clientIp = '';
  scheme: 'http' | 'https' = 'http';
  forValue = '';
  hostValue = '';
  portValue = '';

  /** X-Forwarded-Proto. */
  get protoValue(): string {
    return this.scheme;
  }

  /**
   * For a peer that is not trusted: what it claims does not count. `peerIp` is plain ({@link plainIp}), `authority` the Host as
   * given, `listenerPort` the decimal port of the listener ('' for a unix socket).
   */
  assume(peerIp: string, scheme: 'http' | 'https', authority: string, listenerPort: string): void {
    this.clientIp = peerIp;
    this.scheme = scheme;
    this.forValue = forwardedHop(peerIp);
    this.hostValue = authority;
    this.portValue = listenerPort;
  }

  /**
   * For a trusted peer. Starts from {@link assume} and takes what the fields add; each argument is undefined when the field is
   * absent, and *all* lines of a repeated field joined by ", ": looking at the first line only would let a client choose its address.
   *
   * X-Forwarded-For is walked from the right: past trusted addresses to the first that is not trusted, which is the client. Something
   * that is no address ends the walk at the hop before. Where the other fields are lists, the element of the same hop counts.
   */
  derive(
    trusted: TrustedProxies,
    forField: string | undefined,
    protoField: string | undefined,
    hostField: string | undefined,
    portField: string | undefined,
  ): void {
    const hops = forField === undefined ? 0 : this.walk(forField, trusted);
    if (forField !== undefined && forField !== '') this.forValue = `${forField}, ${this.forValue}`;
    const proto = protoField === undefined ? '' : elementFromRight(protoField, hops).toLowerCase();
    const host = hostField === undefined ? '' : elementFromRight(hostField, hops);
    const port = portField === undefined ? '' : elementFromRight(portField, hops);
    if (host !== '') this.hostValue = host;
    if (proto === 'http' || proto === 'https') {
      this.scheme = proto;
      // The listener's port belongs to the last hop; a proxy that tells the scheme and no port is reached on the host's or the scheme's.
      this.portValue = portOf(this.hostValue) || (proto === 'https' ? '443' : '80');
    }
    if (isPort(port)) this.portValue = port;
  }

  /** Sets the client; returns how many hops to the left of the nearest one it stands. */
  private walk(list: string, trusted: TrustedProxies): number {
    let hops = 0;
    let end = list.length;
    while (end >= 0 && hops < maxHops) {
      const commaAt = end === 0 ? -1 : list.lastIndexOf(',', end - 1);
      const ip = ipOfHop(list.slice(commaAt + 1, end).trim());
      if (ip === '') return Math.max(0, hops - 1);
      this.clientIp = ip;
      if (commaAt < 0 || !trusted.contains(ip)) return hops;
      hops++;
      end = commaAt;
    }
    return hops - 1;
  }
}

/** Element `index` of a comma-separated list counted from the right, or the leftmost if there are fewer. */
function elementFromRight(list: string, index: number): string {
  let end = list.length;
  for (;;) {
    const commaAt = end === 0 ? -1 : list.lastIndexOf(',', end - 1);
    if (index === 0 || commaAt < 0) return list.slice(commaAt + 1, end).trim();
    index--;
    end = commaAt;
  }
}

/** "1.2.3.4", "1.2.3.4:567", "[2001:db8::1]:567", "2001:db8::1" → the address in plain form; '' for anything else. */
function ipOfHop(hop: string): string {
  let ip = hop;
  if (hop.charCodeAt(0) === 0x5b) {
    const closeAt = hop.indexOf(']');
    if (closeAt < 0 || (closeAt + 1 < hop.length && hop[closeAt + 1] !== ':')) return '';
    ip = hop.slice(1, closeAt);
  } else {
    const colonAt = hop.indexOf(':');
    if (colonAt >= 0 && hop.indexOf(':', colonAt + 1) < 0) ip = hop.slice(0, colonAt);
  }
  return parseIp(ip) === null ? '' : plainIp(ip);
}

/** The port that an authority names, or ''. */
function portOf(authority: string): string {
  const colonAt = authority.lastIndexOf(':');
  if (colonAt < 0 || authority.indexOf(']', colonAt) >= 0) return '';
  const port = authority.slice(colonAt + 1);
  return isPort(port) ? port : '';
}

function isPort(text: string): boolean {
  if (text.length === 0 || text.length > 5) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return Number(text) <= 65535;
}
