// A proxy as one builds it with http-proxy or a library like it: keep-alive agent, forwarded fields, round-robin with a
// route cookie, and a combined access log written in blocks. Run as a program:  node library-server.js CONFIG_FILE

import { openSync, readFileSync, write } from 'node:fs';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { SecureVersion } from 'node:tls';
import type httpProxy from 'http-proxy';
import type { BenchServer } from '../upstream.js';

export type Library = 'http-proxy' | 'http-proxy-3' | 'httpxy';

export interface LibraryServerConfig {
  readonly library: Library;
  readonly port: number;
  readonly servers: readonly BenchServer[];
  readonly sticky: boolean;
  readonly accessLogPath?: string;
  readonly tls?: {
    readonly certPath: string;
    readonly keyPath: string;
    readonly minVersion: SecureVersion;
    readonly maxVersion: SecureVersion;
    readonly ciphers: string;
  };
}

const LOG_BLOCK_CHARS = 64 * 1024;
const LOG_FLUSH_MS = 1_000;

async function start(config: LibraryServerConfig): Promise<void> {
  const proxy = await createProxy(config.library);
  const newBindings = new WeakMap<IncomingMessage, string>();
  let turn = 0;

  function choose(request: IncomingMessage): BenchServer {
    const bound = config.sticky ? boundServer(request, config.servers) : undefined;
    if (bound !== undefined) return bound;
    const chosen = config.servers[turn++ % config.servers.length];
    if (config.sticky) newBindings.set(request, chosen.name);
    return chosen;
  }

  function setCookie(request: IncomingMessage, answer: IncomingMessage): void {
    const name = newBindings.get(request);
    if (name === undefined) return;
    answer.headers['set-cookie'] = [...(answer.headers['set-cookie'] ?? []), `route=${name}; Path=/; HttpOnly`];
    answer.headers['cache-control'] = 'private';
  }

  const log = config.accessLogPath === undefined ? undefined : new BlockLog(config.accessLogPath);
  proxy.on('proxyRes', (answer, request) => setCookie(request, answer));
  proxy.on('proxyReqWs', (outgoing, request) => outgoing.on('upgrade', (answer) => setCookie(request, answer)));
  proxy.on('error', (_error, _request, response) => {
    if ('writeHead' in response && !response.headersSent) response.writeHead(502).end();
    else response.destroy();
  });

  const server = config.tls === undefined ? createServer() : createTlsServer(tlsOptions(config.tls));
  server.on('request', (request, response) => {
    if (log !== undefined) response.on('finish', () => log.line(request, response.statusCode, response));
    proxy.web(request, response, { target: `http://127.0.0.1:${choose(request).port}` });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('close', () => log?.line(request, 101));
    proxy.ws(request, socket, head, { target: `ws://127.0.0.1:${choose(request).port}` });
  });
  server.listen(config.port, '127.0.0.1', 4096);
}

/** The other two began as http-proxy and are called in the same way. */
async function createProxy(library: Library): Promise<httpProxy> {
  const options = { agent: new Agent({ keepAlive: true, maxSockets: Infinity }), xfwd: true };
  if (library === 'httpxy') return (await import('httpxy')).createProxyServer(options) as unknown as httpProxy;
  if (library === 'http-proxy-3') return (await import('http-proxy-3')).createProxyServer(options) as unknown as httpProxy;
  return (await import('http-proxy')).default.createProxyServer(options);
}

function tlsOptions({ certPath, keyPath, ...terms }: NonNullable<LibraryServerConfig['tls']>): ServerOptions {
  return { ...terms, cert: readFileSync(certPath), key: readFileSync(keyPath) };
}

function boundServer(request: IncomingMessage, servers: readonly BenchServer[]): BenchServer | undefined {
  const value = /(?:^|;\s*)route=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
  return servers.find((server) => server.name === value);
}

class BlockLog {
  private readonly file: number;
  private pending = '';

  constructor(path: string) {
    this.file = openSync(path, 'a');
    setInterval(() => this.flush(), LOG_FLUSH_MS);
  }

  line(request: IncomingMessage, status: number, response?: ServerResponse): void {
    const { remoteAddress } = request.socket;
    const { referer = '-', 'user-agent': agent = '-' } = request.headers;
    const bytes = response?.getHeader('content-length') ?? '-';
    const first = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
    this.pending += `${remoteAddress} - - [${new Date().toISOString()}] "${first}" ${status} ${bytes} "${referer}" "${agent}"\n`;
    if (this.pending.length >= LOG_BLOCK_CHARS) this.flush();
  }

  private flush(): void {
    if (this.pending === '') return;
    const block = this.pending;
    this.pending = '';
    write(this.file, block, (error) => {
      if (error !== null) throw error;
    });
  }
}

await start(JSON.parse(readFileSync(process.argv[2], 'utf8')) as LibraryServerConfig);
