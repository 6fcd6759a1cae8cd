// One TCP, unix or TLS connection as the data path sees it: bytes in through a shared static buffer or a lease,
// bytes out gathered per turn. Contract 1 lives here: nothing that is written may point into a buffer that somebody
// else's bytes are read into.
import type net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { beginTurn } from '../core/clock.js';
import { latin1, writeLatin1 } from '../core/latin1.js';
import { adoptLease, areLeasesScarce, returnLease, spareBuffer, takeLease } from './buffer-leases.js';
import { armDeadline, disarmDeadline, Waiting } from './deadlines.js';
import { type DirectWriter, writeDirectly } from './direct-write.js';
import { isHiddenReset } from './hidden-reset.js';
import { changeReadBuffer, endStaticRead, onreadOption, type StaticReader, startStaticRead } from './static-read.js';
import { arrive, gather, MAX_ARRIVAL_BYTES, type TurnTaker, takeArrivals, takeAtOnce } from './turn.js';
import { keepReadable, setClosesOnWriteError } from './write-errors.js';

/** Who takes what comes from a connection. One at a time; a tunnel takes over from an exchange. */
export interface ByteReader {
  /** buffer[start, end) came. The bytes are valid until it returns, and may be changed in place. */
  onBytes(buffer: Buffer, start: number, end: number): void;
  /** The other side has sent everything (FIN, or close_notify). */
  onEnd(): void;
  /** What was queued has left after `isBlocked` was true. */
  onUnblocked(): void;
  /** The deadline that was armed has passed. */
  onDeadline(): void;
  /** The connection is gone. `error` is what ended it, or null. Nothing else is called afterwards. */
  onClosed(error: Error | null): void;
}

/** A defect that a peer's bytes brought to light: it ends that one connection. Set by the worker to log it. */
export const defects = { report: (_error: unknown): void => {} };

/** Bytes that the reads of all connections of a process share. */
const SHARED_READ_BYTES = 64 * 1024;
const sharedReadBuffer = Buffer.allocUnsafeSlow(SHARED_READ_BYTES);

/** Up to here bytes are copied into text and gathered: for such pieces a string costs least. */
const TEXT_BYTES = 2 * 1024;

/** A longer read announces bulk, which is worth a buffer of its own. */
const BULK_BYTES = 16 * 1024;

/** What {@link ByteSocket.writeBytes} assembles its writes in, or null when a queue has kept the last one. */
let assembly: Buffer | null = null;

/** So much is gathered at most in one turn. */
const MAX_GATHERED_BYTES = 64 * 1024;

/** Every open ByteSocket: for the descriptor budget, and to prove that none leaks. */
let openSockets = 0;
export function openSocketCount(): number {
  return openSockets;
}

export class ByteSocket extends Waiting implements StaticReader, TurnTaker, DirectWriter {
  bytesRead = 0;
  bytesWritten = 0;
  isClosed = false;
  /** The other side has ended. */
  hasEnded = false;
  /** We have ended. */
  isEnding = false;
  isPaused = false;
  /** It is closed, or about to be: nothing is read and nothing is told any more but that. */
  private isGone = false;
  /** Something was read that is taken at the end of this round. */
  private hasArrivals = false;
  /** Its own read callback runs. */
  private isReading = false;
  private isCounted = true;
  private text = '';
  private isGathered = false;
  private closeError: Error | null = null;
  /** The lease that reads go to now, or null while they go to the shared buffer. */
  private lease: Buffer | null = null;
  /** Leases that our queue still points into, with the number of the write that frees each. */
  private pinned: Buffer[] = [];
  private pinnedAt: number[] = [];
  private leasedWrites = 0;
  private leasedFlushes = 0;
  /** What a direct write has left to the socket's handle, until that has left too. Nothing is written directly meanwhile. */
  private queuedDirectly = 0;
  /** The direct write under way is one of those that `leasedWrites` counts. */
  private isDirectLeased = false;
  private readsOn = false;
  private readonly onFlushed = (): void => this.takeFlush();
  private readonly onSocketClose = (): void => this.takeClose();

  private constructor(
    readonly socket: net.Socket,
    public reader: ByteReader,
    readonly isTls: boolean,
  ) {
    super();
    openSockets++;
    socket.on('error', (error: Error) => this.takeError(error));
    socket.on('end', () => this.takeEnd());
    socket.on('drain', () => {
      if (!this.isClosed) this.guard(unblocked);
    });
    socket.on('close', this.onSocketClose);
  }

  /** Takes over a connection that was accepted, paused, or whose TLS handshake is done, and starts to read it. */
  static accepted(socket: net.Socket, isTls: boolean, reader: ByteReader): ByteSocket {
    const bytes = new ByteSocket(socket, reader, isTls);
    startStaticRead(socket, bytes, sharedReadBuffer);
    return bytes;
  }

  /** Connects with `connect`, which gets the `onread` option to hand to net.connect. */
  static connecting(connect: (onread: net.OnReadOpts) => net.Socket, reader: ByteReader): ByteSocket {
    // The option must exist before the socket, and the socket before its ByteSocket.
    const late: { bytes: ByteSocket | null } = { bytes: null };
    const socket = connect(
      onreadOption(
        {
          nextReadBuffer: () => late.bytes?.nextReadBuffer() ?? sharedReadBuffer,
          onRead: (count, buffer) => (late.bytes as ByteSocket).onRead(count, buffer),
        },
        sharedReadBuffer,
      ),
    );
    const bytes = new ByteSocket(socket, reader, false);
    late.bytes = bytes;
    return bytes;
  }

  /**
   * Whether to go on reading when a write fails, because the other side may have said why before it closed. What is
   * written afterwards is dropped. Only while the connection is closed by `destroy` and never by both sides' ends.
   */
  set readsOnAfterWriteError(readsOn: boolean) {
    this.readsOn = readsOn;
    setClosesOnWriteError(this.socket, !readsOn);
  }

  private takeError(error: Error): void {
    this.takeArrivals();
    this.closeError ??= error;
    if (!this.socket.destroyed) this.takeWriteError();
  }

  private takeWriteError(): void {
    this.isEnding = true;
    this.text = '';
    const isEndRead = keepReadable(this.socket);
    // Nobody is to wait for a queue that will not leave.
    this.guard(unblocked);
    if (isEndRead) this.takeEnd();
  }

  /** Calls `take` once when the connection is there, with the same protection as the reader. */
  whenConnected(take: () => void): void {
    this.socket.once('connect', () => this.guard(take));
  }

  // Reading

  nextReadBuffer(): Buffer {
    return this.lease ?? sharedReadBuffer;
  }

  onRead(count: number, buffer: Buffer): boolean {
    if (this.isGone) return false;
    if (count <= MAX_ARRIVAL_BYTES) {
      this.hasArrivals = true;
      arrive(this, buffer, count);
    } else {
      this.takeArrivals();
      this.isReading = true;
      takeAtOnce(this, buffer, count);
      this.isReading = false;
    }
    this.chooseReadBuffer(count);
    return !this.isPaused;
  }

  takeArrival(buffer: Buffer, start: number, end: number): void {
    this.hasArrivals = false;
    if (this.isGone) return;
    this.bytesRead += end - start;
    try {
      this.reader.onBytes(buffer, start, end);
    } catch (error) {
      defects.report(error);
      this.destroy();
    }
  }

  /** What was read comes before whatever happens next. */
  private takeArrivals(): void {
    if (this.hasArrivals) takeArrivals();
  }

  /** Between two exchanges: its lease is better used by others, when many want one. Holds until the next read. */
  isResting = false;

  /** A long read announces bulk, and the next one goes to a lease; a small one ends that. */
  private chooseReadBuffer(count: number): void {
    const isWaiting = this.isResting || this.isPaused;
    this.isResting = false;
    if (this.isClosed) {
      this.dropLease();
    } else if (count > BULK_BYTES && !(isWaiting && areLeasesScarce())) {
      if (this.lease !== null) return;
      this.lease = takeLease();
      if (this.lease !== null) changeReadBuffer(this.socket, this);
    } else if (this.lease !== null) {
      this.dropLease();
      changeReadBuffer(this.socket, this);
    }
  }

  private dropLease(): void {
    if (this.lease === null) return;
    returnLease(this.lease);
    this.lease = null;
  }

  /** Stops reading: at once on TCP; what TLS has decrypted already still comes. */
  pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    // Within its own read callback, the callback's result does it without another call.
    if (!this.isReading) this.socket.pause();
  }

  resume(): void {
    if (!this.isPaused || this.isClosed) return;
    this.isPaused = false;
    this.socket.resume();
  }

  /**
   * Ends reading here and gives the connection to someone who reads it as a stream, starting with buffer[start, end).
   * Call it inside `onBytes`. This object is done: it reports nothing more.
   */
  handOver(buffer: Buffer, start: number, end: number): net.Socket {
    const rest = Buffer.from(buffer.subarray(start, end));
    this.isClosed = true;
    this.isGone = true;
    this.isPaused = false;
    this.uncount();
    disarmDeadline(this);
    this.socket.removeAllListeners('end').removeAllListeners('drain').removeAllListeners('error');
    // Whoever counts the connection still wants to hear of its end.
    this.socket.off('close', this.onSocketClose);
    endStaticRead(this.socket, rest);
    return this.socket;
  }

  // Writing

  /** More was queued than the socket takes at once: whoever feeds it should pause until `onUnblocked`. */
  get isBlocked(): boolean {
    return this.socket.writableLength + this.queuedDirectly >= this.socket.writableHighWaterMark;
  }

  /** Nothing that was written waits in the process. */
  private get isQueueEmpty(): boolean {
    return this.queuedDirectly === 0 && this.socket.writableLength === 0;
  }

  /** Bytes that have not left for the kernel. Where Node does not tell exactly (TLS), they count until all of a write has left. */
  get queuedBytes(): number {
    const { writableLength } = this.socket;
    // Node's inside: the write under way counts whole in `writableLength`, what is left of it stands in the handle.
    const { _handle: handle, _writableState: state } = this.socket as unknown as WriteInside;
    if (handle?.writeQueueSize === undefined || state?.writelen === undefined) return writableLength;
    return writableLength - state.writelen + handle.writeQueueSize;
  }

  /** Everything written so far has gone to the kernel (on TLS: may not be told). */
  get isFlushed(): boolean {
    return this.text === '' && this.isQueueEmpty;
  }

  /** Writes latin1 text, at the end of the turn. */
  writeText(text: string): void {
    if (this.isClosed || this.isEnding) return;
    this.bytesWritten += text.length;
    this.text += text;
    if (this.text.length > MAX_GATHERED_BYTES) {
      // Only what is written can be seen to block.
      this.takeText();
      return;
    }
    if (this.isGathered) return;
    this.isGathered = true;
    gather(this);
  }

  /**
   * Writes buffer[start, end), which `source` is reading right now, or bytes that nobody will change (`source` null),
   * between two pieces of text. Small pieces are gathered as text. Larger ones go at once: bulk from a lease as it is,
   * anything else as a copy. False: blocked, pause until `onUnblocked`.
   */
  writeBytes(before: string, buffer: Buffer, start: number, end: number, after: string, source: ByteSocket | null): boolean {
    const count = end - start;
    if (this.isClosed || this.isEnding) return true;
    if (count <= TEXT_BYTES && this.text.length <= TEXT_BYTES) {
      const piece = count === 0 ? '' : latin1(buffer, start, end);
      this.writeText(before === '' && after === '' ? piece : before + piece + after);
      return !this.isBlocked;
    }
    this.bytesWritten += count + before.length + after.length;
    const isFree = this.isQueueEmpty;
    if (source === null) this.writePieces(before, buffer.subarray(start, end), after);
    else if (isFree && count > BULK_BYTES && source.lease === buffer) this.writeLease(before, buffer, start, end, after, source);
    else if (!isFree || !this.writeAssembled(before, buffer, start, end, after))
      this.writePieces(before, copyOf(buffer, start, end), after);
    return !this.isBlocked;
  }

  /** Three pieces in one write. Nobody else may change `piece`. */
  private writePieces(before: string, piece: Buffer, after: string, isLeased = false): void {
    const { socket } = this;
    const text = this.text + before;
    this.text = '';
    if (text === '' && after === '' && this.writeDirectly(piece, isLeased)) return;
    socket.cork();
    if (text !== '') socket.write(text, 'latin1');
    if (isLeased) socket.write(piece, this.onFlushed);
    else socket.write(piece);
    if (after !== '') socket.write(after, 'latin1');
    socket.uncork();
  }

  /** Bulk as it is. The queue was empty: TLS encrypts a copy at once, and plain TCP tells by an empty queue that the kernel took all. */
  private writeLease(before: string, buffer: Buffer, start: number, end: number, after: string, source: ByteSocket): void {
    if (!this.isTls) this.leasedWrites++;
    this.writePieces(before, buffer.subarray(start, end), after, !this.isTls);
    if (this.isTls || this.isQueueEmpty) return;
    // The lease of the source now belongs to our queue.
    this.pin(buffer);
    source.lease = null;
    changeReadBuffer(source.socket, source);
  }

  /**
   * Everything copied into one buffer that all connections write from, because a copy to size costs more than the rest of
   * the request (bench, HTTP 10 KB). By the rule of leases: where the kernel did not take all, the buffer becomes our
   * queue's and the next write gets another. False: there is none left.
   */
  private writeAssembled(before: string, buffer: Buffer, start: number, end: number, after: string): boolean {
    assembly ??= spareBuffer();
    if (assembly === null) return false;
    const text = this.text + before;
    this.text = '';
    let length = text === '' ? 0 : writeLatin1(assembly, text, 0);
    length += buffer.copy(assembly, length, start, end);
    if (after !== '') length += writeLatin1(assembly, after, length);
    if (this.isTls) {
      this.socket.write(assembly.subarray(0, length));
      return true;
    }
    const assembled = assembly.subarray(0, length);
    this.leasedWrites++;
    if (!this.writeDirectly(assembled, true)) this.socket.write(assembled, this.onFlushed);
    if (!this.isQueueEmpty) {
      adoptLease();
      this.pin(assembly);
      assembly = null;
    }
    return true;
  }

  /** False: it is the stream's to write. `isLeased`: the write is one that `leasedWrites` counts. */
  private writeDirectly(data: string | Buffer, isLeased: boolean): boolean {
    if (this.isTls || !this.isQueueEmpty) return false;
    const queued = writeDirectly(this.socket, data, this);
    if (queued < 0) return false;
    this.queuedDirectly = queued;
    if (queued > 0) this.isDirectLeased = isLeased;
    else if (isLeased) this.takeFlush();
    return true;
  }

  takeDirectEnd(error: number): void {
    const wasBlocked = this.isBlocked;
    this.queuedDirectly = 0;
    if (this.isDirectLeased) this.takeFlush();
    if (this.isClosed || this.socket.destroyed) return;
    if (error < 0) this.takeDirectError(error);
    else if (wasBlocked && !this.isBlocked) this.guard(unblocked);
  }

  private takeDirectError(errno: number): void {
    const code = getSystemErrorName(errno);
    const error = Object.assign(new Error(`write ${code}`), { code, errno, syscall: 'write' });
    if (this.readsOn) this.takeError(error);
    else this.socket.destroy(error);
  }

  /** Our queue points into the lease until the write just made has left. */
  private pin(lease: Buffer): void {
    this.pinned.push(lease);
    this.pinnedAt.push(this.leasedWrites);
  }

  private takeFlush(): void {
    this.leasedFlushes++;
    while (this.pinned.length > 0 && this.pinnedAt[0]! <= this.leasedFlushes) {
      returnLease(this.pinned.shift() as Buffer);
      this.pinnedAt.shift();
    }
  }

  private takeText(): void {
    const { text } = this;
    this.text = '';
    if (!this.writeDirectly(text, false)) this.socket.write(text, 'latin1');
  }

  /** Writes what was gathered now. */
  flush(): void {
    this.isGathered = false;
    if (this.text !== '' && !this.isClosed) this.takeText();
  }

  // Closing

  /** Sends everything, then FIN (TLS: close_notify first). Reading goes on. */
  end(): void {
    if (this.isEnding || this.isClosed) return;
    this.flush();
    this.isEnding = true;
    this.socket.end();
  }

  /** Closes at once; what is queued is lost. */
  destroy(): void {
    this.isGone = true;
    if (!this.socket.destroyed) this.socket.destroy();
    this.uncount();
  }

  /** A unix socket has none, Node throws when asked for it; and it has no remote address, by which it is told. */
  private get hasReset(): boolean {
    return this.socket.remoteAddress !== undefined;
  }

  /** Node gives the descriptor back when it destroys a socket, and tells later. */
  private uncount(): void {
    if (this.isCounted) openSockets--;
    this.isCounted = false;
  }

  /** Closes with a reset, so that the other side cannot take what it got for the whole. */
  reset(): void {
    this.isGone = true;
    if (this.socket.destroyed) return;
    // When all has left and our end is under way, there is nothing to take back, and Node 20 could not close the socket at all.
    const isWhole = this.isEnding && this.isFlushed;
    if (this.isTls || isWhole || !this.hasReset) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  private takeEnd(): void {
    this.takeArrivals();
    if (this.isClosed || this.hasEnded) return;
    if (!this.isEnding && isHiddenReset(this.socket)) {
      this.closeError ??= Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      this.socket.destroy();
      return;
    }
    this.hasEnded = true;
    this.guard(ended);
  }

  private takeClose(): void {
    this.takeArrivals();
    if (this.isClosed) return;
    this.isClosed = true;
    this.isGone = true;
    this.uncount();
    disarmDeadline(this);
    this.dropLease();
    this.guard(closed);
    this.text = '';
  }

  // Deadlines

  /** One deadline at a time; 0 disarms. The reader's `onDeadline` is called up to LATENESS_MS late. */
  arm(durationMs: number): void {
    if (!this.isClosed) armDeadline(this, durationMs);
  }

  disarm(): void {
    disarmDeadline(this);
  }

  override onDeadline(): void {
    this.guard(expired);
  }

  private guard(event: (bytes: ByteSocket) => void): void {
    beginTurn();
    try {
      event(this);
    } catch (error) {
      defects.report(error);
      this.destroy();
    }
  }

  /** What ended the connection, or null. */
  get error(): Error | null {
    return this.closeError;
  }
}

/** The parts of a net.Socket that tell how much of a write has left. */
interface WriteInside {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  readonly _writableState?: { readonly writelen?: number };
}

// Events as functions of the connection, so that guarding one costs no closure.
const unblocked = (bytes: ByteSocket): void => bytes.reader.onUnblocked();
const ended = (bytes: ByteSocket): void => bytes.reader.onEnd();
const expired = (bytes: ByteSocket): void => bytes.reader.onDeadline();
const closed = (bytes: ByteSocket): void => bytes.reader.onClosed(bytes.error);

function copyOf(buffer: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start);
  buffer.copy(copy, 0, start, end);
  return copy;
}
