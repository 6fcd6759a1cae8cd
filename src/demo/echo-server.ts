// A TCP line server, what the demo puts behind its TCP listeners: says who it is, then echoes line by line.
// It speaks no protocol and runs in the demo's own process.

import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';

const maxLineChars = 4096;

/** Starts one on `host`:`port`. Resolves when it listens; rejects with the system's error. */
export function startEchoServer(name: string, host: string, port: number): Promise<EchoServer> {
  return new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      echoLines(name, socket);
    });
    server.once('error', reject);
    server.listen(port, host, () => resolve(new EchoServer(server, sockets)));
  });
}

/** A running echo server, with the connections that it must close when it stops. */
export class EchoServer {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function echoLines(name: string, socket: Socket): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.write(`echo server ${name}: say something\n`);
  socket.on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = (lines.pop() ?? '').slice(0, maxLineChars);
    for (const line of lines) socket.write(`${name}: ${line.slice(0, maxLineChars)}\n`);
    if (socket.writableNeedDrain) socket.pause();
  });
  socket.on('drain', () => socket.resume());
}
