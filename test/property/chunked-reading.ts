// A chunked body read from pieces, as a connection would read it.
import { type Fault, faults } from '../../src/core/errors.js';
import { ChunkedDecoder, cleanTrailers } from '../../src/wire/chunked.js';
import type { WireProfile } from '../../src/wire/profile.js';

export interface ChunkedReading {
  readonly outcome: 'done' | 'more' | Fault;
  readonly data: string;
  readonly trailers: string;
  /** What follows the body. */
  readonly rest: string;
}

export function readChunkedBody(pieces: readonly string[], profile: WireProfile): ChunkedReading {
  const decoder = new ChunkedDecoder();
  decoder.reset();
  let data = '';
  let rest = '';
  for (const piece of pieces) {
    const buffer = Buffer.from(piece, 'latin1');
    const end = decoder.decode(buffer, 0, buffer.length, 4096);
    if (decoder.isBad) return { outcome: faults.badChunk, data: '', trailers: '', rest: '' };
    data += buffer.toString('latin1', decoder.dataStart, decoder.dataEnd);
    rest += buffer.toString('latin1', end);
  }
  if (!decoder.isDone) return { outcome: 'more', data, trailers: '', rest };
  const trailers = cleanTrailers(decoder.trailers, profile, 100);
  return typeof trailers === 'string' ? { outcome: 'done', data, trailers, rest } : { outcome: trailers, data: '', trailers: '', rest: '' };
}
