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

/** Where a listener listens: at an address, or on a socket that whoever started the program has bound and left open. */
export type ListenAddress = Address | FdAddress | SystemdAddress;

/** A socket that the program was started with, by its number. */
export interface FdAddress {
  readonly kind: 'fd';
  readonly fd: number;
}

/** The sockets that systemd has passed under a name. */
export interface SystemdAddress {
  readonly kind: 'systemd';
  readonly name: string;
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

/** @throws AddressError */
export function parseServerAddress(text: string): Address {
  return parseAddress(text, { role: 'server' });
}

/**
 * What {@link parseAddress} reads for listeners, and "fd:3" and "systemd:NAME".
 * @throws AddressError
 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('fd:')) return parseFd(text);
  if (text.startsWith('systemd:')) return parseSystemd(text);
  return parseAddress(text, { role: 'listener' });
}

/** The text that {@link parseAddress} or {@link parseListenAddress} reads back as the same address. */
export function formatAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  if (address.kind === 'fd') return `fd:${address.fd}`;
  if (address.kind === 'systemd') return `systemd:${address.name}`;
  return isIPv6(address.host) ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function parseFd(text: string): FdAddress {
  const digits = text.slice('fd:'.length);
  const fd = /^\d{1,7}$/.test(digits) ? Number(digits) : 0;
  // The first three are standard input, output and error.
  if (fd < 3) throw refusal(text, 'names no descriptor from 3', ['fd:3']);
  return { kind: 'fd', fd };
}

function parseSystemd(text: string): SystemdAddress {
  const name = text.slice('systemd:'.length);
  // What systemd allows for FileDescriptorName=.
  if (!/^[\x21-\x39\x3b-\x7e]{1,255}$/.test(name)) throw refusal(text, 'has no name of a socket that systemd passes', ['systemd:web']);
  return { kind: 'systemd', name };
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
