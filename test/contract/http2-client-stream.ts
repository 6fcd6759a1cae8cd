// One stream of an HTTP/2 connection as an exchange sees it, over node:http2: the second implementation of ClientStream,
// which shows that the interface knows nothing of HTTP/1.
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { nowMs } from '../../src/core/clock.js';
import { type Fault, faults } from '../../src/core/errors.js';
import type { ByteSocket } from '../../src/net/byte-socket.js';
import type { ClientEnd } from '../../src/proxy/client-end.js';
import type { ClientStream } from '../../src/proxy/client-stream.js';
import { Exchange } from '../../src/proxy/exchange.js';
import type { HttpService } from '../../src/proxy/http-service.js';
import { FieldId } from '../../src/wire/field-id.js';
import { BodyKind } from '../../src/wire/framing.js';
import { droppedIds } from '../../src/wire/http1-fields.js';
import type { ResponseHead } from '../../src/wire/message-head.js';
import { Http2RequestHead } from './http2-request-head.js';

/** What HTTP/2 has no fields for. RFC 9113 §8.2.2. */
const dropped = droppedIds(
  FieldId.connection,
  FieldId.keepAlive,
  FieldId.proxyConnection,
  FieldId.te,
  FieldId.upgrade,
  FieldId.http2Settings,
  FieldId.transferEncoding,
);

export class Http2ClientStream implements ClientStream {
  private exchange: Exchange | null = new Exchange();
  private trailers: OutgoingHttpHeaders = {};
  private requestTrailers = '';

  constructor(
    private readonly stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    service: HttpService,
    end: ClientEnd,
  ) {
    const exchange = this.exchange as Exchange;
    const head = new Http2RequestHead(headers, stream.endAfterHeaders);
    stream.on('error', () => undefined);
    stream.on('close', () => this.exchange?.fail(faults.clientGone));
    stream.on('drain', () => this.exchange?.onClientUnblocked());
    stream.on('wantTrailers', () => stream.sendTrailers(this.trailers));
    stream.on('trailers', (fields) => {
      this.requestTrailers = linesOf(fields);
    });
    if (head.framing.kind !== BodyKind.none) {
      stream.on('data', (data: Buffer) => {
        if (this.exchange?.onRequestBody(data, 0, data.length, null) === false) stream.pause();
      });
      stream.on('end', () => this.exchange?.onRequestEnd(this.requestTrailers));
      // Until a server takes it: `resumeBody`.
      stream.pause();
    }
    exchange.begin(this, service, end, head, nowMs());
  }

  sendInformational(head: ResponseHead): void {
    this.stream.additionalHeaders({ ':status': head.status, ...fieldsOf(head) });
  }

  sendHead(head: ResponseHead): void {
    const isBodiless = head.framing.kind === BodyKind.none;
    this.stream.respond({ ':status': head.status, ...fieldsOf(head) }, { endStream: isBodiless, waitForTrailers: !isBodiless });
  }

  sendBody(buffer: Buffer, start: number, end: number, _source: ByteSocket | null): boolean {
    return this.stream.write(Buffer.from(buffer.subarray(start, end)));
  }

  endBody(trailers: string): void {
    this.trailers = parseLines(trailers);
    this.stream.end();
  }

  answer(head: ResponseHead, body: string | Buffer, _closes: boolean): void {
    const isBodiless = this.exchange?.request.method === 'HEAD' || head.framing.kind === BodyKind.none;
    this.stream.respond({ ':status': head.status, ...fieldsOf(head) }, { endStream: isBodiless });
    if (!isBodiless) this.stream.end(typeof body === 'string' ? Buffer.from(body, 'latin1') : body);
  }

  abort(_fault: Fault): void {
    if (!this.stream.closed) this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  resumeBody(): void {
    this.stream.resume();
  }

  dropBody(): void {
    this.stream.pause();
  }

  exchangeEnded(): void {
    this.exchange = null;
    // Whatever still comes of a body is dropped.
    this.stream.resume();
  }

  beginTunnel(): ByteSocket {
    throw new Error('a stream has no upgrades: its head says so, and the exchange asks for none');
  }

  takeEarlyBytes(): Buffer | null {
    return null;
  }
}

function fieldsOf(head: ResponseHead): OutgoingHttpHeaders {
  return parseLines(head.writeFields('', dropped));
}

function parseLines(lines: string): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = {};
  for (const line of lines.split('\r\n').slice(0, -1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}

function linesOf(fields: IncomingHttpHeaders): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${String(value)}\r\n`)
    .join('');
}
