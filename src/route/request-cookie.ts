// Cookies of a request by their name, for Values and conditions. Sticky policies look for theirs themselves.
import { cookieValueAt, findCookie } from '../wire/cookies.js';
import type { RequestHead } from '../wire/message-head.js';

/** The value of the first cookie with exactly that name, over all Cookie fields, nothing decoded; undefined if there is none. */
export function requestCookie(head: RequestHead, name: string): string | undefined {
  const first = head.get('cookie');
  if (first === undefined) return undefined;
  const at = findCookie(first, name);
  if (at >= 0) return cookieValueAt(first, at);
  const fields = head.getAll('cookie');
  for (let i = 1; i < fields.length; i++) {
    const field = fields[i]!;
    const start = findCookie(field, name);
    if (start >= 0) return cookieValueAt(field, start);
  }
  return undefined;
}

/** The values of all cookies with exactly that name, empty ones only where `takesEmpty`, over all Cookie fields, nothing decoded. */
export function requestCookies(head: RequestHead, name: string, takesEmpty: boolean): string[] {
  const values: string[] = [];
  if (head.get('cookie') === undefined) return values;
  for (const field of head.getAll('cookie')) {
    for (let at = findCookie(field, name); at >= 0; at = findCookie(field, name, at)) {
      const value = cookieValueAt(field, at);
      if (takesEmpty || value !== '') values.push(value);
    }
  }
  return values;
}
