// Up to Node 22, a reset that arrives together with bytes is told as an orderly end, and what was cut would be taken for
// whole. The system knows better: a connection that was reset has no other side any more. Node's inside: this file only.
import type net from 'node:net';

interface Handle {
  /** 0, or a negative error number. Unix sockets have no such name; TLS over one then says nothing. */
  getpeername?(out: object): number | undefined;
}

/** Whether the end that was just told is really a reset. Only while our own direction is open: both closed look the same. */
export function isHiddenReset(socket: net.Socket): boolean {
  const handle = (socket as unknown as { readonly _handle: Handle | null })._handle;
  return (handle?.getpeername?.({}) ?? 0) < 0;
}
