// The socket underneath a TLS connection that was handed to a tls.Server. Node keeps it in a field that it does not
// document; this file is the only one that reads it, and it is tested on every supported Node.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The connection that `secure` was made from, or null if this Node hides it. */
export function rawSocketOf(secure: TLSSocket): Socket | null {
  return (secure as unknown as { _parent?: Socket | null })._parent ?? null;
}
