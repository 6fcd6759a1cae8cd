// Bytes of which each is decided by the stream that it belongs to and its offset there: a foreign, missing or doubled
// byte cannot be taken for the right one.
import { Random } from './random.js';

const PATTERN_BYTES = 1024 * 1024;
/** So many bytes of the pattern stand nowhere else in it. */
const TELLING_BYTES = 8;

export class PositionBytes {
  private readonly pattern = Buffer.alloc(PATTERN_BYTES);

  constructor(seed: number) {
    const random = new Random(seed);
    for (let at = 0; at < PATTERN_BYTES; at += 4) this.pattern.writeUInt32LE(random.next(), at);
  }

  /** The bytes of a stream from `offset` on: at least one and at most `count`, as a view that nobody may change. */
  view(stream: number, offset: number, count: number): Buffer {
    const start = placeOf(stream, offset);
    return this.pattern.subarray(start, Math.min(PATTERN_BYTES, start + count));
  }

  /** How many bytes further in the pattern these stand than they should; -1 when they stand nowhere in it. */
  distance(stream: number, offset: number, found: Buffer): number {
    if (found.length < TELLING_BYTES) return -1;
    const at = this.pattern.indexOf(found.subarray(0, TELLING_BYTES));
    return at < 0 ? -1 : (at - placeOf(stream, offset) + PATTERN_BYTES) % PATTERN_BYTES;
  }
}

function placeOf(stream: number, offset: number): number {
  return (Math.imul(stream, 0x9e3779b1) + offset) & (PATTERN_BYTES - 1);
}

/** Takes one stream as it comes in, and complains about the first byte that is not its own. */
export class StreamCheck {
  received = 0;

  /** `total`: the bytes of the whole stream. `what` names it in the complaint. */
  constructor(
    private readonly bytes: PositionBytes,
    private readonly stream: number,
    readonly total: number,
    private readonly what: string,
  ) {}

  get isComplete(): boolean {
    return this.received === this.total;
  }

  /** Throws an Error when buffer[start, end) does not continue the stream. */
  take(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.isComplete) throw new Error(`${this.what}: ${end - at} bytes too many behind its ${this.total}`);
      const expected = this.bytes.view(this.stream, this.received, Math.min(end - at, this.total - this.received));
      const { length } = expected;
      if (expected.compare(buffer, at, at + length) !== 0) this.complain(buffer, at, end, expected);
      this.received += length;
      at += length;
    }
  }

  private complain(buffer: Buffer, start: number, end: number, expected: Buffer): never {
    let wrong = 0;
    while (expected[wrong] === buffer[start + wrong]) wrong++;
    const offset = this.received + wrong;
    const found = buffer.subarray(start + wrong, end);
    const distance = this.bytes.distance(this.stream, offset, found);
    const whose = distance < 0 ? 'it is nobody’s' : `it is somebody’s, or its own from ${distance} further on`;
    throw new Error(
      `${this.what}: a foreign byte at ${offset} of ${this.total}; ${whose}; found ${found.subarray(0, 32).toString('latin1')}`,
    );
  }
}

/** Sends a stream in pieces of changing size, as fast as `write` takes them. */
export class StreamSource {
  private sent = 0;

  constructor(
    private readonly bytes: PositionBytes,
    private readonly stream: number,
    private readonly total: number,
    private readonly random: Random,
  ) {}

  get isComplete(): boolean {
    return this.sent === this.total;
  }

  /** Writes until all is written but `keep` bytes, or `write` says false: then call it again when there is room. */
  pump(write: (piece: Buffer) => boolean, keep = 0): void {
    while (this.sent < this.total - keep) {
      const most = this.random.chance(20) ? 1500 : 64 * 1024;
      const piece = this.bytes.view(this.stream, this.sent, Math.min(this.total - keep - this.sent, this.random.between(1, most)));
      this.sent += piece.length;
      if (!write(piece)) return;
    }
  }
}
