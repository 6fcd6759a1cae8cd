// Closing a connection on which something may still be unread: half-close, discard for a bounded time and amount, then
// close, because closing at once would reset the connection and lose the end of the answer. RFC 9112 §9.6. What is
// queued leaves first, as long as the other side takes it.
import type { ByteReader, ByteSocket } from './byte-socket.js';

const LINGER_MS = 5_000;
/** So many times LINGER_MS the other side may take none of what is queued for it. */
const MAX_STALLS = 12;
/** Bytes that are discarded before the connection is closed all the same. */
const LINGER_BYTES = 256 * 1024;

class LingeringClose implements ByteReader {
  private discarded = 0;
  private stalls = 0;
  private queuedBefore: number;

  constructor(
    private readonly bytes: ByteSocket,
    private readonly onGone: () => void,
  ) {
    this.queuedBefore = bytes.queuedBytes;
  }

  onBytes(_buffer: Buffer, start: number, end: number): void {
    this.discarded += end - start;
    if (this.discarded > LINGER_BYTES && this.bytes.isFlushed) this.bytes.destroy();
  }

  onEnd(): void {
    if (this.bytes.isFlushed) this.bytes.destroy();
    // Otherwise Node closes by itself when the queue has left: both sides have ended.
  }

  onUnblocked(): void {}

  onDeadline(): void {
    const queued = this.bytes.queuedBytes;
    if (queued < this.queuedBefore) this.stalls = 0;
    else if (queued === 0 || ++this.stalls === MAX_STALLS) {
      this.bytes.destroy();
      return;
    }
    // The time to linger begins when the last byte has left.
    this.queuedBefore = queued;
    this.bytes.arm(LINGER_MS);
  }

  onClosed(): void {
    this.onGone();
  }
}

/** Ends `bytes` gently. `onGone` is called when it is closed. */
export function closeLingering(bytes: ByteSocket, onGone: () => void): void {
  bytes.end();
  bytes.reader = new LingeringClose(bytes, onGone);
  bytes.arm(LINGER_MS);
  bytes.resume();
}
