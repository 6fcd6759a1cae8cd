// Closing a connection on which something may still be unread: half-close, discard for a bounded time and amount, then
// close, because closing at once would reset the connection and lose the end of the answer. RFC 9112 §9.6.
import type { ByteReader, ByteSocket } from './byte-socket.js';

const LINGER_MS = 5_000;
/** Bytes that are discarded before the connection is closed all the same. */
const LINGER_BYTES = 256 * 1024;

class LingeringClose implements ByteReader {
  private discarded = 0;

  constructor(
    private readonly bytes: ByteSocket,
    private readonly onGone: () => void,
  ) {}

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
    this.bytes.destroy();
  }

  onClosed(): void {
    this.onGone();
  }
}

/** Ends `bytes` gently. `onGone` is called when it is closed. */
export function closeLingering(bytes: ByteSocket, onGone: () => void): void {
  bytes.reader = new LingeringClose(bytes, onGone);
  bytes.end();
  bytes.arm(LINGER_MS);
  bytes.resume();
}
