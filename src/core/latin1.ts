// Bytes as latin1 text: one character per byte, exact for 0 to 255. Heads and small pieces travel as such strings,
// because a socket copies a string that it has to queue, and never a buffer (contract 1).

interface Latin1Sliceable {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, at: number): number;
}

/** buffer[start, end) as text. Node's own method, without the dispatch over encodings in `toString`. */
export function latin1(buffer: Buffer, start: number, end: number): string {
  return (buffer as unknown as Latin1Sliceable).latin1Slice(start, end);
}

/** Writes latin1 text into `buffer`, which must be long enough, from `at` on. Returns how many bytes. */
export function writeLatin1(buffer: Buffer, text: string, at: number): number {
  return (buffer as unknown as Latin1Sliceable).latin1Write(text, at);
}
