// Lines that wait to be written, as bytes. Each is copied in while it is warm, instead of being kept as pieces of one
// long string, which the collector moves about until it is put together.
import { writeLatin1 } from './latin1.js';

const MIN_BYTES = 4096;

export class LineBuffer {
  /** Bytes that wait. */
  length = 0;
  private readonly usualBytes: number;
  private bytes: Buffer;
  private spare: Buffer | null = null;

  /** `usualBytes`: what waits at most in ordinary times. */
  constructor(usualBytes: number) {
    this.usualBytes = usualBytes + MIN_BYTES;
    this.bytes = Buffer.allocUnsafeSlow(this.usualBytes);
  }

  /** One byte per character. */
  append(line: string): void {
    if (this.length + line.length > this.bytes.length) this.grow(this.length + line.length);
    this.length += writeLatin1(this.bytes, line, this.length);
  }

  private grow(neededBytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(neededBytes, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** All that waits, which is the caller's until it gives it back; nothing waits afterwards. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = this.spare ?? Buffer.allocUnsafeSlow(this.usualBytes);
    this.spare = null;
    this.length = 0;
    return taken;
  }

  /** What was taken has been written: its memory is used again. */
  giveBack(taken: Buffer): void {
    // What a slow time made larger is let go.
    if (taken.buffer.byteLength === this.usualBytes) this.spare = Buffer.from(taken.buffer);
  }
}
