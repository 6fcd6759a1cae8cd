// How the end of a message's body is found (RFC 9112 §6.3), and the fields that say so.
import { type Fault, faults } from '../core/errors.js';
import { FieldId } from './field-id.js';
import { type Http1Fields, trimBlanks } from './http1-fields.js';
import type { WireProfile } from './profile.js';

export const BodyKind = {
  none: 0,
  /** As many bytes as Content-Length says. */
  length: 1,
  chunked: 2,
  /** Everything until the connection closes: responses only. */
  untilClose: 3,
} as const;
export type BodyKind = (typeof BodyKind)[keyof typeof BodyKind];

/** Largest body that a number can count exactly. */
const MAX_LENGTH_DIGITS = 15;

/** The value of Content-Length (RFC 9110 §8.6: digits alone), or -1. */
export function parseContentLength(value: string): number {
  if (value.length === 0 || value.length > MAX_LENGTH_DIGITS) return -1;
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}

/** What the framing fields of one message say together. Reused: `read` sets every field. */
export class Framing {
  kind: BodyKind = BodyKind.none;
  contentLength = -1;
  /** The connection must close after the answer, because another reader might have seen another end. */
  mustClose = false;

  /** As of a message that has neither field. */
  clear(): void {
    this.kind = BodyKind.none;
    this.contentLength = -1;
    this.mustClose = false;
  }

  /** Reads Content-Length and Transfer-Encoding. `kind` is `none` when there is neither. */
  read(fields: Http1Fields, version: number, profile: WireProfile): Fault | null {
    this.clear();
    const lengthAt = fields.indexOf(FieldId.contentLength);
    const codingAt = fields.indexOf(FieldId.transferEncoding);
    if (lengthAt < 0 && codingAt < 0) return null;
    if (lengthAt >= 0) {
      const fault = this.readLength(fields, lengthAt, profile);
      if (fault !== null) return fault;
    }
    if (codingAt < 0) return null;
    const fault = readCodings(fields, codingAt, profile);
    if (fault !== null) return fault;
    if (version < 11) {
      if (!profile.acceptsChunkedInHttp10) return faults.badFraming;
      this.mustClose = true;
    }
    if (lengthAt >= 0) {
      if (!profile.chunkedBeatsLength) return faults.badFraming;
      this.mustClose = true;
    }
    this.kind = BodyKind.chunked;
    this.contentLength = -1;
    fields.plainLengthAt = -1;
    return null;
  }

  private readLength(fields: Http1Fields, first: number, profile: WireProfile): Fault | null {
    const value = fields.valueAt(first);
    const length = parseContentLength(value);
    if (length < 0) return faults.badFraming;
    const isPlain = fields.isPlainAt(first) && (value.charCodeAt(0) !== 48 || value.length === 1);
    fields.plainLengthAt = isPlain ? first : -1;
    for (let i = fields.indexOf(FieldId.contentLength, first + 1); i >= 0; i = fields.indexOf(FieldId.contentLength, i + 1)) {
      if (!profile.acceptsTwinLengths || parseContentLength(fields.valueAt(i)) !== length) return faults.badFraming;
      fields.plainLengthAt = -1;
    }
    this.kind = BodyKind.length;
    this.contentLength = length;
    return null;
  }
}

/** Null when the codings, over all fields, are chunked alone. RFC 9112 §6.1. */
function readCodings(fields: Http1Fields, first: number, profile: WireProfile): Fault | null {
  let codings = fields.valueAt(first);
  for (let i = fields.indexOf(FieldId.transferEncoding, first + 1); i >= 0; i = fields.indexOf(FieldId.transferEncoding, i + 1)) {
    codings += `,${fields.valueAt(i)}`;
  }
  if (codings === 'chunked') return null;
  const names = codings.split(',').map((coding) => trimBlanks(coding).toLowerCase());
  if (names.length === 1 && names[0] === 'chunked') return null;
  if (names.at(-1) !== 'chunked' || names.includes('')) return profile.lastCodingFault;
  return names.indexOf('chunked') === names.length - 1 ? profile.earlierCodingFault : faults.badFraming;
}
