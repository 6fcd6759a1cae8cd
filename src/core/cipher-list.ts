// Lists of ciphers as OpenSSL reads them: https://docs.openssl.org/3.0/man1/openssl-ciphers/
import { createSecureContext } from 'node:tls';

/** Whether OpenSSL takes a list of ciphers, or of curves, or finds none in it that it has. */
export function isTaken(options: { ciphers: string } | { ecdhCurve: string }): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}

/** A word that adds to a list; others take out, reorder, or ask for something. */
export function addsCiphers(word: string): boolean {
  return /^[A-Z]/i.test(word);
}

/**
 * A list from a file of nginx or HAProxy, without what this OpenSSL does not have: it leaves that out of lists by itself, as theirs does, and
 * many a file names ciphers that nobody has any more. If nothing would be left, all of it. `note`: what is left out, or null.
 */
export function knownCiphers(list: string): { readonly list: string; readonly note: string | null } {
  const words = list.split(/[:, ;]+/).filter((word) => word !== '');
  const unknown = words.filter((word) => addsCiphers(word) && !isTaken({ ciphers: word }));
  const known = words.filter((word) => !unknown.includes(word));
  if (unknown.length === 0 || !known.some(addsCiphers)) return { list, note: null };
  const names = unknown.map((name) => `"${name}"`).join(', ');
  return { list: known.join(':'), note: `OpenSSL has no cipher ${names}, and leaves out what it does not have` };
}
