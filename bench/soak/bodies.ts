// The bytes that a soak sends and expects. Each body is a piece of one long row without any pattern, so that a byte too many, one too
// few, or one of another exchange shows, and both sides know it without telling each other.

import { createCipheriv } from 'node:crypto';

export const MOST_BODY_BYTES = 1024 * 1024;
/** Bodies begin at one of so many places. */
export const SEEDS = 1024 * 1024;

const row = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(SEEDS + MOST_BODY_BYTES));

/** A view, not a copy. `seed` is less than SEEDS. */
export function soakBody(seed: number, bytes: number): Buffer {
  return row.subarray(seed, seed + bytes);
}
