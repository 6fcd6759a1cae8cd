// Reads cookies from a Cookie field as a server does (RFC 6265 §5.4 seen from the other end): pairs between
// semicolons, optional blanks, nothing decoded. It writes none: the package `cookie` does, when the config loads.

const tab = 0x09;
const space = 0x20;
const quote = 0x22;
const equals = 0x3d;

/**
 * Where the value of a cookie begins: the first cookie called exactly `name` (case counts) whose pair begins at or
 * after the start of the field or, if `after` is a position that an earlier call returned, after that cookie's pair.
 * -1 if there is none. `name` must not be empty. Allocates nothing; a whole field is passed over once, however often one asks for the next.
 *
 * A semicolon ends a pair even between quotes, as in browsers and in the package `cookie`.
 */
export function findCookie(field: string, name: string, after = 0): number {
  let start = after === 0 ? 0 : field.indexOf(';', after) + 1;
  if (after !== 0 && start === 0) return -1;
  for (;;) {
    start = skipBlanks(field, start);
    if (field.startsWith(name, start)) {
      const at = skipBlanks(field, start + name.length);
      if (field.charCodeAt(at) === equals) return skipBlanks(field, at + 1);
    }
    start = field.indexOf(';', start) + 1;
    if (start === 0) return -1;
  }
}

/** The value that begins at a position from {@link findCookie}, without blanks at its end and without a pair of quotes around it. */
export function cookieValueAt(field: string, at: number): string {
  let start = at;
  let end = field.indexOf(';', at);
  if (end < 0) end = field.length;
  while (end > start && isBlank(field.charCodeAt(end - 1))) end--;
  if (end - start >= 2 && field.charCodeAt(start) === quote && field.charCodeAt(end - 1) === quote) {
    start++;
    end--;
  }
  return field.slice(start, end);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}
