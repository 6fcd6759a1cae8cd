// A real SockJS server with the four services that the SockJS authors' protocol checks ask for. Its streaming
// limit is small, so that a check sees a stream end; it says what it has received, so that nobody has to sleep.
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SockjsConnection, type SockjsServer as SockjsService, sockjs } from '../../fixtures/untyped-packages.js';

export interface SockJsServer {
  readonly port: number;
  /** How many requests have come so far, upgrades not counted. */
  readonly requestCount: number;
  /** How many of them ended before they had been answered. */
  readonly abortCount: number;
  /** Waits until the condition holds; it is asked again whenever a count changes. */
  until(holds: (server: SockJsServer) => boolean): Promise<void>;
  close(): void;
}

class RunningSockJsServer extends EventEmitter implements SockJsServer {
  requestCount = 0;
  abortCount = 0;

  constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    super();
  }

  observe(response: ServerResponse): void {
    this.requestCount++;
    this.emit('change');
    response.on('close', () => {
      if (response.writableFinished) return;
      this.abortCount++;
      this.emit('change');
    });
  }

  async until(holds: (server: SockJsServer) => boolean): Promise<void> {
    while (!holds(this)) await once(this, 'change', { signal: AbortSignal.timeout(10_000) });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** Starts the services /echo, /disabled_websocket_echo, /cookie_needed_echo and /close on a free port. */
export async function startSockJsServer(): Promise<SockJsServer> {
  const server = createServer();
  server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(404, { 'Content-Type': 'text/plain' });
    response.end('no service here');
  });
  // Sessions are forgotten soon after their last poll, because their timers keep the test's process alive.
  const common = { response_limit: 4096, disconnect_delay: 2000, log: () => {} };

  const echo = (connection: SockjsConnection | null) => connection?.on('data', (message) => connection.write(message));
  const services: [prefix: string, service: SockjsService, onConnection: (connection: SockjsConnection | null) => void][] = [
    ['/echo', sockjs.createServer(common), echo],
    ['/disabled_websocket_echo', sockjs.createServer({ ...common, websocket: false }), echo],
    ['/cookie_needed_echo', sockjs.createServer({ ...common, jsessionid: true }), echo],
    ['/close', sockjs.createServer(common), (connection) => connection?.close(3000, 'Go away!')],
  ];
  for (const [prefix, service, onConnection] of services) {
    service.on('connection', onConnection);
    service.installHandlers(server, { prefix });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const running = new RunningSockJsServer(server, (server.address() as AddressInfo).port);
  server.prependListener('request', (_request, response) => running.observe(response));
  return running;
}
