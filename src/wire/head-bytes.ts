// The bytes of the head that is being parsed. A loop over bytes costs a quarter of one over the characters of a
// string (bench/micro, head parse), so a parser puts its text here first; parsers run to their end without interruption.

import { writeLatin1 } from '../core/latin1.js';

let scratch = Buffer.alloc(64 * 1024 + 2);

/** The text's bytes, followed by two zeros, so that a loop that looks ahead finds an end. Valid until the next call. */
export function bytesOf(text: string): Buffer {
  const { length } = text;
  if (length + 2 > scratch.length) scratch = Buffer.alloc(length * 2 + 2);
  writeLatin1(scratch, text, 0);
  scratch[length] = 0;
  scratch[length + 1] = 0;
  return scratch;
}

/** "HTTP/", which is case-sensitive. RFC 9112 §2.3. */
export function isHttpName(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x48 && bytes[at + 1] === 0x54 && bytes[at + 2] === 0x54 && bytes[at + 3] === 0x50 && bytes[at + 4] === 0x2f;
}
