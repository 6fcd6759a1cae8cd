// The formats of the access log: from a record to one line. Runs once per exchange, so: few and large pieces, what repeats is remembered,
// no arrays. A format made of Values is compiled in route/, which knows what they are.
import { escapeLogText } from '../core/log-text.js';
import { CommonLogTime, IsoTime, thousandths } from './access-log-time.js';
import type { AccessRecord } from './access-record.js';
import { EscapeMemo, PieceMemo } from './escape-memo.js';

/** Builds one line, newline included, of ASCII or byte text. `view` is what a format made of Values reads; these two do not. */
export type LineFormat<View> = (record: AccessRecord, view: View) => string;

/**
 * Combined, as Apache and nginx write it, then key=value in this order, always all of them, "-" where there is nothing:
 *
 *     203.0.113.9 - - [31/Jan/2026:12:00:00 +0100] "GET /a HTTP/1.1" 200 5 "-" "curl/8.5" listener=web upstream=meteor server=a
 *     sticky=bound attempts=1 connect=0.000 head=1.204 total=1.310 in=0 scheme=https tls=TLSv1.3 fault=-
 *
 * (on one line). `sticky` is bound, new, rebound or -; times are milliseconds; `in` is bytes of body from the client, the number after
 * the status those to it. A TCP connection has "-" for its request and 0 for its status.
 */
export function combinedFormat(): LineFormat<unknown> {
  const start = new StartMemo();
  const outcome = new OutcomeMemo();
  const method = new PieceMemo((text) => `${escapeLogText(text)} `);
  const referer = new EscapeMemo(logText);
  const userAgent = new EscapeMemo((text) => `" "${logText(text)}"`);
  const way = new WayMemo();
  const end = new EndMemo();
  return (record) => {
    const request =
      record.method === '' ? '-" ' : method.get(record.method) + escapeLogText(record.target) + afterTarget(record.httpVersion);
    return `${record.clientIp === '' ? 'unix' : record.clientIp}${start.get(record.timeMs)}${request}${outcome.get(record)}${referer.get(record.referer)}${userAgent.get(record.userAgent)}${way.get(record)}${milliseconds(record.headMs)} total=${milliseconds(record.totalMs)}${end.get(record)}`;
  };
}

/** The piece between the client and its request: one for each second. */
class StartMemo {
  private readonly time = new CommonLogTime();
  private timeText = '';
  private text = '';

  get(timeMs: number): string {
    const timeText = this.time.format(timeMs);
    if (timeText !== this.timeText) {
      this.timeText = timeText;
      this.text = ` - - [${timeText}] "`;
    }
    return this.text;
  }
}

const OUTCOMES = 64;

/** Status and size, up to the referer: the answers to a request are mostly of one size. */
class OutcomeMemo {
  private readonly statuses = new Uint16Array(OUTCOMES);
  private readonly sizes = new Float64Array(OUTCOMES).fill(-1);
  private readonly texts = new Array<string>(OUTCOMES).fill('');

  get({ status, bytesSent }: AccessRecord): string {
    const slot = bytesSent % OUTCOMES;
    if (this.sizes[slot] !== bytesSent || this.statuses[slot] !== status) {
      this.sizes[slot] = bytesSent;
      this.statuses[slot] = status;
      this.texts[slot] = `${status} ${bytesSent} "`;
    }
    return this.texts[slot]!;
  }
}

/** The piece of a line that says which way an exchange went, up to `head=`: nearly always one of a few for each server. */
class WayMemo {
  private readonly ways = new Map<string, Way>();

  get(record: AccessRecord): string {
    const way = this.ways.get(record.server);
    if (
      way !== undefined &&
      way.connectMs === record.connectMs &&
      way.attempts === record.attempts &&
      way.binding === record.binding &&
      way.listener === record.listener &&
      way.upstream === record.upstream
    )
      return way.text;
    const { listener, upstream, server, binding, attempts, connectMs } = record;
    const text = ` listener=${word(listener)} upstream=${word(upstream)} server=${word(server)} sticky=${binding} attempts=${attempts} connect=${milliseconds(connectMs)} head=`;
    // A connection that had to be made takes its own time and does not come again.
    if (connectMs <= 0 && (way !== undefined || this.ways.size < MAX_WAYS))
      this.ways.set(server, { listener, upstream, binding, attempts, connectMs, text });
    return text;
  }
}

const MAX_WAYS = 1000;

interface Way extends Pick<AccessRecord, 'listener' | 'upstream' | 'binding' | 'attempts' | 'connectMs'> {
  readonly text: string;
}

/** The piece behind the times, which nearly always is the last one's again. */
class EndMemo {
  private bytesReceived = -1;
  private scheme = '';
  private tlsProtocol = '';
  private fault = '';
  private text = '';

  get(record: AccessRecord): string {
    if (
      this.bytesReceived !== record.bytesReceived ||
      this.scheme !== record.scheme ||
      this.tlsProtocol !== record.tlsProtocol ||
      this.fault !== record.fault
    ) {
      this.bytesReceived = record.bytesReceived;
      this.scheme = record.scheme;
      this.tlsProtocol = record.tlsProtocol;
      this.fault = record.fault;
      this.text = ` in=${this.bytesReceived} scheme=${this.scheme} tls=${word(this.tlsProtocol)} fault=${word(this.fault)}\n`;
    }
    return this.text;
  }
}

/** One JSON object per line, always with the same keys in the same order, null where there is nothing. ASCII, escaped as JSON asks. */
export function jsonFormat(): LineFormat<unknown> {
  const time = new IsoTime();
  const piece = (key: string): PieceMemo => new PieceMemo((text) => `,"${key}":${jsonText(text)}`);
  const method = piece('method');
  const referer = new EscapeMemo((text) => `,"referer":${jsonText(text)}`);
  const userAgent = new EscapeMemo((text) => `,"userAgent":${jsonText(text)}`);
  const listener = piece('listener');
  const upstream = piece('upstream');
  const server = piece('server');
  const serverAddress = piece('serverAddress');
  const tls = piece('tls');
  const fault = piece('fault');
  return (record) =>
    `{"time":"${time.format(record.timeMs)}","client":${record.clientIp === '' ? 'null' : `"${record.clientIp}"`}${method.get(record.method)},"target":${jsonText(record.target)}${jsonVersion(record.httpVersion)},"host":${jsonText(record.host)},"status":${record.status},"bytesOut":${record.bytesSent},"bytesIn":${record.bytesReceived}${referer.get(record.referer)}${userAgent.get(record.userAgent)}${listener.get(record.listener)}${upstream.get(record.upstream)}${server.get(record.server)}${serverAddress.get(record.serverAddress)}${record.binding === '-' ? ',"sticky":null' : `,"sticky":"${record.binding}"`},"attempts":${record.attempts},"connectMs":${jsonMilliseconds(record.connectMs)},"headMs":${jsonMilliseconds(record.headMs)},"totalMs":${jsonMilliseconds(record.totalMs)},"scheme":"${record.scheme}"${tls.get(record.tlsProtocol)}${fault.get(record.fault)}}\n`;
}

/** Text from a peer as it stands in a line: escaped, so that it ends neither the line nor a quoted field; "-" where there is nothing. */
export function logText(text: string): string {
  return text === '' ? '-' : escapeLogText(text);
}

/** Three decimals; "-" for what did not happen. */
export function milliseconds(ms: number): string {
  return ms < 0 ? '-' : decimal(ms);
}

function afterTarget(httpVersion: number): string {
  if (httpVersion === 11) return ' HTTP/1.1" ';
  return httpVersion === 20 ? ' HTTP/2.0" ' : ' HTTP/1.0" ';
}

/** For names from the config, which may hold spaces. */
function word(text: string): string {
  return text === '' ? '-' : escapeLogText(text).replaceAll(' ', '\\x20');
}

function decimal(ms: number): string {
  if (ms === 0) return '0.000';
  const micro = Math.round(ms * 1000);
  const whole = Math.floor(micro / 1000);
  return whole + thousandths[micro - whole * 1000];
}

function jsonMilliseconds(ms: number): string {
  return ms < 0 ? 'null' : decimal(ms);
}

function jsonVersion(httpVersion: number): string {
  if (httpVersion === 11) return ',"version":"1.1"';
  if (httpVersion === 0) return ',"version":null';
  return httpVersion === 20 ? ',"version":"2"' : ',"version":"1.0"';
}

function jsonText(text: string): string {
  if (text === '') return 'null';
  return escapeLogText(text) === text ? `"${text}"` : jsonEscaped(text);
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
