// Keeps a response that carries a session out of shared caches (RFC 9111 §5.2.2.7): a cached Set-Cookie would bind
// everyone behind that cache to one server.
import type { ResponseHead } from '../../wire/message-head.js';

const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;

/**
 * Makes Cache-Control say `private` for the whole response. `public`, `s-maxage` (a word to shared caches only) and
 * `private` limited to some fields give way to it; all other directives stay as they are.
 */
export function markPrivate(head: ResponseHead): void {
  const current = head.get('cache-control');
  head.set('Cache-Control', current === undefined ? 'private' : withPrivate(head.getAll('cache-control').join(',')));
}

function withPrivate(directives: string): string {
  let merged = 'private';
  let start = 0;
  while (start <= directives.length) {
    const end = endOfDirective(directives, start);
    const directive = directives.slice(start, end).trim();
    if (directive !== '' && !givesWay(directive)) merged += `, ${directive}`;
    start = end + 1;
  }
  return merged;
}

/** Where the next comma outside a quoted string stands, or the end. */
function endOfDirective(directives: string, start: number): number {
  let isQuoted = false;
  for (let i = start; i < directives.length; i++) {
    const code = directives.charCodeAt(i);
    if (code === quote) isQuoted = !isQuoted;
    else if (code === backslash && isQuoted) i++;
    else if (code === comma && !isQuoted) return i;
  }
  return directives.length;
}

function givesWay(directive: string): boolean {
  const equals = directive.indexOf('=');
  const name = (equals < 0 ? directive : directive.slice(0, equals)).trim().toLowerCase();
  return name === 'public' || name === 'private' || name === 's-maxage';
}
