// IP addresses between text and bytes, in one spelling each, so that logs, pool keys and comparisons agree.
// It does not resolve names and knows nothing of ports or networks.
import { isIPv4, isIPv6 } from 'node:net';

/**
 * The plain spelling of an address as a socket gives it: IPv4-mapped IPv6 ("::ffff:10.0.0.1", RFC 4291 §2.5.5.2) becomes IPv4,
 * a zone ("%eth0") goes. Anything else comes back as it is.
 */
export function plainIp(ip: string): string {
  const zoneAt = ip.indexOf('%');
  const bare = zoneAt < 0 ? ip : ip.slice(0, zoneAt);
  // Node writes mapped addresses of sockets in exactly this spelling.
  if (bare.charCodeAt(0) === 0x3a && bare.startsWith('::ffff:') && bare.includes('.')) return bare.slice(7);
  return bare;
}

/** 4 or 16 bytes in network order, or null for text that is no IP address. A zone is refused. */
export function parseIp(text: string): Uint8Array | null {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return null;
  const bytes = new Uint8Array(16);
  const gapAt = text.indexOf('::');
  if (gapAt < 0) {
    writeGroups(bytes, 0, hexGroups(text));
    return bytes;
  }
  writeGroups(bytes, 0, hexGroups(text.slice(0, gapAt)));
  const tail = hexGroups(text.slice(gapAt + 2));
  writeGroups(bytes, 16 - 2 * tail.length, tail);
  return bytes;
}

/** The 16 bytes of an address, IPv4 as IPv4-mapped IPv6. */
export function mapToIpv6(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16) return bytes;
  const mapped = new Uint8Array(16);
  mapped[10] = 0xff;
  mapped[11] = 0xff;
  mapped.set(bytes, 12);
  return mapped;
}

/** Text of the 4 bytes at `offset`. */
export function formatIpv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** Text of the 16 bytes at `offset` in the canonical form of RFC 5952; IPv4-mapped addresses as plain IPv4. */
export function formatIpv6(bytes: Uint8Array, offset: number): string {
  if (isMapped(bytes, offset)) return formatIpv4(bytes, offset + 12);
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[offset + i] << 8) | bytes[offset + i + 1]);
  const gap = longestZeroRun(groups);
  if (gap.length < 2) return groups.map((group) => group.toString(16)).join(':');
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  return `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.start + gap.length))}`;
}

function isMapped(bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[offset + i] !== 0) return false;
  return bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    // The first of equal runs is shortened: RFC 5952 §4.2.3.
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

/** 16-bit groups of one side of "::"; a dotted ending counts as two. */
function hexGroups(text: string): number[] {
  if (text === '') return [];
  const groups: number[] = [];
  for (const part of text.split(':')) {
    if (!part.includes('.')) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const [a, b, c, d] = part.split('.').map(Number);
    groups.push((a << 8) | b, (c << 8) | d);
  }
  return groups;
}

function writeGroups(bytes: Uint8Array, offset: number, groups: number[]): void {
  for (const [i, group] of groups.entries()) {
    bytes[offset + 2 * i] = group >> 8;
    bytes[offset + 2 * i + 1] = group & 0xff;
  }
}
