// Writing to a plain socket's handle without the stream in front of it, which costs more than the system call (bench, HTTP
// 100 B). What the kernel takes at once, nearly everything, needs no bookkeeping; of the rest the owner is told when it
// has left. Node's inside: all of it is in this file, found when the program starts, with `socket.write` as fallback.
import net from 'node:net';

/** Who wrote, and is told when the rest that the kernel did not take at once has left, or will not: `error` is then a negative errno. */
export interface DirectWriter {
  takeDirectEnd(error: number): void;
}

/** What libuv keeps of a write that is under way. */
interface WriteRequest {
  /** -1 as long as no write has made it its own. */
  getAsyncId(): number;
  oncomplete: (this: WriteRequest, status: number) => void;
  writer: DirectWriter | null;
  /** What is being written from: libuv points into it, and nobody else may hold it. */
  data: string | Buffer;
}

/**
 * The methods of a handle that write. Up to Node 24 they want a request, which they use only if not all was taken at once,
 * and return 0 or a negative errno; from Node 26 on they want none, and return one instead of 0 if not all was taken.
 */
interface WriteHandle {
  writeLatin1String(request: WriteRequest | null, text: string): number | WriteRequest;
  writeBuffer(request: WriteRequest | null, bytes: Buffer): number | WriteRequest;
  readonly writeQueueSize: number;
}

type RequestClass = new () => WriteRequest;

/** What Node hands to a handle as a request: no module exports the class, so a handle that only looks like one is written to. */
function requestOfNode(): object | null | undefined {
  let given: object | null | undefined;
  const handle = {
    getAsyncId: () => 1,
    readStart: () => 0,
    readStop: () => 0,
    close: () => {},
    writeLatin1String: (request: object | null) => {
      given = request;
      return 0;
    },
  };
  try {
    const socket = new net.Socket({ handle } as net.SocketConstructorOpts);
    socket.on('error', () => {});
    socket.write('-', 'latin1');
  } catch {
    return undefined;
  }
  return given;
}

const given = requestOfNode();
const Request = given?.constructor.name === 'WriteWrap' ? classThatTells(given.constructor as RequestClass) : null;

function classThatTells(Class: RequestClass): RequestClass | null {
  const fresh = new Class() as Partial<WriteRequest>;
  return fresh.getAsyncId?.() === -1 ? Class : null;
}

/** Whether sockets can be written to this way on this Node. */
export const writesDirectly = given === null || Request !== null;

/** Serves write after write until one of them is not done at once and keeps it; null where handles want none. */
let spare: WriteRequest | null = Request === null ? null : new Request();

function takeCompletion(this: WriteRequest, status: number): void {
  const { writer } = this;
  this.writer = null;
  this.data = '';
  writer?.takeDirectEnd(status);
}

/**
 * Writes to a connected plain socket. Only when nothing is queued for it. Returns how many bytes are queued, 0 if the kernel took
 * all at once; if not 0, `writer` hears when they have left, and `data` must not change until then. -1: not written, use the stream,
 * which also tells of errors.
 */
export function writeDirectly(socket: net.Socket, data: string | Buffer, writer: DirectWriter): number {
  const handle = (socket as unknown as { readonly _handle: WriteHandle | null })._handle;
  if (!writesDirectly || handle === null || socket.connecting) return -1;
  const result = typeof data === 'string' ? handle.writeLatin1String(spare, data) : handle.writeBuffer(spare, data);
  // That nothing is queued does not mean that the write is over: libuv may take all at its second try, and tell of it later.
  if (result === 0 && (spare === null || spare.getAsyncId() === -1)) return 0;
  const request = typeof result === 'number' ? spare : result;
  if (Request !== null) spare = new Request();
  if ((typeof result === 'number' && result !== 0) || request === null) return -1;
  request.oncomplete = takeCompletion;
  request.writer = writer;
  request.data = data;
  return Math.max(1, handle.writeQueueSize);
}
