// PROXY protocol, versions 1 and 2, as HAProxy's proxy-protocol.txt describes it ("§" below are its sections): reads the header
// that a connection begins with, and writes one. It does no I/O, and does not decide whom to believe.
import { formatIpv4, formatIpv6, mapToIpv6, parseIp } from '../core/ip-address.js';
import { crc32c } from './crc32c.js';

/** The longest version 1 line, CRLF included (§2.1). */
export const maxProxyV1Bytes = 107;
/** Bytes that a version 2 header may announce after its first 16. The protocol allows 65,535; no sender needs a tenth of that. */
export const maxProxyV2BodyBytes = 4096;
/** Whoever collects the bytes of a header never needs to hold more than this. */
export const maxProxyHeaderBytes = 16 + maxProxyV2BodyBytes;

export interface ProxyEndpoint {
  /** Textual IP address; '' when there is none (a unix socket). */
  readonly ip: string;
  readonly port: number;
}

/** What the sender tells of its own TLS connection with the client (§2.2.6). */
export interface ProxyTls {
  /** Whether the client came over TLS. */
  readonly isTls: boolean;
  /** Whether the client presented a certificate in this connection or session, and it was verified. */
  readonly isVerified: boolean;
  /** "TLSv1.3", '' if not told. */
  readonly version: string;
  readonly cipher: string;
  readonly commonName: string;
}

export interface ProxyHeader {
  readonly version: 1 | 2;
  /** The client, or null: the addresses of the socket itself hold (LOCAL, UNKNOWN, unix sockets, datagrams). */
  readonly source: ProxyEndpoint | null;
  /** Where the client connected to; null together with `source`. */
  readonly destination: ProxyEndpoint | null;
  /** The sender opened the connection for itself, such as for a health check (§2.2, LOCAL). */
  readonly isLocal: boolean;
  /** The host name that the client asked for (§2.2.2), printable ASCII; '' if not told. */
  readonly authority: string;
  readonly alpn: string;
  /** The sender's name for the connection (§2.2.5), at most 128 bytes, as hexadecimal digits; '' if not told. */
  readonly uniqueId: string;
  readonly tls: ProxyTls | null;
}

export type ProxyParse =
  | { readonly state: 'need-more' }
  | { readonly state: 'done'; readonly consumedBytes: number; readonly header: ProxyHeader }
  | { readonly state: 'bad'; readonly reason: string };

const needMore: ProxyParse = { state: 'need-more' };
const v1Signature = Buffer.from('PROXY ', 'latin1');
const v2Signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const tlvType = { alpn: 0x01, authority: 0x02, crc32c: 0x03, uniqueId: 0x05, ssl: 0x20 } as const;
const sslSubtype = { version: 0x21, commonName: 0x22, cipher: 0x23 } as const;
const noTlvs = { authority: '', alpn: '', uniqueId: '', tls: null };

function bad(reason: string): ProxyParse {
  return { state: 'bad', reason };
}

/**
 * Reads the header at the start of a connection from `buffer[start, end)`. The caller collects bytes and asks again from the same
 * start while the answer is `need-more`; it is `bad` as early as the bytes show it, and before more than {@link maxProxyHeaderBytes}.
 * What follows `consumedBytes` is the client's. The header holds no reference into `buffer`. Never throws.
 */
export function parseProxyHeader(buffer: Buffer, start: number, end: number): ProxyParse {
  if (start >= end) return needMore;
  if (buffer[start] === v1Signature[0]) return parseV1(buffer, start, end);
  return parseV2(buffer, start, end);
}

/** Compares as much of the signature as has come. */
function beginsWith(buffer: Buffer, start: number, end: number, signature: Buffer): boolean {
  const length = Math.min(signature.length, end - start);
  return buffer.compare(signature, 0, length, start, start + length) === 0;
}

function parseV1(buffer: Buffer, start: number, end: number): ProxyParse {
  if (!beginsWith(buffer, start, end, v1Signature)) return bad('no PROXY protocol signature');
  const lastAt = Math.min(end, start + maxProxyV1Bytes);
  let lineEnd = start;
  while (lineEnd < lastAt && buffer[lineEnd] !== 0x0d && buffer[lineEnd] !== 0x0a) lineEnd++;
  // A lone CR or LF does not end the line (§2.1).
  if (lineEnd < lastAt && buffer[lineEnd] === 0x0a) return bad('version 1 line ends without CR');
  if (lineEnd + 1 >= start + maxProxyV1Bytes) return bad('version 1 line too long');
  if (lineEnd + 1 >= end) return needMore;
  if (buffer[lineEnd + 1] !== 0x0a) return bad('version 1 line ends without LF');
  const line = buffer.toString('latin1', start + v1Signature.length, lineEnd);
  const consumedBytes = lineEnd + 2 - start;
  // Whatever follows UNKNOWN is to be ignored (§2.1).
  if (line === 'UNKNOWN' || line.startsWith('UNKNOWN ')) return done(1, consumedBytes, null, null, false, noTlvs);
  const fields = line.split(' ');
  if (fields.length !== 5) return bad('version 1 line has not six words');
  const [family, sourceIp, destinationIp, sourcePort, destinationPort] = fields;
  if (family !== 'TCP4' && family !== 'TCP6') return bad('version 1 family is none of TCP4, TCP6, UNKNOWN');
  const source = v1Endpoint(family, sourceIp, sourcePort);
  const destination = v1Endpoint(family, destinationIp, destinationPort);
  if (source === null || destination === null) return bad('version 1 address or port malformed');
  return done(1, consumedBytes, source, destination, false, noTlvs);
}

function v1Endpoint(family: string, ipText: string, portText: string): ProxyEndpoint | null {
  const bytes = parseIp(ipText);
  if (bytes === null || bytes.length !== (family === 'TCP4' ? 4 : 16)) return null;
  const port = parsePort(portText);
  if (port < 0) return null;
  return { ip: bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0), port };
}

/** 0 to 65,535 without leading zeroes (§2.1), otherwise -1. */
function parsePort(text: string): number {
  if (text.length === 0 || text.length > 5 || (text.length > 1 && text[0] === '0')) return -1;
  let port = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port <= 65535 ? port : -1;
}

function parseV2(buffer: Buffer, start: number, end: number): ProxyParse {
  if (!beginsWith(buffer, start, end, v2Signature)) return bad('no PROXY protocol signature');
  const available = end - start;
  if (available > 12 && buffer[start + 12] >> 4 !== 2) return bad('unknown PROXY protocol version');
  if (available > 12 && (buffer[start + 12] & 0x0f) > 1) return bad('unknown version 2 command');
  if (available < 16) return needMore;
  const isLocal = (buffer[start + 12] & 0x0f) === 0;
  const family = buffer[start + 13] >> 4;
  const transport = buffer[start + 13] & 0x0f;
  const bodyBytes = buffer.readUInt16BE(start + 14);
  if (bodyBytes > maxProxyV2BodyBytes) return bad('version 2 header too long');
  if (available < 16 + bodyBytes) return needMore;
  const consumedBytes = 16 + bodyBytes;
  // LOCAL: everything after the length is to be discarded, the family ignored (§2.2).
  if (isLocal) return done(2, consumedBytes, null, null, true, noTlvs);
  if (family > 3 || transport > 2) return bad('unknown version 2 family or transport');
  const addressBytes = [0, 12, 36, 216][family];
  if (bodyBytes < addressBytes) return bad('version 2 addresses cut short');
  const tlvs = parseTlvs(buffer, start, start + 16 + addressBytes, start + consumedBytes);
  if (typeof tlvs === 'string') return bad(tlvs);
  // Only streams over IP tell an address that means something here; the others fall back to the socket's own, as §2.2 allows.
  if (transport !== 1 || (family !== 1 && family !== 2)) return done(2, consumedBytes, null, null, false, tlvs);
  const at = start + 16;
  const ipBytes = family === 1 ? 4 : 16;
  const format = family === 1 ? formatIpv4 : formatIpv6;
  const source = { ip: format(buffer, at), port: buffer.readUInt16BE(at + 2 * ipBytes) };
  const destination = { ip: format(buffer, at + ipBytes), port: buffer.readUInt16BE(at + 2 * ipBytes + 2) };
  return done(2, consumedBytes, source, destination, false, tlvs);
}

type Tlvs = Pick<ProxyHeader, 'authority' | 'alpn' | 'uniqueId' | 'tls'>;

function done(
  version: 1 | 2,
  consumedBytes: number,
  source: ProxyEndpoint | null,
  destination: ProxyEndpoint | null,
  isLocal: boolean,
  tlvs: Tlvs,
): ProxyParse {
  const { authority, alpn, uniqueId, tls } = tlvs;
  return { state: 'done', consumedBytes, header: { version, source, destination, isLocal, authority, alpn, uniqueId, tls } };
}

/** The known type-length-values of `buffer[at, end)`, or what is wrong with them. Unknown types are skipped (§2.2). */
function parseTlvs(buffer: Buffer, start: number, at: number, end: number): Tlvs | string {
  let authority = '';
  let alpn = '';
  let uniqueId = '';
  let tls: ProxyTls | null = null;
  while (at < end) {
    const valueAt = at + 3;
    const valueEnd = valueAt + (valueAt <= end ? buffer.readUInt16BE(at + 1) : 0);
    if (valueAt > end || valueEnd > end) return 'version 2 TLV cut short';
    const type = buffer[at];
    if (type === tlvType.authority) authority = printableText(buffer, valueAt, valueEnd);
    else if (type === tlvType.alpn) alpn = printableText(buffer, valueAt, valueEnd);
    else if (type === tlvType.uniqueId && valueEnd - valueAt <= 128) uniqueId = buffer.toString('hex', valueAt, valueEnd);
    else if (type === tlvType.crc32c && !checksumHolds(buffer, start, end, valueAt, valueEnd)) return 'version 2 checksum is wrong';
    else if (type === tlvType.ssl) {
      if (valueEnd - valueAt < 5) return 'version 2 SSL TLV cut short';
      tls = parseSsl(buffer, valueAt, valueEnd);
      if (tls === null) return 'version 2 SSL TLV malformed';
    }
    at = valueEnd;
  }
  return { authority, alpn, uniqueId, tls };
}

function parseSsl(buffer: Buffer, at: number, end: number): ProxyTls | null {
  const client = buffer[at];
  const hasCertificate = (client & 0x06) !== 0;
  const isVerified = hasCertificate && buffer.readUInt32BE(at + 1) === 0;
  let version = '';
  let cipher = '';
  let commonName = '';
  at += 5;
  while (at < end) {
    const valueAt = at + 3;
    const valueEnd = valueAt + (valueAt <= end ? buffer.readUInt16BE(at + 1) : 0);
    if (valueAt > end || valueEnd > end) return null;
    const type = buffer[at];
    if (type === sslSubtype.version) version = printableText(buffer, valueAt, valueEnd);
    else if (type === sslSubtype.cipher) cipher = printableText(buffer, valueAt, valueEnd);
    else if (type === sslSubtype.commonName) commonName = printableText(buffer, valueAt, valueEnd);
    at = valueEnd;
  }
  return { isTls: (client & 0x01) !== 0, isVerified, version, cipher, commonName };
}

/** §2.2.3: over the whole header with the checksum itself taken as zero. */
function checksumHolds(buffer: Buffer, start: number, end: number, valueAt: number, valueEnd: number): boolean {
  if (valueEnd - valueAt !== 4) return false;
  const copy = Buffer.from(buffer.subarray(start, end));
  copy.writeUInt32BE(0, valueAt - start);
  return crc32c(copy) === buffer.readUInt32BE(valueAt);
}

/** Text that may stand in logs and fields; '' for anything longer than 255 bytes or not printable ASCII. */
function printableText(buffer: Buffer, at: number, end: number): string {
  if (end - at > 255) return '';
  for (let i = at; i < end; i++) if (buffer[i] < 0x20 || buffer[i] > 0x7e) return '';
  return buffer.toString('latin1', at, end);
}

/** The version 1 line with its CRLF. Addresses of two families are both written as IPv6; without an address it is UNKNOWN (§2.1). */
export function writeProxyV1(source: ProxyEndpoint, destination: ProxyEndpoint): string {
  const from = parseIp(source.ip);
  const to = parseIp(destination.ip);
  if (from === null || to === null) return 'PROXY UNKNOWN\r\n';
  if (from.length === 4 && to.length === 4) return `PROXY TCP4 ${source.ip} ${destination.ip} ${source.port} ${destination.port}\r\n`;
  return `PROXY TCP6 ${ipv6Text(from)} ${ipv6Text(to)} ${source.port} ${destination.port}\r\n`;
}

function ipv6Text(bytes: Uint8Array): string {
  return bytes.length === 4 ? `::ffff:${formatIpv4(bytes, 0)}` : mappedOrPlain(formatIpv6(bytes, 0));
}

/** {@link formatIpv6} gives IPv4-mapped addresses as IPv4, which TCP6 does not take. */
function mappedOrPlain(text: string): string {
  return text.includes(':') ? text : `::ffff:${text}`;
}

/**
 * The version 2 header for a TCP connection. Addresses of two families are both written as IPv6. Without an address it is LOCAL,
 * which every receiver must accept (§2.2), whereas it may refuse PROXY with an unspecified family.
 */
export function writeProxyV2(source: ProxyEndpoint, destination: ProxyEndpoint): Buffer {
  const from = parseIp(source.ip);
  const to = parseIp(destination.ip);
  if (from === null || to === null) return v2Header(0x20, 0x00, 0);
  const isIpv4 = from.length === 4 && to.length === 4;
  const ipBytes = isIpv4 ? 4 : 16;
  const header = v2Header(0x21, isIpv4 ? 0x11 : 0x21, 2 * ipBytes + 4);
  header.set(isIpv4 ? from : mapToIpv6(from), 16);
  header.set(isIpv4 ? to : mapToIpv6(to), 16 + ipBytes);
  header.writeUInt16BE(source.port, 16 + 2 * ipBytes);
  header.writeUInt16BE(destination.port, 18 + 2 * ipBytes);
  return header;
}

function v2Header(versionAndCommand: number, familyAndTransport: number, bodyBytes: number): Buffer {
  const header = Buffer.alloc(16 + bodyBytes);
  header.set(v2Signature);
  header[12] = versionAndCommand;
  header[13] = familyAndTransport;
  header.writeUInt16BE(bodyBytes, 14);
  return header;
}
