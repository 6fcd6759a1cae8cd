// A request body, kept as far as it was sent, so that the request can be sent once more. Bounded: what is longer cannot.

export class ReplayBuffer {
  pieces: Buffer[] = [];
  private bytes = 0;
  private maxBytes = 0;

  /** Begins anew, for at most `maxBytes`; 0: nothing is kept. */
  clear(maxBytes: number): void {
    if (this.pieces.length > 0) this.pieces = [];
    this.bytes = 0;
    this.maxBytes = maxBytes;
  }

  /** Keeps a copy of buffer[start, end), which was sent just now. */
  keep(buffer: Buffer, start: number, end: number): void {
    if (this.maxBytes === 0) return;
    this.bytes += end - start;
    if (this.bytes > this.maxBytes) this.clear(0);
    else this.pieces.push(Buffer.from(buffer.subarray(start, end)));
  }

  /** All that was sent is here. */
  get isWhole(): boolean {
    return this.maxBytes > 0;
  }
}
