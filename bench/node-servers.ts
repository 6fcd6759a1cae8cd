// The servers behind the proxies for what files cannot answer: WebSocket echo, uploads, and answers that take their time.
// Run as a program:  node node-servers.js NAME=PORT [NAME=PORT ...]
// Each port is a server of its own that gives its name in X-Upstream.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';

const HANG_MS = 1_000;
const BACKLOG = 8192;
const late = Buffer.alloc(100, 'x');

for (const argument of process.argv.slice(2)) {
  const [name, port] = argument.split('=');
  const server = createServer({ keepAliveTimeout: 3_600_000, requestTimeout: 0 }, (request, response) => {
    response.setHeader('X-Upstream', name);
    if (request.url === '/upload') swallow(request, response);
    else if (request.url === '/hang') setTimeout(() => response.end(late), HANG_MS);
    else response.writeHead(426).end();
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('headers', (headers) => headers.push(`X-Upstream: ${name}`));
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => socket.terminate());
  });
  server.listen(Number(port), '127.0.0.1', BACKLOG);
}

/** Answers when all of the body is there, with how much that was. */
function swallow(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (piece: Buffer) => (bytes += piece.length));
  request.on('end', () => response.setHeader('X-Received', String(bytes)).end());
}
