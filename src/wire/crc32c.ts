// CRC-32C (Castagnoli), which the PROXY protocol borrows from SCTP (RFC 4960 appendix B). Node's zlib has only the other CRC-32.

const reversedPolynomial = 0x82f63b78;
const table = buildTable();

/** The checksum of `bytes`, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

function buildTable(): Uint32Array {
  const entries = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ reversedPolynomial : crc >>> 1;
    entries[byte] = crc;
  }
  return entries;
}
