// The server name in a TLS ClientHello (RFC 8446 §4.1.2, RFC 6066 §3), read before TLS itself begins. It reads that and no more.

/** A ClientHello longer than this is not looked into; browsers' with a post-quantum share have under 2 KiB. */
export const maxClientHelloBytes = 16_384;

const handshakeRecord = 0x16;
const clientHello = 0x01;
const serverNameExtension = 0;
const nothing = Buffer.alloc(0);

/**
 * The name that the ClientHello at the start of `bytes` asks for; '' when it asks for none or is none; null while bytes are missing.
 * Never throws.
 */
export function readServerName(bytes: Buffer): string | null {
  const hello = collectHandshake(bytes);
  if (hello === null) return null;
  // type(1) length(3) version(2) random(32)
  let at = 38;
  at += 1 + byteAt(hello, at);
  at += 2 + uint16At(hello, at);
  at += 1 + byteAt(hello, at);
  const end = Math.min(hello.length, at + 2 + uint16At(hello, at));
  at += 2;
  while (at + 4 <= end) {
    const type = uint16At(hello, at);
    const length = uint16At(hello, at + 2);
    if (type === serverNameExtension) return nameIn(hello, at + 4, Math.min(end, at + 4 + length));
    at += 4 + length;
  }
  return '';
}

/** The whole ClientHello out of its record or records, empty if these are none, null while incomplete. */
function collectHandshake(bytes: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  let haveBytes = 0;
  let neededBytes = 4;
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== handshakeRecord) return nothing;
    if (at + 5 > bytes.length) break;
    const recordEnd = at + 5 + bytes.readUInt16BE(at + 3);
    const part = bytes.subarray(at + 5, recordEnd);
    if (parts.length === 0) {
      if (part.length < 4 && recordEnd > bytes.length) break;
      // Splitting the first four bytes is allowed and nobody does it.
      if (part.length < 4 || part[0] !== clientHello) return nothing;
      neededBytes = 4 + part.readUIntBE(1, 3);
    }
    parts.push(part);
    haveBytes += part.length;
    if (haveBytes >= neededBytes) return (parts.length === 1 ? part : Buffer.concat(parts)).subarray(0, neededBytes);
    at = recordEnd;
  }
  return bytes.length >= maxClientHelloBytes ? nothing : null;
}

/** ServerNameList: length(2), then type(1) length(2) name; the only type is 0, host_name. */
function nameIn(hello: Buffer, at: number, end: number): string {
  if (at + 5 > end || hello[at + 2] !== 0) return '';
  return hello.toString('latin1', at + 5, Math.min(end, at + 5 + uint16At(hello, at + 3)));
}

function byteAt(bytes: Buffer, at: number): number {
  return at < bytes.length ? bytes[at] : 0;
}

function uint16At(bytes: Buffer, at: number): number {
  return at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
}
