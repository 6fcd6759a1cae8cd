// One connection to a server: opened for an attempt, lent to one exchange at a time, idle in the pool between them.
// It reads responses and says what came; what that means for the client is the exchange's business.
import net from 'node:net';
import { nowMs } from '../core/clock.js';
import { type Fault, faults } from '../core/errors.js';
import { latin1 } from '../core/latin1.js';
import { type ByteReader, ByteSocket } from '../net/byte-socket.js';
import type { IdleConnections, PooledConnection } from '../upstream/connection-pool.js';
import type { Server } from '../upstream/server.js';
import { ChunkedDecoder, cleanTrailers } from '../wire/chunked.js';
import { BodyKind } from '../wire/framing.js';
import { bytesOf } from '../wire/head-bytes.js';
import { endOfHead } from '../wire/http1-fields.js';
import { Http1ResponseHead } from '../wire/http1-response-head.js';
import type { WireProfile } from '../wire/profile.js';

/** 1xx responses that are passed on for one request. */
const MAX_INFORMATIONAL = 16;
const MAX_TRAILER_FIELDS = 64;

const noBytes = Buffer.alloc(0);

const State = {
  connecting: 0,
  idle: 1,
  /** The request is on its way; the head of the response has not come. */
  head: 2,
  body: 3,
  /** The bytes belong to somebody else: a tunnel. */
  tunnel: 4,
  /** The head has come, and the exchange takes nothing of what follows before it says so. */
  held: 5,
  closed: 6,
} as const;
type State = (typeof State)[keyof typeof State];

/** The exchange, as a connection to a server sees it. */
export interface ServerUser {
  readonly method: string;
  onConnected(connection: ServerConnection): void;
  onInformational(head: Http1ResponseHead): void;
  /** The final head. It is the connection's, and the user's until `onResponseEnd` has returned. */
  onResponseHead(head: Http1ResponseHead): void;
  /** A 101, which `head` of the connection is: buffer[start, end) followed it. */
  onSwitched(buffer: Buffer, start: number, end: number): void;
  onResponseBody(buffer: Buffer, start: number, end: number): void;
  /** The response is complete. `trailers` are complete lines, or ''. */
  onResponseEnd(trailers: string): void;
  onServerUnblocked(): void;
  /** The attempt is over without a complete response. The connection is gone, or goes. */
  onServerFault(fault: Fault): void;
}

/** What connections to the servers of one upstream have in common. */
export interface ServerConnectionOptions {
  readonly profile: WireProfile;
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  /** How long a connection is kept idle at most. */
  readonly idleMs: number;
}

/** The deadlines of one attempt. */
export interface AttemptTimeouts {
  readonly connectMs: number;
  readonly responseHeadMs: number;
  readonly responseBodyMs: number;
}

export class ServerConnection implements ByteReader, PooledConnection {
  readonly bytes: ByteSocket;
  idleSinceMs = 0;
  /** It has served an exchange before. */
  isReused = false;
  /** Not a byte of the response to the present request has come. */
  isSilent = true;
  private state: State = State.connecting;
  private user: ServerUser | null;
  private timeouts: AttemptTimeouts;
  /** The response under way, and between two the last one: the next is often the same. */
  readonly head = new Http1ResponseHead();
  /** The part of a head that came before the rest of it. */
  private headText = '';
  private likelyHeadBytes = 1024;
  private informational = 0;
  private remaining = 0;
  private decoder: ChunkedDecoder | null = null;
  /** What came behind a head that is held. */
  private heldBytes: Buffer = noBytes;

  /** Opens a connection for `user`, who hears of it in `onConnected` or `onServerFault`. `preamble` is written first: a PROXY protocol header, or ''. */
  constructor(
    readonly server: Server,
    readonly poolKey: string,
    private readonly pool: IdleConnections<ServerConnection>,
    private readonly options: ServerConnectionOptions,
    user: ServerUser,
    timeouts: AttemptTimeouts,
    preamble: string,
  ) {
    this.user = user;
    this.timeouts = timeouts;
    server.connections++;
    this.bytes = connectTo(server, this);
    this.bytes.readsOnAfterWriteError = true;
    this.bytes.whenConnected(() => this.takeConnect());
    this.bytes.arm(timeouts.connectMs);
    if (preamble !== '') this.bytes.writeText(preamble);
  }

  private takeConnect(): void {
    if (this.state !== State.connecting) return;
    this.bytes.disarm();
    this.state = State.idle;
    this.user?.onConnected(this);
  }

  /** The connection comes out of the pool for `user`. */
  lend(user: ServerUser, timeouts: AttemptTimeouts): void {
    this.user = user;
    this.timeouts = timeouts;
    this.isReused = true;
  }

  /** The request's head is being written: a response is expected from now on. It is late only once the request is complete. */
  expectResponse(isRequestComplete: boolean): void {
    this.state = State.head;
    this.isSilent = true;
    this.informational = 0;
    this.headText = '';
    this.waitForHead(isRequestComplete);
  }

  /** Whether it is the server's turn: to answer a complete request, or to take what it was sent of it. */
  waitForHead(isServersTurn: boolean): void {
    if (this.state !== State.head) return;
    if (isServersTurn) this.bytes.arm(this.timeouts.responseHeadMs);
    else this.bytes.disarm();
  }

  /** The client takes no more for now: the server is not late while it may not send. */
  pauseBody(): void {
    this.bytes.pause();
    this.bytes.disarm();
  }

  resumeBody(): void {
    if (!this.bytes.isPaused || this.state === State.held) return;
    this.bytes.resume();
    if (this.state === State.body) this.bytes.arm(this.timeouts.responseBodyMs);
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    let at = start;
    if (this.state === State.head) {
      this.isSilent = false;
      at = this.takeHead(buffer, start, end);
      if (at < 0 || at === end) return;
    }
    switch (this.state) {
      case State.body:
        this.takeBody(buffer, at, end);
        break;
      case State.held:
        // On its way when the connection was paused.
        this.heldBytes = Buffer.concat([this.heldBytes, buffer.subarray(at, end)]);
        break;
      case State.idle:
      case State.connecting:
        // Bytes that nobody asked for: the server is out of step, and no exchange may ever see them.
        this.destroy();
        break;
      default:
    }
  }

  /** Returns the offset behind the final head, or -1 if it has not come or the attempt is over. */
  private takeHead(buffer: Buffer, start: number, end: number): number {
    const user = this.user as ServerUser;
    const { head, options } = this;
    const { profile, maxFields, maxHeadBytes } = options;
    let at = start;
    for (;;) {
      const before = this.headText;
      const limit = Math.min(end, at + maxHeadBytes - before.length);
      let text: string;
      let headEnd: number;
      let seen = 0;
      // A head is as long as the last one, or little longer: a read full of body need not become text to find its end.
      do {
        const reach = seen === 0 ? this.likelyHeadBytes : 2 * seen;
        text = before + latin1(buffer, at, Math.min(limit, at + reach));
        headEnd = head.isRepeated(text, profile, maxFields) ? text.length : endOfHead(text, Math.max(0, before.length + seen - 3), profile);
        seen = reach;
      } while (headEnd < 0 && at + seen < limit);
      if (headEnd < 0) {
        this.headText = text;
        if (text.length >= maxHeadBytes) this.fail(faults.badResponseHead);
        return -1;
      }
      this.headText = '';
      this.likelyHeadBytes = headEnd;
      // A head that came in one piece is read where it lies.
      const bytes = before === '' ? buffer : bytesOf(text);
      const base = before === '' ? at : 0;
      // It is kept for the next one, so it must not be a slice of all that came.
      if (headEnd < text.length) text = latin1(bytes, base, base + headEnd);
      const fault = head.parse(text, user.method, profile, maxFields, bytes, base);
      at += headEnd - before.length;
      if (fault !== null) {
        this.fail(fault);
        return -1;
      }
      if (head.status === 101) {
        this.state = State.tunnel;
        this.bytes.disarm();
        user.onSwitched(buffer, at, end);
        return -1;
      }
      if (head.status >= 200) {
        this.beginBody(head, at === end);
        return at;
      }
      if (++this.informational > MAX_INFORMATIONAL) {
        this.fail(faults.tooManyInformational);
        return -1;
      }
      user.onInformational(head);
      if (this.state !== State.head || at === end) return -1;
    }
  }

  private beginBody(head: Http1ResponseHead, isAllRead: boolean): void {
    const user = this.user as ServerUser;
    const { kind, contentLength } = head.framing;
    this.state = State.body;
    this.remaining = kind === BodyKind.length ? contentLength : 0;
    if (kind === BodyKind.chunked) {
      this.decoder ??= new ChunkedDecoder();
      this.decoder.reset(true);
    }
    user.onResponseHead(head);
    // The exchange may have ended the attempt, or the client with it.
    if (this.user === user && this.state === State.body) this.beginTransfer(isAllRead);
  }

  private beginTransfer(isAllRead: boolean): void {
    const { kind, contentLength } = this.head.framing;
    if (kind === BodyKind.none || (kind === BodyKind.length && contentLength === 0)) this.complete('', isAllRead);
    else if (isAllRead) this.bytes.arm(this.timeouts.responseBodyMs);
  }

  /** Within `onResponseHead`: nothing of the body is to come before {@link letGo}. */
  hold(): void {
    this.state = State.held;
    this.bytes.pause();
    this.bytes.disarm();
  }

  /** Within `onSwitched`: what followed the 101 is kept for {@link takeHeld}. */
  holdSwitched(buffer: Buffer, start: number, end: number): void {
    this.heldBytes = Buffer.from(buffer.subarray(start, end));
    this.hold();
  }

  /** The body may come. */
  letGo(): void {
    const held = this.takeHeld();
    const { user } = this;
    this.state = State.body;
    this.beginTransfer(held.length === 0);
    // The client may take no more already, which pauses anew.
    this.bytes.resume();
    if (held.length > 0 && this.state === State.body && this.user === user) this.takeBody(held, 0, held.length);
    if (this.bytes.hasEnded && this.user === user) this.onEnd();
  }

  takeHeld(): Buffer {
    const held = this.heldBytes;
    this.heldBytes = noBytes;
    return held;
  }

  private takeBody(buffer: Buffer, start: number, end: number): void {
    const user = this.user as ServerUser;
    switch (this.head.framing.kind) {
      case BodyKind.length: {
        const last = Math.min(end, start + this.remaining);
        this.remaining -= last - start;
        // Before it is handed on: who takes it may pause, and then nobody is late.
        if (this.remaining > 0) this.bytes.arm(this.timeouts.responseBodyMs);
        user.onResponseBody(buffer, start, last);
        if (this.remaining === 0 && this.user === user) this.complete('', last === end);
        break;
      }
      case BodyKind.chunked:
        this.bytes.arm(this.timeouts.responseBodyMs);
        this.takeChunks(this.decoder as ChunkedDecoder, user, buffer, start, end);
        break;
      default:
        this.bytes.arm(this.timeouts.responseBodyMs);
        user.onResponseBody(buffer, start, end);
    }
  }

  private takeChunks(decoder: ChunkedDecoder, user: ServerUser, buffer: Buffer, start: number, end: number): void {
    let last = start;
    // Chunk by chunk: readers of streams lean on each message having its own, although no RFC promises it.
    do {
      last = decoder.decode(buffer, last, end, this.options.maxHeadBytes);
      if (decoder.isBad) {
        this.fail(faults.badResponseChunk);
        return;
      }
      if (decoder.dataEnd > decoder.dataStart) user.onResponseBody(buffer, decoder.dataStart, decoder.dataEnd);
      if (this.user !== user) return;
    } while (last < end && !decoder.isDone);
    if (!decoder.isDone) return;
    const trailers = cleanTrailers(decoder.trailers, this.options.profile, MAX_TRAILER_FIELDS);
    if (typeof trailers !== 'string') this.fail(faults.badResponseChunk);
    else this.complete(trailers, last === end);
  }

  /** The response is whole. `isClean`: nothing came behind it. */
  private complete(trailers: string, isClean: boolean): void {
    const user = this.user as ServerUser;
    this.state = State.idle;
    if (!isClean || !this.head.keepsAlive || this.bytes.hasEnded) this.leave();
    user.onResponseEnd(trailers);
    // Not before the user is done with it. Whoever has the connection by now has no answer yet.
    this.head.rest();
  }

  /** The exchange is done with the connection, and its request went out whole: it may serve the next one. */
  release(): void {
    const { user } = this;
    this.user = null;
    if (this.state !== State.idle || this.bytes.isClosed || !this.bytes.isFlushed || user === null) {
      this.destroy();
      return;
    }
    const keepAliveSeconds = this.head.keepAliveSeconds;
    // A second less than the server says, so that we close before it does. Below two seconds that leaves nothing.
    const idleMs = keepAliveSeconds === 0 ? this.options.idleMs : Math.min(this.options.idleMs, (keepAliveSeconds - 1) * 1000);
    if (idleMs <= 0) {
      this.destroy();
      return;
    }
    this.idleSinceMs = nowMs();
    this.bytes.isResting = true;
    this.bytes.resume();
    this.bytes.arm(idleMs);
    this.pool.put(this);
  }

  /** The exchange has no further use for the connection, and neither has anybody else. */
  abandon(): void {
    this.user = null;
    this.destroy();
  }

  /** A tunnel takes the bytes over. */
  becomeTunnel(): ByteSocket {
    this.user = null;
    this.state = State.tunnel;
    this.bytes.readsOnAfterWriteError = false;
    return this.bytes;
  }

  private leave(): void {
    this.state = State.closed;
    this.bytes.destroy();
  }

  destroy(): void {
    if (this.state === State.idle) this.pool.remove(this);
    this.leave();
  }

  private fail(fault: Fault): void {
    const { user } = this;
    this.user = null;
    this.leave();
    user?.onServerFault(fault);
  }

  onEnd(): void {
    if (this.state === State.body && this.head.framing.kind === BodyKind.untilClose) {
      this.complete('', true);
    } else if (this.state === State.idle && this.user === null) {
      this.destroy();
    } else if (this.state !== State.tunnel && this.state !== State.held) {
      this.takeLoss();
    }
  }

  /** The server has gone in the middle of something. */
  private takeLoss(): void {
    if (this.state === State.head) this.fail(faults.serverClosed);
    else if (this.state === State.body) this.fail(faults.responseCut);
    else if (this.state === State.held) this.fail(this.head.status === 101 ? faults.serverClosed : faults.responseCut);
    else if (this.state === State.connecting) this.fail(connectFault(this.bytes.error));
    else if (this.state === State.idle && this.user !== null) this.fail(faults.serverClosed);
    else this.destroy();
  }

  onUnblocked(): void {
    this.user?.onServerUnblocked();
  }

  onDeadline(): void {
    if (this.state === State.connecting) this.fail(faults.connectTimeout);
    else if (this.state === State.head) this.fail(faults.headTimeout);
    else if (this.state === State.body) this.fail(faults.responseBodyTimeout);
    else this.destroy();
  }

  onClosed(): void {
    this.server.connections--;
    this.takeLoss();
  }
}

/** Opens a socket to a server, for an attempt or for TCP mode. */
export function connectTo(server: Server, reader: ByteReader): ByteSocket {
  const { address } = server;
  return ByteSocket.connecting(
    (onread) =>
      net.connect(
        address.kind === 'unix'
          ? { path: address.path, allowHalfOpen: true, onread }
          : { host: address.host, port: address.port, noDelay: true, allowHalfOpen: true, onread },
      ),
    reader,
  );
}

export function connectFault(error: Error | null): Fault {
  return (error as NodeJS.ErrnoException | null)?.code === 'ECONNREFUSED' ? faults.connectRefused : faults.connectFailed;
}
