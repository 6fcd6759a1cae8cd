// Hashes of texts, by the names that HAProxy has for them. Every character is taken as one byte, every hash is an unsigned
// number of 32 bits.
import { crc32 } from 'node:zlib';

export type TextHash = (text: string) => number;

const hashes = { sdbm: sdbmHash, djb2: djb2Hash, crc32: (text: string) => crc32(Buffer.from(text, 'latin1')) } as const;

export type HashName = keyof typeof hashes;

/** `mixes`: the hash is hashed once more, so that texts which differ little end far from each other. */
export function textHash(name: HashName, mixes: boolean): TextHash {
  const hash = hashes[name];
  return mixes ? (text) => mixed(hash(text)) : hash;
}

function sdbmHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (text.charCodeAt(i) + (hash << 6) + (hash << 16) - hash) | 0;
  return hash >>> 0;
}

function djb2Hash(text: string): number {
  let hash = 5381;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) + text.charCodeAt(i)) | 0;
  return hash >>> 0;
}

/** Bob Jenkins' mix of six shifts, and a prime near three quarters of the range. */
export function mixed(hash: number): number {
  let h = hash | 0;
  h = (h + 0x7ed55d16 + (h << 12)) | 0;
  h = h ^ 0xc761c23c ^ (h >>> 19);
  h = (h + 0x165667b1 + (h << 5)) | 0;
  h = ((h + 0xd3a2646c) | 0) ^ (h << 9);
  h = (h + 0xfd7046c5 + (h << 3)) | 0;
  h = h ^ 0xb55a4f09 ^ (h >>> 16);
  return Math.imul(h, 3_221_225_473) >>> 0;
}
