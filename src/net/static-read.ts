// Reading a socket into a buffer of ours instead of through Readable. For sockets that we connect, Node documents it
// (`onread`); for accepted ones and for TLS the same fields are set afterwards. That is Node's inside: all of it is in
// this file, found by name when the program starts, tested on every supported Node, with 'data' events as fallback.
import net from 'node:net';

/** What a socket's reads go to. */
export interface StaticReader {
  /** Asked after {@link changeReadBuffer}: where the next reads go. */
  nextReadBuffer(): Buffer;
  /** Bytes [0, count) of `buffer` were read. They are valid until it returns. False: read no more until resumed. */
  onRead(count: number, buffer: Buffer): boolean;
}

type ReadCallback = (count: number, buffer: Buffer) => boolean;

/** The parts of a net.Socket that no type declares. */
interface SocketInside {
  [key: symbol]: unknown;
  _handle: { useUserBuffer(buffer: Buffer): void } | null;
}

interface ReadSymbols {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly generator: symbol;
}

function findSymbols(): ReadSymbols | null {
  const found = new Map(Object.getOwnPropertySymbols(new net.Socket()).map((symbol) => [symbol.description, symbol]));
  const buffer = found.get('kBuffer');
  const callback = found.get('kBufferCb');
  const generator = found.get('kBufferGen');
  return buffer && callback && generator ? { buffer, callback, generator } : null;
}

const symbols = findSymbols();

/** Whether accepted and TLS sockets can be read this way on this Node; otherwise they fall back to 'data' events. */
export const readsAcceptedStatically = symbols !== null;

/** The `onread` option of net.connect for `reader`. */
export function onreadOption(reader: StaticReader, firstBuffer: Buffer): net.OnReadOpts {
  return {
    // Without the symbols the buffer could not be changed later, and has to be asked for before each read.
    buffer: symbols === null ? () => reader.nextReadBuffer() : firstBuffer,
    callback: (count, buffer) => reader.onRead(count, buffer as Buffer),
  };
}

/** To be called within `onRead`: `reader` is asked for another buffer when it returns. Others are not asked at all, which a read would pay for. */
export function changeReadBuffer(socket: net.Socket, reader: StaticReader): void {
  if (symbols === null) return;
  const inside = socket as unknown as SocketInside;
  const { generator } = symbols;
  inside[generator] = () => {
    inside[generator] = null;
    return reader.nextReadBuffer();
  };
}

/** Starts reading an accepted or TLS socket, which nobody has read from yet, into buffers of `reader`. */
export function startStaticRead(socket: net.Socket, reader: StaticReader, firstBuffer: Buffer): void {
  const inside = socket as unknown as SocketInside;
  if (symbols === null || typeof inside._handle?.useUserBuffer !== 'function') {
    socket.on('data', (chunk: Buffer) => {
      if (!reader.onRead(chunk.length, chunk)) socket.pause();
    });
    // A socket that was accepted paused does not flow by itself.
    socket.resume();
    return;
  }
  const callback: ReadCallback = (count, buffer) => reader.onRead(count, buffer);
  inside[symbols.buffer] = firstBuffer;
  inside[symbols.callback] = callback;
  inside[symbols.generator] = null;
  inside._handle.useUserBuffer(firstBuffer);
  socket.read(0);
}

/**
 * Ends static reading, so that the socket can be given to somebody who reads it as a stream (a tls.Server). `rest` is
 * what was read and belongs to them. Inside a read callback, that callback must then return true: after false the
 * handle stays stopped, and not every reader starts it again.
 */
export function endStaticRead(socket: net.Socket, rest: Buffer): void {
  const inside = socket as unknown as SocketInside;
  if (symbols === null || !inside[symbols.callback]) {
    socket.removeAllListeners('data');
    socket.pause();
  } else {
    inside[symbols.buffer] = null;
    inside[symbols.generator] = null;
  }
  if (rest.length > 0) socket.unshift(rest);
}
