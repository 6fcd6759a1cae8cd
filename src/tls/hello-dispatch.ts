// Looks into the ClientHello for the server name, to choose the TLS server before TLS begins. Needed only where one TLS server cannot
// hold the certificates of all names (see tls-listener.ts); it decrypts nothing and answers nothing.
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { readServerName } from '../wire/client-hello.js';
import type { ServerNames } from './server-names.js';

export class HelloDispatch {
  constructor(
    private readonly servers: ServerNames<Server>,
    private readonly defaultServer: Server,
    private readonly deadlineMs: number,
    private readonly onFault: (socket: Socket, error: NodeJS.ErrnoException) => void,
  ) {}

  accept(socket: Socket): void {
    let hello: Buffer = Buffer.alloc(0);
    const release = (): void => {
      clearTimeout(deadline);
      socket.off('readable', onReadable);
      socket.off('error', onError);
      socket.off('close', onClose);
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      release();
      // A reset may still be on its way to a socket that nobody listens to any more.
      socket.on('error', ignore);
      socket.destroy();
      this.onFault(socket, error);
    };
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) {
        if (socket.readableEnded || !socket.readable) fail(fault('ECONNRESET', 'The client closed before its ClientHello was complete'));
        return;
      }
      hello = hello.length === 0 ? chunk : Buffer.concat([hello, chunk]);
      const name = readServerName(hello);
      if (name === null) return;
      release();
      socket.unshift(hello);
      (this.servers.find(name) ?? this.defaultServer).emit('connection', socket);
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(error);
    const onClose = (): void => fail(fault('ECONNRESET', 'The client closed before its ClientHello was complete'));
    const deadline = setTimeout(() => fail(fault('ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout')), this.deadlineMs);
    socket.on('readable', onReadable);
    socket.on('error', onError);
    socket.on('close', onClose);
  }
}

function fault(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

function ignore(): void {}
