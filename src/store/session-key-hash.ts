// Session keys as 128 bits. A table that keeps these and not the keys needs a fraction of the memory, and shows nobody who
// reads it a session that he could use. The secret makes sure that nobody can look for two keys that meet.
import { hash, randomBytes } from 'node:crypto';

/** Latin1 text, so that it can stand before a key without a conversion. */
export function newSessionSecret(): string {
  return randomBytes(16).toString('latin1');
}

/** Writes the hash of `key` into the first four places of `out`. The same under the same secret, and under no other. */
export function hashSessionKey(key: string, secret: string, out: Uint32Array): void {
  // Text comes back from Node faster than a Buffer does. Node has this encoding whatever its types say.
  const digest = hash('sha256', secret + key, 'latin1' as 'binary');
  for (let word = 0; word < 4; word++) {
    const at = 4 * word;
    out[word] =
      digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8) | (digest.charCodeAt(at + 2) << 16) | (digest.charCodeAt(at + 3) << 24);
  }
}
