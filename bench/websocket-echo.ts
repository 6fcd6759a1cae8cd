// The WebSocket server behind the proxies: sends back what it gets. Run as a program:
//   node websocket-echo.js NAME=PORT [NAME=PORT ...]
// Each port is a server of its own that gives its name in X-Upstream.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

for (const argument of process.argv.slice(2)) {
  const [name, port] = argument.split('=');
  const server = createServer((_request, response) => {
    response.writeHead(426).end();
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('headers', (headers) => headers.push(`X-Upstream: ${name}`));
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => socket.terminate());
  });
  server.listen(Number(port), '127.0.0.1');
}
