// The Connection field (RFC 9110 §7.6.1): what it says of the connection, and the fields that it names as meant
// for this hop alone.
import { FieldId } from './field-id.js';
import { type Http1Fields, trimBlanks } from './http1-fields.js';

/** Fields that no Connection option may take from a message: framing, routing, stickiness, and what we are trusted for. */
const protectedFields = new Set<number>([
  FieldId.host,
  FieldId.contentLength,
  FieldId.transferEncoding,
  FieldId.cookie,
  FieldId.setCookie,
  FieldId.xForwardedFor,
  FieldId.xForwardedProto,
  FieldId.xForwardedHost,
  FieldId.xForwardedPort,
  FieldId.forwarded,
  FieldId.xRealIp,
  FieldId.xForwardedServer,
  FieldId.sslClient,
]);

export const ConnectionOption = { close: 1, keepAlive: 2, upgrade: 4 } as const;

/** The known options of every Connection field as bits; the fields that others name are removed, in one walk however many they are. */
export function readConnectionOptions(fields: Http1Fields): number {
  let options = 0;
  let named: Set<string> | null = null;
  for (let i = fields.indexOf(FieldId.connection); i >= 0; i = fields.indexOf(FieldId.connection, i + 1)) {
    const value = fields.valueAt(i);
    const known = knownOption(value);
    if (known >= 0) {
      options |= known;
    } else {
      named ??= new Set();
      options |= readList(value, named);
    }
  }
  if (named !== null && named.size > 0) removeNamed(fields, named);
  return options;
}

function removeNamed(fields: Http1Fields, named: ReadonlySet<string>): void {
  for (let i = 0; i < fields.count; i++) {
    const id = fields.idAt(i);
    if (id !== FieldId.removed && !protectedFields.has(id) && named.has(fields.nameAt(i).toLowerCase())) fields.removeAt(i);
  }
}

/** The bit of the values that nearly every message has, without allocating; -1 for the rest. */
function knownOption(value: string): number {
  switch (value) {
    case 'keep-alive':
    case 'Keep-Alive':
      return ConnectionOption.keepAlive;
    case 'close':
    case 'Close':
      return ConnectionOption.close;
    case 'Upgrade':
    case 'upgrade':
      return ConnectionOption.upgrade;
    default:
      return -1;
  }
}

function readList(value: string, named: Set<string>): number {
  let options = 0;
  for (const item of value.split(',')) {
    const name = trimBlanks(item).toLowerCase();
    if (name === 'close') options |= ConnectionOption.close;
    else if (name === 'keep-alive') options |= ConnectionOption.keepAlive;
    else if (name === 'upgrade') options |= ConnectionOption.upgrade;
    else if (name !== '') named.add(name);
  }
  return options;
}
