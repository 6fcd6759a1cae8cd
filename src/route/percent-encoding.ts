// Percent-encoding in one path segment (RFC 3986 §2.1, §6.2.2): to its normal form, and to the bytes it stands for.

const PERCENT = 0x25;
const HASH = 0x23;
const QUESTION = 0x3f;
const DEL = 0x7f;
const HEX = '0123456789ABCDEF';

const unreserved = Uint8Array.from({ length: 256 }, (_, code) => (/[A-Za-z0-9\-._~]/.test(String.fromCharCode(code)) ? 1 : 0));

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The byte that the two hex digits at `at` stand for, or -1. */
function byteAt(text: string, at: number): number {
  if (at + 1 >= text.length) return -1;
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function encoded(byte: number): string {
  return `%${HEX[byte >> 4]}${HEX[byte & 15]}`;
}

/**
 * The segment with encoded unreserved characters decoded, the other encodings in upper case, and bytes from 0x80
 * encoded. Null when an encoding is malformed or stands for NUL, or when a raw character is a control, a space, '#'
 * or no byte.
 */
export function normaliseSegment(segment: string): string | null {
  let normal = '';
  for (let i = 0; i < segment.length; i++) {
    const code = segment.charCodeAt(i);
    if (code === PERCENT) {
      const byte = byteAt(segment, i + 1);
      if (byte <= 0) return null;
      normal += unreserved[byte] === 1 ? String.fromCharCode(byte) : encoded(byte);
      i += 2;
    } else if (code <= 0x20 || code === HASH || code === DEL || code > 0xff) {
      return null;
    } else {
      normal += code >= 0x80 ? encoded(code) : segment[i];
    }
  }
  return normal;
}

/** The bytes that a well-formed path or segment stands for, one character each. */
export function decodeBytes(text: string): string {
  if (text.indexOf('%') < 0) return text;
  let bytes = '';
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i) === PERCENT ? byteAt(text, i + 1) : -1;
    if (byte < 0) {
      bytes += text[i];
    } else {
      bytes += String.fromCharCode(byte);
      i += 2;
    }
  }
  return bytes;
}

/** `text` with every byte that may not stand raw in a URI encoded; what is encoded already stays. RFC 3986 §2. */
export function encodeForUri(text: string): string {
  let uri = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0xff) uri += code > 0x20 && code < DEL && '"<>\\^`{|}'.indexOf(text[i]!) < 0 ? text[i] : encoded(code);
  }
  return uri;
}

/** A decoded path as it can stand in a request target: whatever would end it or be decoded again is encoded. RFC 3986 §3.3. */
export function encodePath(path: string): string {
  let uri = '';
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    const stands = code > 0x20 && code < DEL && code !== PERCENT && code !== HASH && code !== QUESTION;
    uri += stands ? path[i] : encoded(code & 0xff);
  }
  return uri;
}

/** `text` with everything but unreserved characters encoded. RFC 3986 §2.3. */
export function encodeArgument(text: string): string {
  let uri = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) & 0xff;
    uri += unreserved[code] === 1 ? text[i] : encoded(code);
  }
  return uri;
}
