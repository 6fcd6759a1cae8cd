// The chunked coding (RFC 9112 §7.1), decoded in place: the data of all chunks in a piece is moved together at the
// front of it, so that whoever forwards a body sees one range, and chunk boundaries, extensions and padding end here.
import { type Fault, faults } from '../core/errors.js';
import { latin1 } from '../core/latin1.js';
import { FieldId } from './field-id.js';
import { bytesOf } from './head-bytes.js';
import { Http1Fields } from './http1-fields.js';
import type { WireProfile } from './profile.js';

const State = {
  size: 0,
  extension: 1,
  /** Behind a size and a blank: only ';' or the line end may follow. */
  blank: 9,
  sizeLf: 2,
  data: 3,
  dataCr: 4,
  dataLf: 5,
  trailers: 6,
  done: 7,
  bad: 8,
} as const;

/** 2^48 bytes in one chunk: far beyond any use, and far below where numbers lose digits. */
const MAX_SIZE_DIGITS = 12;
/** Bytes of extensions in one chunk. They are dropped, so all that they can do is cost time. */
const MAX_EXTENSION_BYTES = 4096;

/** The field section after the last chunk. RFC 9112 §7.1.2. */
export class Trailers extends Http1Fields {
  parse(text: string, profile: WireProfile, maxFields: number): Fault | null {
    this.clear();
    return this.parseFields(text, bytesOf(text), 0, 0, profile, maxFields);
  }
}

export class ChunkedDecoder {
  private state: number = State.size;
  private size = 0;
  private digits = 0;
  private extensionBytes = 0;
  private trailerText = '';
  private keepsChunks = false;
  /** Where the data of the piece last decoded stands. */
  dataStart = 0;
  dataEnd = 0;
  /** Raw trailer section with its empty line, '' while none has come or when there was none. */
  trailers = '';

  /** `keepsChunks`: `decode` returns behind the data of each chunk, and goes on from there when called again. */
  reset(keepsChunks = false): void {
    this.keepsChunks = keepsChunks;
    this.state = State.size;
    this.size = 0;
    this.digits = 0;
    this.extensionBytes = 0;
    this.trailerText = '';
    this.trailers = '';
  }

  get isDone(): boolean {
    return this.state === State.done;
  }

  get isBad(): boolean {
    return this.state === State.bad;
  }

  /**
   * Decodes buffer[start, end). The data found is moved to [dataStart, dataEnd) within that range. Returns the offset
   * of the first byte that is not part of the body: `end`, unless the body ended before. Check `isBad` afterwards.
   */
  decode(buffer: Buffer, start: number, end: number, maxTrailerBytes: number): number {
    this.dataStart = start;
    this.dataEnd = start;
    let i = start;
    while (i < end) {
      if (this.state === State.data) {
        i = this.takeData(buffer, i, end);
        if (this.keepsChunks && this.state !== State.data) return i;
      } else if (this.state === State.trailers) {
        i = this.takeTrailers(buffer, i, end, maxTrailerBytes);
      } else if (this.state === State.done || this.state === State.bad) {
        return i;
      } else {
        this.takeFraming(buffer[i]!);
        i++;
      }
    }
    return i;
  }

  private takeData(buffer: Buffer, from: number, end: number): number {
    const count = Math.min(this.size, end - from);
    if (this.dataEnd === this.dataStart) {
      this.dataStart = from;
      this.dataEnd = from + count;
    } else {
      buffer.copyWithin(this.dataEnd, from, from + count);
      this.dataEnd += count;
    }
    this.size -= count;
    if (this.size === 0) this.state = State.dataCr;
    return from + count;
  }

  private takeFraming(byte: number): void {
    switch (this.state) {
      case State.size:
        this.takeSizeByte(byte);
        break;
      case State.blank:
        // Blanks before ';' are bad whitespace that recipients must take; anything else behind them is no extension. RFC 9112 §7.1.1.
        if (byte === 13) this.state = State.sizeLf;
        else if (byte === 59) this.state = State.extension;
        else if ((byte !== 32 && byte !== 9) || ++this.extensionBytes > MAX_EXTENSION_BYTES) this.state = State.bad;
        break;
      case State.extension:
        if (byte === 13) this.state = State.sizeLf;
        else if (byte === 10 || byte === 0 || ++this.extensionBytes > MAX_EXTENSION_BYTES) this.state = State.bad;
        break;
      case State.sizeLf:
        if (byte !== 10) this.state = State.bad;
        else this.state = this.size === 0 ? State.trailers : State.data;
        break;
      case State.dataCr:
        this.state = byte === 13 ? State.dataLf : State.bad;
        break;
      default:
        this.state = byte === 10 ? State.size : State.bad;
        this.digits = 0;
        this.size = 0;
        this.extensionBytes = 0;
    }
  }

  private takeSizeByte(byte: number): void {
    const value = hexValue(byte);
    if (value >= 0) {
      this.size = this.size * 16 + value;
      if (++this.digits > MAX_SIZE_DIGITS) this.state = State.bad;
    } else if (this.digits === 0) {
      this.state = State.bad;
    } else if (byte === 13) {
      this.state = State.sizeLf;
    } else if (byte === 59) {
      this.state = State.extension;
    } else if (byte === 32 || byte === 9) {
      this.state = State.blank;
    } else {
      this.state = State.bad;
    }
  }

  private takeTrailers(buffer: Buffer, from: number, end: number, maxTrailerBytes: number): number {
    let i = from;
    while (i < end) {
      const lf = buffer.indexOf(10, i);
      const lineEnd = lf < 0 || lf >= end ? end : lf + 1;
      const atLineStart = this.trailerText === '' || this.trailerText.endsWith('\n');
      const line = latin1(buffer, i, lineEnd);
      i = lineEnd;
      if (this.trailerText.length + line.length > maxTrailerBytes) {
        this.state = State.bad;
        return i;
      }
      this.trailerText += line;
      if (line.endsWith('\n') && !this.trailerText.endsWith('\r\n')) {
        this.state = State.bad;
        return i;
      }
      const isEmptyLine = (atLineStart && line === '\r\n') || this.trailerText.endsWith('\n\r\n') || this.trailerText === '\r\n';
      if (isEmptyLine) {
        this.trailers = this.trailerText === '\r\n' ? '' : this.trailerText;
        this.state = State.done;
        return i;
      }
    }
    return i;
  }
}

function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Trailer fields that are never passed on: framing, routing, authentication and what governs caching or the next hop. RFC 9110 §6.5.1. */
const forbiddenTrailers = new Set([
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'proxy-connection',
  'cookie',
  'set-cookie',
  'authorization',
  'proxy-authorization',
  'proxy-authenticate',
  'www-authenticate',
  'content-encoding',
  'content-type',
  'content-range',
  'cache-control',
  'expect',
  'max-forwards',
  'pragma',
  'range',
  'vary',
  'age',
  'date',
  'expires',
  'location',
  'retry-after',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
  'x-real-ip',
]);

const parsed = new Trailers();

/** The trailer section to send on: complete lines without the last empty one; a malformed section is a fault. */
export function cleanTrailers(raw: string, profile: WireProfile, maxFields: number): string | Fault {
  if (raw === '') return '';
  if (parsed.parse(raw, profile, maxFields) !== null) return faults.badChunk;
  let out = '';
  for (let i = 0; i < parsed.count; i++) {
    const id = parsed.idAt(i);
    if (id === FieldId.removed || id === FieldId.sslClient) continue;
    if (!forbiddenTrailers.has(parsed.nameAt(i).toLowerCase())) out += `${parsed.nameAt(i)}: ${parsed.valueAt(i)}\r\n`;
  }
  return out;
}
