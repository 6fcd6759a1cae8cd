// Addresses of listeners and servers, as the configuration writes them and as sockets need them.
// It resolves no names and opens nothing.
import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';

/**
 * Where to bind or to connect. `host` is an address without brackets, a name in lower case (servers only), or ''
 * for every interface, both families (listeners only). Port 0 lets the system choose (listeners only).
 */
export type Address = TcpAddress | UnixAddress;

export interface TcpAddress {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
}

export interface UnixAddress {
  readonly kind: 'unix';
  readonly path: string;
}

export type AddressRole = 'listener' | 'server';

/** The text is no address for that role. The message says what to write instead. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** The longest path that fits a unix socket's address on Linux; Node 20 and 22 cut longer ones silently. */
export const maxUnixPathBytes = 107;

/**
 * Reads "127.0.0.1:80", "[::1]:80", "unix:/path"; for listeners also ":80", for servers also "name:80".
 * @throws AddressError
 */
export function parseAddress(text: string, options: { role: AddressRole }): Address {
  const { role } = options;
  if (text.startsWith('unix:')) return parseUnix(text);
  const scheme = /^[a-z]+:\/\//i.exec(text);
  if (scheme) throw refusal(text, 'begins with a scheme', [text.slice(scheme[0].length).replace(/\/.*$/, '')]);
  if (/^\d+$/.test(text)) throw refusal(text, 'is only a port', [role === 'listener' ? `:${text}` : `127.0.0.1:${text}`]);
  if (isIPv6(text))
    throw refusal(text, 'is an IPv6 address without brackets and port', [`[${text}]:${examplePort(role)}`, bracketed(text)]);

  const colon = text.lastIndexOf(':');
  if (colon < 0) throw refusal(text, 'has no port', [`${text}:${examplePort(role)}`]);
  const host = text.slice(0, colon);
  return { kind: 'tcp', host: parseHost(host, text, role), port: parsePort(text.slice(colon + 1), text, role) };
}

/** The text that {@link parseAddress} reads back as the same address. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return isIPv6(address.host) ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function parseUnix(text: string): UnixAddress {
  const path = text.slice('unix:'.length);
  if (path === '' || path.includes('\0')) throw new AddressError(`"${text}" has no path; write "unix:/run/name.sock" instead`);
  if (Buffer.byteLength(path) > maxUnixPathBytes) {
    throw new AddressError(`the socket's path is longer than ${maxUnixPathBytes} bytes; write a shorter one instead`);
  }
  return { kind: 'unix', path };
}

function parseHost(host: string, text: string, role: AddressRole): string {
  const port = text.slice(host.length);
  if (host.startsWith('[') && host.endsWith(']')) {
    const inner = host.slice(1, -1);
    if (!isIPv6(inner)) throw refusal(text, 'has no IPv6 address between its brackets', [`[::1]${port}`]);
    return canonicalIPv6(inner);
  }
  if (host.includes(':')) throw refusal(text, 'is an IPv6 address without brackets', [`[${host}]${port}`]);
  if (isIPv4(host)) return host;
  if (role === 'listener') {
    if (host === '') return '';
    throw host === '*'
      ? refusal(text, 'names no interface', [port])
      : refusal(text, 'is a name, and a listener is bound to an address', [`127.0.0.1${port}`, port]);
  }
  if (host === '' || host === '*') throw refusal(text, 'names no host', [`127.0.0.1${port}`]);
  if (/(^|\.)\d+$/.test(host)) throw refusal(text, 'has no valid IPv4 address', [`127.0.0.1${port}`]);
  if (host.length > 253 || !host.split('.').every(isLabel)) throw refusal(text, 'has no valid host name', [`app.example${port}`]);
  return host.toLowerCase();
}

function isLabel(label: string): boolean {
  return /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label);
}

function parsePort(digits: string, text: string, role: AddressRole): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : -1;
  const smallest = role === 'listener' ? 0 : 1;
  if (port >= smallest && port <= 65535) return port;
  throw refusal(text, `has no port from ${smallest} to 65535`, [`${text.slice(0, text.length - digits.length)}${examplePort(role)}`]);
}

function examplePort(role: AddressRole): number {
  return role === 'listener' ? 8080 : 3000;
}

/** "::1:8080" may be an address without a port or one with a port but without brackets: this is the second reading. */
function bracketed(text: string): string {
  const colon = text.lastIndexOf(':');
  const port = text.slice(colon + 1);
  return /^\d+$/.test(port) && isIP(text.slice(0, colon)) === 6 ? `[${text.slice(0, colon)}]:${port}` : '';
}

function refusal(text: string, why: string, suggestions: string[]): AddressError {
  const quoted = suggestions.filter((suggestion) => suggestion !== '').map((suggestion) => `"${suggestion}"`);
  return new AddressError(`"${text}" ${why}; write ${quoted.join(' or ')} instead`);
}

function canonicalIPv6(host: string): string {
  // A zone ("fe80::1%eth0") is a matter of this machine and has no canonical form.
  return host.includes('%') ? host : new SocketAddress({ address: host, family: 'ipv6' }).address;
}
