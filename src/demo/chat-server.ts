// One chat server of the demo, a process of its own: SockJS with the options that Meteor uses, the page's files,
// and the buttons' requests, which it passes to the demo. It knows no other chat server and no proxy.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import zlib from 'node:zlib';
import { parse as parseCookies } from 'cookie';
import deflate from 'permessage-deflate';
import type { Connection } from 'sockjs';
import sockjs from 'sockjs';
import type {
  ChatLine,
  ChatServerOptions,
  ControlAction,
  FromChatServer,
  FromPage,
  ServerState,
  ToChatServer,
  ToPage,
  Verdict,
} from './messages.js';
import { loadPageFiles } from './page-files.js';

const maxHistoryLines = 50;
const maxNameChars = 24;
const maxTextChars = 400;

const options = JSON.parse(process.argv[2]) as ChatServerOptions;
const pageFiles = loadPageFiles();
const history: ChatLine[] = [...options.history];
const sessions = new Map<Connection, string>();
const waitingControls = new Map<number, ServerResponse>();
let servers: readonly ServerState[] = [];
let lastControlId = 0;

function tellDemo(message: FromChatServer): void {
  if (process.connected) process.send?.(message);
}

function tellPage(connection: Connection, message: ToPage): void {
  connection.write(JSON.stringify(message));
}

function tellEveryPage(message: ToPage): void {
  const text = JSON.stringify(message);
  for (const connection of sessions.keys()) connection.write(text);
}

function onConnection(connection: Connection): void {
  sessions.set(connection, '');
  tellDemo({ kind: 'sessions', count: sessions.size });
  connection.on('data', (text: string) => onPageMessage(connection, text));
  connection.on('close', () => {
    sessions.delete(connection);
    tellDemo({ kind: 'sessions', count: sessions.size });
  });
  const { name: server, cookieName, entrances } = options;
  tellPage(connection, { kind: 'hello', server, transport: connection.protocol, cookieName, entrances, servers, history });
}

function onPageMessage(connection: Connection, text: string): void {
  const message = readPageMessage(text);
  if (message === null) {
    connection.close(4000, 'not a message of this page');
  } else if (message.kind === 'join') {
    // A polling session that its page left without a word would be counted until SockJS gives it up, 60 s later.
    for (const [other, visitor] of sessions) if (visitor === message.visitor && other !== connection) other.close(4001, 'replaced');
    sessions.set(connection, message.visitor);
  } else if (message.text.trim() !== '') {
    const name = message.name.trim().slice(0, maxNameChars) || 'somebody';
    const line = { atMs: Date.now(), name, text: message.text.trim().slice(0, maxTextChars), server: options.name };
    tellDemo({ kind: 'line', line });
  }
}

function readPageMessage(text: string): FromPage | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof message !== 'object' || message === null) return null;
  const { kind, visitor, name, text: said } = message as Record<string, unknown>;
  if (kind === 'join' && typeof visitor === 'string' && visitor !== '') return { kind, visitor };
  if (kind === 'say' && typeof name === 'string' && typeof said === 'string') return { kind, name, text: said };
  return null;
}

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?', 1)[0];
  const control = /^\/demo\/servers\/([^/]+)\/(start|stop)$/.exec(path);
  if (control !== null && request.method === 'POST') {
    onControl(request, response, decodeURIComponent(control[1]), control[2] as ControlAction);
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    answerJson(response, 405, { message: 'method not allowed' });
  } else if (path === '/demo/me') {
    answerJson(response, 200, describeRequest(request));
  } else {
    const file = pageFiles.get(path);
    if (file === undefined) answerJson(response, 404, { message: 'no such page' });
    else answer(response, 200, file.type, file.body);
  }
}

/** What this server learns of the client through the proxy. */
function describeRequest(request: IncomingMessage): Record<string, string | null> {
  return {
    server: options.name,
    cookie: parseCookies(request.headers.cookie ?? '')[options.cookieName] ?? null,
    client: header(request, 'x-forwarded-for'),
    scheme: header(request, 'x-forwarded-proto'),
  };
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

function onControl(request: IncomingMessage, response: ServerResponse, server: string, action: ControlAction): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    answerJson(response, 403, { message: 'only the demo page itself may do this' });
    return;
  }
  // Unread bytes of the request would turn the close of a dying server into a reset, and the answer would be lost.
  request.resume();
  const id = ++lastControlId;
  waitingControls.set(id, response);
  tellDemo({ kind: 'control', id, action, server });
}

function answerControl(id: number, verdict: Verdict): void {
  const response = waitingControls.get(id);
  if (response === undefined) return;
  waitingControls.delete(id);
  // 'close' comes after the answer was handed to the kernel, and also when the client has gone meanwhile.
  response.on('close', () => tellDemo({ kind: 'answered', id }));
  if (response.destroyed) tellDemo({ kind: 'answered', id });
  else answerJson(response, verdict.status, { message: verdict.message });
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  answer(response, status, 'application/json', Buffer.from(JSON.stringify(body)));
}

function answer(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': body.length,
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': "default-src 'self'; connect-src 'self' ws: wss:; img-src data:; base-uri 'none'; form-action 'none'",
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

function onDemoMessage(message: ToChatServer): void {
  if (message.kind === 'servers') {
    servers = message.servers;
    tellEveryPage(message);
  } else if (message.kind === 'line') {
    history.push(message.line);
    if (history.length > maxHistoryLines) history.shift();
    tellEveryPage(message);
  } else {
    answerControl(message.id, message.verdict);
  }
}

const compression = {
  level: zlib.constants.Z_BEST_SPEED,
  memLevel: zlib.constants.Z_MIN_MEMLEVEL,
  maxWindowBits: zlib.constants.Z_MIN_WINDOWBITS + 1,
  noContextTakeover: true,
};
const chat = sockjs.createServer({
  prefix: '/sockjs',
  heartbeat_delay: 45_000,
  disconnect_delay: 60_000,
  jsessionid: false,
  sockjs_url: '/sockjs.min.js',
  faye_server_options: { extensions: [deflate.configure(compression)] },
  log() {},
});
chat.on('connection', onConnection);

const http = createServer(onRequest);
chat.installHandlers(http);
http.on('error', (error: NodeJS.ErrnoException) => {
  tellDemo({ kind: 'failed', code: error.code ?? error.message });
  process.disconnect();
});
http.listen(options.port, options.host, () => tellDemo({ kind: 'listening' }));

process.on('message', (message) => onDemoMessage(message as ToChatServer));
// The demo ends its servers itself; one that it can no longer reach ends by itself, however the demo went.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
