// The servers behind the proxy of a soak: bodies with a length and in chunks, uploads that come back, WebSocket echo. Run as a program:
//   node servers.js NAME=PORT [NAME=PORT ...]
// The one that is called `c` vanishes now and then with all its connections, and comes back.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { soakBody } from './bodies.js';

const BACKLOG = 4096;
const THERE_MS = 5_000;
const GONE_MS = 1_000;
const CHUNK_BYTES = 10_000;

for (const argument of process.argv.slice(2)) {
  const [name, port] = argument.split('=');
  const server = soakServer(name);
  const listen = () => server.listen(Number(port), '127.0.0.1', BACKLOG);
  listen();
  if (name === 'c') vanishNowAndThen(server, listen);
}

/** It closes no connection by itself, so that one that the proxy forgets stays open. */
function soakServer(name: string): Server {
  const server = createServer({ keepAliveTimeout: 3_600_000, requestTimeout: 0 }, (request, response) => {
    // A client or a server that goes away in the middle is part of the soak.
    request.on('error', () => response.destroy());
    response.on('error', () => request.destroy());
    response.setHeader('X-Upstream', name);
    answer(request, response);
  });
  const sockets = new WebSocketServer({ server, path: '/echo', perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => socket.terminate());
  });
  return server;
}

/** `/body/SEED/BYTES`, `/chunked/SEED/BYTES`, or `/mirror`, which gives back what it gets. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, path, seed, bytes] = (request.url ?? '').split('/');
  if (path === 'mirror') {
    request.pipe(response);
  } else if (path === 'body') {
    response.setHeader('Content-Length', bytes).end(soakBody(Number(seed), Number(bytes)));
  } else if (path === 'chunked') {
    sendChunks(response, soakBody(Number(seed), Number(bytes)));
  } else {
    response.writeHead(404).end();
  }
}

function sendChunks(response: ServerResponse, body: Buffer): void {
  let sent = 0;
  const sendMore = () => {
    while (sent < body.length) {
      const isTaken = response.write(body.subarray(sent, sent + CHUNK_BYTES));
      sent += CHUNK_BYTES;
      if (!isTaken) {
        response.once('drain', sendMore);
        return;
      }
    }
    response.end();
  };
  sendMore();
}

function vanishNowAndThen(server: Server, listen: () => void): void {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  setInterval(() => {
    server.close();
    let count = 0;
    for (const socket of open) count++ % 2 === 0 ? socket.resetAndDestroy() : socket.destroy();
    setTimeout(listen, GONE_MS);
  }, THERE_MS);
}
