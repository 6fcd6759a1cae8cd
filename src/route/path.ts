// The path that routes match: one reading of a request target, or a refusal where servers are known to read it
// differently. The target itself is not changed: the server gets what the client sent.
import { type Fault, faults } from '../core/errors.js';
import { decodeBytes, normaliseSegment } from './percent-encoding.js';

const SLASH = 0x2f;
const DOT = 0x2e;
const QUESTION = 0x3f;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

/** A character that is already in its normal form wherever it stands. RFC 3986 §3.3, without '.', '/', ';' and '%'. */
const plainCharacters = Uint8Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9\-_~!$&'()*+,=:@]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Where {@link normalisePath} leaves its result. An exchange can be one. */
export interface PathParts {
  /** The normalised path, or `*`. */
  path: string;
  /** The query with its '?', as it came, or ''. */
  query: string;
}

/**
 * Takes a target in origin-form, or `*`, apart into `out`. Dot segments are resolved, doubled slashes merged,
 * encoded unreserved characters decoded, other encodings put in upper case, and bytes from 0x80 encoded
 * (RFC 3986 §6.2.2). Nothing is allocated but the slices when the path is in normal form already.
 *
 * Returns faults.badTarget, `out` being unchanged, when the path
 * - is not `*` and does not begin with '/',
 * - holds '%' without two hex digits, %00, a raw control character, space or '#',
 * - goes above the root,
 * - has a dot segment that not every server sees: with %2e, with ';', or beside a backslash, %5c or %2f,
 * - has '..' behind something that servers count differently: a doubled slash, an empty segment with ';', or a
 *   backslash, %5c or %2f.
 */
export function normalisePath(target: string, out: PathParts): Fault | null {
  const length = target.length;
  if (target.charCodeAt(0) !== SLASH) {
    if (target !== '*') return faults.badTarget;
    out.path = target;
    out.query = '';
    return null;
  }
  for (let i = 1; i < length; i++) {
    const code = target.charCodeAt(i);
    if (plainCharacters[code] === 1) continue;
    if (code === QUESTION) {
      out.path = target.slice(0, i);
      out.query = target.slice(i);
      return null;
    }
    if ((code !== SLASH && code !== DOT) || target.charCodeAt(i - 1) === SLASH) return normaliseSegments(target, out);
  }
  out.path = target;
  out.query = '';
  return null;
}

function normaliseSegments(target: string, out: PathParts): Fault | null {
  const question = target.indexOf('?');
  const end = question < 0 ? target.length : question;
  const segments: string[] = [];
  let isTwofold = false;
  let endsWithSlash = true;
  let start = 1;
  while (start <= end) {
    let next = target.indexOf('/', start);
    if (next < 0 || next > end) next = end;
    const raw = target.slice(start, next);
    const isLast = next === end;
    start = next + 1;
    if (raw === '') {
      if (!isLast) isTwofold = true;
      endsWithSlash = true;
    } else if (raw === '.') {
      endsWithSlash = true;
    } else if (raw === '..') {
      if (isTwofold || segments.pop() === undefined) return faults.badTarget;
      endsWithSlash = true;
    } else {
      const segment = normaliseSegment(raw);
      if (segment === null) return faults.badTarget;
      const reading = readingOf(segment);
      if (reading === Reading.hidesDots) return faults.badTarget;
      if (reading === Reading.twofold) isTwofold = true;
      segments.push(segment);
      endsWithSlash = false;
    }
  }
  out.path = `/${segments.join('/')}${endsWithSlash && segments.length > 0 ? '/' : ''}`;
  out.query = question < 0 ? '' : target.slice(question);
  return null;
}

const Reading = {
  /** Every server sees one name. */
  single: 0,
  /** Some servers see no name, or several. */
  twofold: 1,
  /** Some servers see a dot segment. */
  hidesDots: 2,
} as const;

/** How servers may read a segment that was not '.' or '..' as it came: after decoding, split at slashes of either kind, parameters cut off. */
function readingOf(segment: string): number {
  const bytes = decodeBytes(segment);
  let reading: number = Reading.single;
  let nameStart = 0;
  let nameEnd = -1;
  for (let i = 0; i <= bytes.length; i++) {
    const code = i === bytes.length ? SLASH : bytes.charCodeAt(i);
    if (code === SEMICOLON && nameEnd < 0) nameEnd = i;
    if (code !== SLASH && code !== BACKSLASH) continue;
    if (nameEnd < 0) nameEnd = i;
    const nameLength = nameEnd - nameStart;
    if (isDots(bytes, nameStart, nameLength)) return Reading.hidesDots;
    if (nameLength === 0 || i < bytes.length) reading = Reading.twofold;
    nameStart = i + 1;
    nameEnd = -1;
  }
  return reading;
}

function isDots(text: string, start: number, length: number): boolean {
  if (length !== 1 && length !== 2) return false;
  return text.charCodeAt(start) === DOT && text.charCodeAt(start + length - 1) === DOT;
}
