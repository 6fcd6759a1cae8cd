// Heads as they leave: what was kept of the received one, then framing that has one reading, then what Limpet adds.
// The result is a latin1 string, which a socket copies when it has to queue it (contract 1).
import { FieldId } from './field-id.js';
import { BodyKind } from './framing.js';
import { droppedIds } from './http1-fields.js';
import type { RequestHead, ResponseHead } from './message-head.js';

/** What belongs to the client's hop alone, and framing, which is written anew. RFC 9110 §7.6.1. */
const hopByHop = [
  FieldId.connection,
  FieldId.keepAlive,
  FieldId.proxyConnection,
  FieldId.te,
  FieldId.upgrade,
  FieldId.http2Settings,
  FieldId.contentLength,
  FieldId.transferEncoding,
];

/** Where Content-Length stays as it came. */
const hopByHopButLength = hopByHop.filter((id) => id !== FieldId.contentLength);

const requestDrops = droppedIds(...hopByHop, FieldId.sslClient);
const requestDropsHost = droppedIds(...hopByHop, FieldId.sslClient, FieldId.host);
const requestDropsButLength = droppedIds(...hopByHopButLength, FieldId.sslClient);
const responseDrops = droppedIds(...hopByHop);
const responseDropsButLength = droppedIds(...hopByHopButLength);

/** How a server is spoken to. */
export interface ServerHop {
  /** 10 or 11. */
  readonly version: number;
  /** Whether the connection may live on after the response. */
  readonly keepsAlive: boolean;
}

const lastingHop: ServerHop = { version: 11, keepsAlive: true };

/** All that decides how a head is written whose start line and length are copied, as a number. */
function formOf(kind: BodyKind, version: number, keepsAlive: boolean): number {
  return kind + (keepsAlive ? 4 : 0) + (version === 10 ? 8 : 0);
}

/**
 * The request head that goes to a server. `fallbackHost` is sent as Host when the client sent none; `added` is
 * complete field lines, each with its CRLF; `upgrade` is the protocol to ask for, or ''.
 */
export function writeRequestHead(
  head: RequestHead,
  fallbackHost: string,
  added: string,
  upgrade: string,
  hop: ServerHop = lastingHop,
): string {
  const { kind, contentLength } = head.framing;
  const hasHost = head.authority !== '' || (head.get('host') ?? '') !== '';
  const keepsLine = hasHost && hop.version === 11 && head.hasPlainLine;
  const keepsLength = hasHost && kind === BodyKind.length && head.hasPlainLength;
  const isCopy = keepsLine && upgrade === '' && (kind !== BodyKind.length || keepsLength);
  const form = formOf(kind, 11, hop.keepsAlive);
  if (isCopy) {
    const written = head.written(form, added);
    if (written !== '') return written;
  }
  let out = keepsLine ? '' : `${head.method} ${head.target} ${hop.version === 10 ? 'HTTP/1.0' : 'HTTP/1.1'}\r\n`;
  // RFC 9112 §3.2: an HTTP/1.1 request has a Host, whatever the client sent.
  if (!hasHost) out += `Host: ${fallbackHost}\r\n`;
  out = head.writeFields(out, keepsLength ? requestDropsButLength : hasHost ? requestDrops : requestDropsHost, keepsLine);
  if (kind === BodyKind.chunked) out += 'Transfer-Encoding: chunked\r\n';
  else if (kind === BodyKind.length && !keepsLength) out += `Content-Length: ${contentLength}\r\n`;
  if (upgrade !== '') out += `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
  else if (!hop.keepsAlive) out += 'Connection: close\r\n';
  out = `${out + added}\r\n`;
  if (isCopy) head.keepWritten(form, added, out);
  return out;
}

/** How the body of a response goes to the client, which may differ from how it came. */
export function clientBodyKind(head: ResponseHead, clientVersion: number): BodyKind {
  const kind = head.framing.kind;
  if (kind === BodyKind.none || kind === BodyKind.length) return kind;
  return clientVersion >= 11 ? BodyKind.chunked : BodyKind.untilClose;
}

/**
 * The response head that goes to an HTTP/1 client. `keepsAlive` says whether the
 * connection lives on, which an HTTP/1.0 client has to be told and an HTTP/1.1 client is told when it does not.
 */
export function writeResponseHead(head: ResponseHead, bodyKind: BodyKind, clientVersion: number, keepsAlive: boolean): string {
  // Content-Length of an answer without a body (HEAD, 304) says what it would have been.
  const isBodiless = bodyKind === BodyKind.none && head.status >= 200 && head.status !== 204;
  const keepsLength = isBodiless || (bodyKind === BodyKind.length && head.hasPlainLength);
  const keepsLine = head.hasPlainLine;
  const isCopy = keepsLine && (bodyKind !== BodyKind.length || keepsLength);
  const form = formOf(bodyKind, clientVersion, keepsAlive);
  if (isCopy) {
    const written = head.written(form, '');
    if (written !== '') return written;
  }
  const line = keepsLine ? '' : `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
  let out = head.writeFields(line, keepsLength ? responseDropsButLength : responseDrops, keepsLine);
  if (bodyKind === BodyKind.length && !keepsLength) out += `Content-Length: ${head.framing.contentLength}\r\n`;
  else if (bodyKind === BodyKind.chunked) out += 'Transfer-Encoding: chunked\r\n';
  if (head.status === 101) out += `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`;
  else if (!keepsAlive) out += 'Connection: close\r\n';
  else if (clientVersion === 10) out += 'Connection: keep-alive\r\n';
  out += '\r\n';
  if (isCopy) head.keepWritten(form, '', out);
  return out;
}
