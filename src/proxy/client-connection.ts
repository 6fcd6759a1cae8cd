// One HTTP/1 connection of a client: reads requests one after the other, writes their answers in order (RFC 9112 §9.3).
// It is the HTTP/1 form of a client stream: framing, persistence and closing are decided here and nowhere else.
import { nowMs } from '../core/clock.js';
import { type Fault, faults } from '../core/errors.js';
import { latin1 } from '../core/latin1.js';
import type { ByteReader, ByteSocket } from '../net/byte-socket.js';
import { closeLingering } from '../net/lingering-close.js';
import type { Server } from '../upstream/server.js';
import { ChunkedDecoder, cleanTrailers } from '../wire/chunked.js';
import { BodyKind } from '../wire/framing.js';
import { bytesOf } from '../wire/head-bytes.js';
import { endOfHead } from '../wire/http1-fields.js';
import { clientBodyKind, writeResponseHead } from '../wire/http1-head-writer.js';
import { Http1RequestHead } from '../wire/http1-request-head.js';
import type { ResponseHead } from '../wire/message-head.js';
import type { ClientEnd } from './client-end.js';
import type { ClientStream } from './client-stream.js';
import { Exchange } from './exchange.js';
import type { CurrentService, HttpService } from './http-service.js';

const State = {
  /** Between requests, or in the middle of a head. */
  head: 0,
  body: 1,
  /** The request is whole; its answer is under way. */
  waiting: 2,
  /** The answer was complete before the request: the rest of the body is read and dropped. */
  discarding: 3,
  closing: 4,
  /** An answer that has no use for the rest of the body is under way: it is read and dropped meanwhile. */
  ignoring: 5,
} as const;
type State = (typeof State)[keyof typeof State];

/** Bytes of a request body that are dropped, behind an early answer or during one without use for them, to keep the connection. */
const MAX_DISCARD_BYTES = 256 * 1024;
const MAX_TRAILER_FIELDS = 64;

/** Exchanges that are free, so that a request allocates none and an idle connection holds none. */
const freeExchanges: Exchange[] = [];
const MAX_FREE_EXCHANGES = 256;

export class ClientConnection implements ByteReader, ClientStream {
  /** Set by who accepts, right after construction. */
  bytes!: ByteSocket;
  /** Since when it has been between two requests; 0 while it is not. */
  idleSinceMs = nowMs();
  private state: State = State.head;
  private exchange: Exchange | null = null;
  /** The request under way, and between two the last one: the next is mostly the same. */
  private readonly head = new Http1RequestHead();
  /** The part of a head that came before the rest of it. */
  private headText = '';
  private startMs = 0;
  private bodyKind: BodyKind = BodyKind.none;
  private remaining = 0;
  private decoder: ChunkedDecoder | null = null;
  /** Bytes that came before their time: the next request's, or a body's or tunnel's that no server can take yet. */
  private held: Buffer | null = null;
  private isTaking = false;
  private keepsAlive = true;
  private version = 11;
  private sendsBodyAs: BodyKind = BodyKind.none;
  private hasSentContinue = false;
  private discarded = 0;
  /** Bytes queued for the client when it was last seen to take some. */
  private queuedBefore = 0;
  /** The bytes belong to a tunnel, and nothing is heard of them here any more. */
  private isTunnel = false;
  /** The one that the present request, or the last one, began with. */
  private service: HttpService;

  constructor(
    private readonly current: CurrentService,
    private readonly end: ClientEnd,
    private readonly onGone: (connection: ClientConnection) => void,
  ) {
    this.service = current.service;
  }

  /** Begins to wait for the first request. */
  start(): void {
    this.bytes.arm(this.service.timeouts.idleMs);
  }

  // Reading

  onBytes(buffer: Buffer, start: number, end: number): void {
    this.take(buffer, start, end, this.bytes);
  }

  /** `source` is null for bytes that were held. */
  private take(buffer: Buffer, start: number, end: number, source: ByteSocket | null): void {
    this.isTaking = true;
    let at = start;
    while (at < end) {
      switch (this.state) {
        case State.head:
          // Who does not take its answers is asked no more: what it could make us queue would have no end.
          if (this.held !== null || this.bytes.isBlocked) at = this.hold(buffer, at, end, source);
          else at = this.takeHead(buffer, at, end);
          break;
        case State.body:
          if (this.exchange?.takesBody === true) at = this.takeBody(buffer, at, end, source);
          else at = this.hold(buffer, at, end, source);
          break;
        case State.discarding:
        case State.ignoring:
          at = this.discard(buffer, at, end);
          break;
        case State.waiting:
          at = this.hold(buffer, at, end, source);
          break;
        default:
          at = end;
      }
    }
    this.isTaking = false;
    if (this.current.isDraining) this.closeIfIdle();
  }

  /** Keeps bytes whose time has not come. Reading goes on while they are few, because only who reads sees the client go. */
  private hold(buffer: Buffer, start: number, end: number, source: ByteSocket | null): number {
    const piece = source === null ? buffer.subarray(start, end) : Buffer.from(buffer.subarray(start, end));
    this.held = this.held === null ? piece : Buffer.concat([this.held, piece]);
    if (this.held.length > this.service.limits.maxHeadBytes) this.bytes.pause();
    // Nobody takes its body just now: the client is not late.
    if (this.state === State.body && !this.bytes.isBlocked) this.bytes.disarm();
    return end;
  }

  /** The bytes that were held have their turn, unless the loop that would take them is running anyway. */
  private takeHeld(): void {
    if (this.isTaking) return;
    const { held } = this;
    this.held = null;
    // First, because taking them may be reason to pause again.
    this.bytes.resume();
    if (held === null) return;
    this.take(held, 0, held.length, null);
    // The client had ended its side behind them, and they were not all of the body.
    if (this.bytes.hasEnded && this.state === State.body && this.held === null) this.exchange?.fail(faults.clientGone);
  }

  /** Returns the offset behind what it took. */
  private takeHead(buffer: Buffer, start: number, end: number): number {
    const before = this.headText;
    // An empty line by itself is no request under way: RFC 9112 §2.2 lets clients send one too many behind a body.
    if (before === '' && end - start === 2 && buffer[start] === 13 && buffer[start + 1] === 10) return end;
    if (before === '') {
      this.startMs = nowMs();
      this.idleSinceMs = 0;
      if (this.service !== this.current.service) this.changeService();
    }
    const { service } = this;
    const maxBytes = service.limits.maxHeadBytes;
    const text = before + latin1(buffer, start, Math.min(end, start + maxBytes - before.length));
    const headEnd = this.head.isRepeated(text, service.profile, service.limits)
      ? text.length
      : endOfHead(text, Math.max(0, before.length - 3), service.profile);
    if (headEnd < 0) {
      if (text.length >= maxBytes) {
        this.refuseHead(text, headFault(text, service.limits.maxTargetBytes));
        return end;
      }
      if (before === '') this.bytes.arm(service.timeouts.requestHeadMs);
      this.headText = text;
      return end;
    }
    this.headText = '';
    this.bytes.disarm();
    const at = start + headEnd - before.length;
    // A head that came in one piece is read where it lies.
    const bytes = before === '' ? buffer : bytesOf(text);
    const base = before === '' ? start : 0;
    // It is kept for the next one, so it must not be a slice of all that came.
    this.beginExchange(headEnd === text.length ? text : latin1(bytes, base, base + headEnd), bytes, base);
    return at;
  }

  /** The config has changed since the last request. */
  private changeService(): void {
    const { service } = this.current;
    this.service = service;
    this.end.isTrusted = service.trustedProxies.contains(this.end.client.ip);
  }

  private beginExchange(text: string, bytes: Buffer, base: number): void {
    const exchange = freeExchanges.pop() ?? new Exchange();
    const { head } = this;
    const fault = head.parse(text, this.service.profile, this.service.limits, bytes, base);
    this.exchange = exchange;
    this.version = head.version;
    this.hasSentContinue = false;
    if (fault !== null) {
      this.state = State.waiting;
      this.keepsAlive = false;
      exchange.beginRefused(this, this.service, this.end, head, this.startMs, fault);
      return;
    }
    this.keepsAlive = head.keepsAlive && !this.current.isDraining;
    this.bodyKind = head.framing.kind;
    this.remaining = head.framing.contentLength;
    if (this.bodyKind === BodyKind.chunked) {
      this.decoder ??= new ChunkedDecoder();
      this.decoder.reset();
      this.state = State.body;
    } else {
      this.state = this.remaining > 0 ? State.body : State.waiting;
    }
    exchange.begin(this, this.service, this.end, head, this.startMs);
  }

  /** A head that does not end within its limits. */
  private refuseHead(text: string, fault: Fault): void {
    this.headText = '';
    this.bytes.disarm();
    const exchange = freeExchanges.pop() ?? new Exchange();
    // As much of it as can be read goes to the log; the fault stays what it is.
    this.head.parse(text.slice(0, 256), this.service.profile, this.service.limits);
    this.exchange = exchange;
    this.version = 11;
    this.state = State.waiting;
    this.keepsAlive = false;
    exchange.beginRefused(this, this.service, this.end, this.head, this.startMs, fault);
  }

  private takeBody(buffer: Buffer, start: number, end: number, source: ByteSocket | null): number {
    const exchange = this.exchange as Exchange;
    this.bytes.arm(exchange.bodyTimeouts.requestBodyMs);
    if (this.bodyKind === BodyKind.chunked) return this.takeChunks(exchange, buffer, start, end, source);
    const last = Math.min(end, start + this.remaining);
    this.remaining -= last - start;
    if (!exchange.onRequestBody(buffer, start, last, source)) this.pauseBody(exchange);
    if (this.remaining === 0 && this.exchange === exchange) this.endRequest(exchange, '');
    return last;
  }

  private takeChunks(exchange: Exchange, buffer: Buffer, start: number, end: number, source: ByteSocket | null): number {
    const decoder = this.decoder as ChunkedDecoder;
    const last = decoder.decode(buffer, start, end, this.service.limits.maxHeadBytes);
    if (decoder.isBad) {
      this.keepsAlive = false;
      exchange.fail(faults.badChunk);
      return end;
    }
    if (decoder.dataEnd > decoder.dataStart && !exchange.onRequestBody(buffer, decoder.dataStart, decoder.dataEnd, source))
      this.pauseBody(exchange);
    if (!decoder.isDone || this.exchange !== exchange) return last;
    const trailers = cleanTrailers(decoder.trailers, this.service.profile, MAX_TRAILER_FIELDS);
    if (typeof trailers === 'string') {
      this.endRequest(exchange, trailers);
      return last;
    }
    this.keepsAlive = false;
    exchange.fail(trailers);
    return end;
  }

  /** The server takes no more for now: the client is not late while it may not send. */
  private pauseBody(exchange: Exchange): void {
    this.bytes.pause();
    if (this.bytes.isBlocked) this.awaitClient(exchange.bodyTimeouts.sendMs);
    else this.bytes.disarm();
  }

  private endRequest(exchange: Exchange, trailers: string): void {
    if (this.state !== State.body) return;
    this.state = State.waiting;
    this.bytes.disarm();
    exchange.onRequestEnd(trailers);
  }

  private get requestIsComplete(): boolean {
    return this.state !== State.body && this.state !== State.ignoring;
  }

  /** The rest of a body that nobody wants: its answer is given already, or has no use for it. */
  private discard(buffer: Buffer, start: number, end: number): number {
    let last = end;
    let isDone: boolean;
    if (this.bodyKind === BodyKind.chunked) {
      const decoder = this.decoder as ChunkedDecoder;
      last = decoder.decode(buffer, start, end, this.service.limits.maxHeadBytes);
      if (decoder.isBad) {
        this.giveBodyUp();
        return end;
      }
      isDone = decoder.isDone;
    } else {
      last = Math.min(end, start + this.remaining);
      this.remaining -= last - start;
      isDone = this.remaining === 0;
    }
    this.discarded += last - start;
    if (isDone) this.bodyIsDropped();
    else if (this.discarded > MAX_DISCARD_BYTES) this.giveBodyUp();
    return last;
  }

  private bodyIsDropped(): void {
    if (this.state === State.ignoring) this.state = State.waiting;
    else this.beginNext();
  }

  /** Where the body ends will not be known: the connection ends with the answer, and is read no more until then. */
  private giveBodyUp(): void {
    if (this.state === State.ignoring) {
      this.keepsAlive = false;
      this.bytes.pause();
    } else {
      this.close();
    }
  }

  resumeBody(): void {
    if (this.state === State.body && this.exchange !== null) this.bytes.arm(this.exchange.bodyTimeouts.requestBodyMs);
    this.takeHeld();
  }

  dropBody(): void {
    if (this.state !== State.body) return;
    this.state = State.ignoring;
    this.discarded = 0;
    // A client that takes no answers is late all the same.
    if (!this.bytes.isBlocked) this.bytes.disarm();
    this.takeHeld();
  }

  // Writing

  sendInformational(head: ResponseHead): void {
    if (head.status === 100) this.hasSentContinue = true;
    this.bytes.writeText(writeResponseHead(head, BodyKind.none, 11, true));
  }

  sendHead(head: ResponseHead): void {
    this.sendsBodyAs = clientBodyKind(head, this.version);
    this.settlePersistence();
    this.bytes.writeText(writeResponseHead(head, this.sendsBodyAs, this.version, this.keepsAlive));
  }

  /** Whether the connection lives on after this answer, known when its head goes out. */
  private settlePersistence(): void {
    const { request } = this.exchange as Exchange;
    if (this.current.isDraining || this.sendsBodyAs === BodyKind.untilClose) this.keepsAlive = false;
    // The client may or may not send the body that it asked leave for: what follows could be read in two ways.
    if (!this.requestIsComplete && request.expectsContinue && !this.hasSentContinue) this.keepsAlive = false;
    // What a refused upgrade's client sends next may be meant for the protocol that it wanted.
    if (request.upgrade !== '') this.keepsAlive = false;
  }

  sendBody(buffer: Buffer, start: number, end: number, source: ByteSocket | null): boolean {
    let mayGoOn: boolean;
    if (this.sendsBodyAs === BodyKind.chunked) {
      mayGoOn = this.bytes.writeBytes(`${(end - start).toString(16)}\r\n`, buffer, start, end, '\r\n', source);
    } else {
      mayGoOn = this.bytes.writeBytes('', buffer, start, end, '', source);
    }
    if (!mayGoOn) this.awaitClient((this.exchange as Exchange).bodyTimeouts.sendMs);
    return mayGoOn;
  }

  /** The client has to take bytes before more are sent: any that it takes begin the wait anew. */
  private awaitClient(sendMs: number): void {
    this.queuedBefore = this.bytes.queuedBytes;
    this.bytes.arm(sendMs);
  }

  endBody(trailers: string): void {
    if (this.sendsBodyAs === BodyKind.chunked) this.bytes.writeText(`0\r\n${trailers}\r\n`);
  }

  answer(head: ResponseHead, body: string | Buffer, closes: boolean): void {
    this.sendsBodyAs = head.framing.kind;
    if (closes) this.keepsAlive = false;
    this.settlePersistence();
    const isBodiless = (this.exchange as Exchange).request.method === 'HEAD' || head.framing.kind === BodyKind.none;
    const text = writeResponseHead(head, head.framing.kind, this.version, this.keepsAlive);
    if (isBodiless) this.bytes.writeText(text);
    else if (typeof body === 'string') this.bytes.writeText(text + body);
    else this.bytes.writeBytes(text, body, 0, body.length, '', null);
  }

  abort(): void {
    this.keepsAlive = false;
    const { exchange } = this;
    this.state = State.closing;
    if (exchange === null || this.sendsBodyAs === BodyKind.untilClose) {
      // Only a reset tells such an answer's reader that it is not whole.
      this.bytes.reset();
    } else {
      this.bytes.flush();
      if (this.bytes.isFlushed || this.bytes.isClosed) this.bytes.destroy();
      else closeLingering(this.bytes, () => this.onGone(this));
    }
  }

  beginTunnel(head: ResponseHead): ByteSocket {
    this.bytes.writeText(writeResponseHead(head, BodyKind.none, 11, true));
    this.isTunnel = true;
    return this.bytes;
  }

  takeEarlyBytes(): Buffer | null {
    const { held } = this;
    this.held = null;
    return held;
  }

  // Between exchanges

  exchangeEnded(): void {
    const exchange = this.exchange as Exchange;
    this.exchange = null;
    if (freeExchanges.length < MAX_FREE_EXCHANGES) freeExchanges.push(exchange);
    this.head.rest();
    if (this.isTunnel) {
      this.onGone(this);
      return;
    }
    if (this.state === State.closing) return;
    if (!this.keepsAlive || this.bytes.isClosed) {
      this.close();
    } else if (!this.requestIsComplete) {
      this.state = State.discarding;
      this.discarded = 0;
      this.bytes.arm(this.service.bodyTimeouts.requestBodyMs);
      this.takeHeld();
    } else {
      this.beginNext();
    }
  }

  private beginNext(): void {
    const isOver = this.bytes.hasEnded || this.current.isDraining;
    if (isOver && this.held === null && !this.isTaking) {
      this.close();
      return;
    }
    this.state = State.head;
    this.idleSinceMs = nowMs();
    if (this.bytes.isBlocked) {
      this.awaitClient(this.service.bodyTimeouts.sendMs);
      return;
    }
    this.bytes.arm(this.service.timeouts.idleMs);
    if (this.held !== null || this.bytes.isPaused) this.takeHeld();
  }

  /** Closes after what was written. At once only if nothing of the client's is unread (RFC 9112 §9.6). */
  private close(): void {
    const isAllRead = this.held === null && this.state === State.waiting && !this.isTaking;
    this.state = State.closing;
    this.held = null;
    this.bytes.flush();
    if (isAllRead && !this.bytes.isTls && this.bytes.isFlushed) this.bytes.destroy();
    else if (!this.bytes.isClosed) closeLingering(this.bytes, () => this.onGone(this));
  }

  /** Closes the connection if it is between two requests. */
  closeIfIdle(): void {
    if (!this.isIdle) return;
    // The end of the last answer may still wait for a slow client.
    if (this.bytes.isFlushed) this.bytes.destroy();
    else this.close();
  }

  get isIdle(): boolean {
    return this.exchange === null && this.state === State.head && this.headText === '';
  }

  /** The server that has the exchange or tunnel under way. */
  get server(): Server | null {
    return this.exchange === null ? null : this.exchange.server;
  }

  /** Ends what is under way: its time is over. */
  cut(fault: Fault): void {
    if (this.exchange !== null) this.exchange.fail(fault);
    else this.bytes.destroy();
  }

  // What happens to the connection

  onEnd(): void {
    if (this.exchange === null) {
      if (this.state !== State.closing) this.close();
    } else if (this.service.abortsOnClose || (!this.requestIsComplete && this.held === null)) {
      this.exchange.fail(faults.clientGone);
    } else if (this.held === null) {
      this.keepsAlive = false;
    }
  }

  onUnblocked(): void {
    if (this.exchange === null) {
      if (this.state !== State.head) return;
      this.bytes.arm(this.service.timeouts.idleMs);
      this.takeHeld();
      return;
    }
    if (this.state === State.body && !this.bytes.isPaused) this.bytes.arm(this.exchange.bodyTimeouts.requestBodyMs);
    else this.bytes.disarm();
    this.exchange.onClientUnblocked();
  }

  onDeadline(): void {
    const { exchange } = this;
    if (this.bytes.isBlocked) {
      if (this.bytes.queuedBytes < this.queuedBefore) this.awaitClient((exchange?.bodyTimeouts ?? this.service.bodyTimeouts).sendMs);
      else if (exchange === null) this.bytes.destroy();
      else exchange.fail(faults.clientStalled);
    } else if (exchange === null) {
      if (this.headText !== '') this.refuseHead(this.headText, faults.requestTimeout);
      else this.close();
    } else if (this.state === State.body) {
      this.keepsAlive = false;
      exchange.fail(faults.requestBodyTimeout);
    }
  }

  onClosed(): void {
    this.exchange?.fail(faults.clientGone);
    this.state = State.closing;
    this.held = null;
    this.onGone(this);
  }
}

/** Which limit a head without an end has broken: the target's, if not even the request line has ended. */
function headFault(text: string, maxTargetBytes: number): Fault {
  const line = text.indexOf('\n', 2);
  return line < 0 && text.length > maxTargetBytes ? faults.targetTooLong : faults.headTooLarge;
}
