// The fields that Limpet itself reads or replaces, as small integers, so that a head is searched without
// comparing names twice.

export const FieldId = {
  other: 0,
  // Up to sslClient: fields that Limpet sets, or is trusted for.
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  cookie: 5,
  upgrade: 6,
  expect: 7,
  keepAlive: 8,
  proxyConnection: 9,
  te: 10,
  xForwardedFor: 11,
  xForwardedProto: 12,
  xForwardedHost: 13,
  xForwardedPort: 14,
  forwarded: 15,
  xRealIp: 16,
  xForwardedServer: 17,
  sslClient: 18,
  setCookie: 19,
  cacheControl: 20,
  userAgent: 21,
  referer: 22,
  trailer: 23,
  http2Settings: 24,
  /** Edited away, or never sent on. */
  removed: 255,
} as const;

const idsByName: Record<string, number> = {
  host: FieldId.host,
  connection: FieldId.connection,
  'content-length': FieldId.contentLength,
  'transfer-encoding': FieldId.transferEncoding,
  cookie: FieldId.cookie,
  upgrade: FieldId.upgrade,
  expect: FieldId.expect,
  'keep-alive': FieldId.keepAlive,
  'proxy-connection': FieldId.proxyConnection,
  te: FieldId.te,
  'x-forwarded-for': FieldId.xForwardedFor,
  'x-forwarded-proto': FieldId.xForwardedProto,
  'x-forwarded-host': FieldId.xForwardedHost,
  'x-forwarded-port': FieldId.xForwardedPort,
  forwarded: FieldId.forwarded,
  'x-real-ip': FieldId.xRealIp,
  'x-forwarded-server': FieldId.xForwardedServer,
  'set-cookie': FieldId.setCookie,
  'cache-control': FieldId.cacheControl,
  'user-agent': FieldId.userAgent,
  referer: FieldId.referer,
  trailer: FieldId.trailer,
  'http2-settings': FieldId.http2Settings,
};

interface KnownName {
  readonly bytes: Uint8Array;
  readonly id: number;
}

/** Names by length, because the length alone rules out nearly all of them. */
const namesByLength: KnownName[][] = Array.from({ length: 20 }, (_, length) =>
  Object.entries(idsByName)
    .filter(([name]) => name.length === length)
    .map(([name, id]) => ({ bytes: Buffer.from(name), id })),
);

const sslClientPrefix = Buffer.from('x-ssl-client-');

function startsWith(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    // In a token, setting this bit lowers letters and makes nothing else into a letter or '-'.
    if ((bytes[start + i]! | 0x20) !== name[i]) return false;
  }
  return true;
}

/** The id of the field name in bytes[start, end), which must be a token. */
export function identifyField(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < namesByLength.length) {
    const names = namesByLength[length]!;
    for (let i = 0; i < names.length; i++) {
      if (startsWith(bytes, start, names[i]!.bytes)) return names[i]!.id;
    }
  }
  return length > sslClientPrefix.length && startsWith(bytes, start, sslClientPrefix) ? FieldId.sslClient : FieldId.other;
}

const idsByLowerName = new Map(Object.entries(idsByName));

/** The id of a lower-case name; `other` for those that have none of their own, among them all of X-SSL-Client-*. */
export function idOfName(name: string): number {
  return idsByLowerName.get(name) ?? FieldId.other;
}

/** The id of a name in any case. */
export function idOfAnyName(name: string): number {
  return identifyField(Buffer.from(name, 'latin1'), 0, name.length);
}

/** Whether text[start, end) is `name` without regard to case. `name` is a lower-case token; the text there must be a token too. */
export function nameEquals(text: string, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    const code = text.charCodeAt(start + i);
    if ((code >= 65 && code <= 90 ? code | 32 : code) !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether a name with '_' for '-' would be read by a CGI-style server as one of the fields that Limpet sets or trusts. */
export function isTwinOfTrustedField(name: string): boolean {
  const id = idOfAnyName(name.replaceAll('_', '-'));
  return id !== FieldId.other && id <= FieldId.sslClient;
}
