// A server may answer before it has read the whole request, and close: our next write fails while its answer waits to
// be read. Node destroys a socket for the first error of either direction, and the answer with it, unless it is told
// not to. It has an option for that on every stream but sockets; this file sets it there. Node's inside: this file only.
import type net from 'node:net';

interface StreamState {
  autoDestroy?: boolean;
  errored?: Error | null;
  ended?: boolean;
}

/** Whether a write that fails closes the socket, as it does by default, or only emits 'error' and leaves it open to be read. */
export function setClosesOnWriteError(socket: net.Socket, closes: boolean): void {
  const { _readableState: readable, _writableState: writable } = socket as unknown as {
    _readableState: StreamState;
    _writableState: StreamState;
  };
  readable.autoDestroy = closes;
  writable.autoDestroy = closes;
}

/**
 * To be called for the 'error' of a write that left its socket open. Node counts it as one of the reading side too and
 * would never tell 'end': often the only news of a reset, whose error the write has used up. Returns whether the end has
 * been read already, and may not be told any more.
 */
export function keepReadable(socket: net.Socket): boolean {
  const { _readableState: readable } = socket as unknown as { _readableState: StreamState };
  readable.errored = null;
  // Nor later: of several writes that fail, 'error' is emitted for the first alone.
  Object.defineProperty(readable, 'errored', { get: () => null, set: () => {}, configurable: true });
  return readable.ended === true;
}
