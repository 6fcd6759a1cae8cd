// Asks a proxy a few single questions before it is measured: a peer that answers wrongly, sticks to nothing or sets
// no cookie does less work than the others, and its figures would mean nothing.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { pathOf } from './answers.js';
import type { Cell } from './cells.js';

import { bodyOf } from './upstream.js';

export interface CheckResult {
  /** What a bound client sends from now on; undefined where the cell has no stickiness. */
  readonly cookie?: string;
  /** For TLS: version and suite. */
  readonly negotiated?: string;
}

interface Answer {
  readonly setCookie?: string;
  readonly server?: string;
  readonly negotiated?: string;
}

const TIMEOUT_MS = 5_000;
const REPEATS_WHILE_BOUND = 4;

/** Throws an error that says what is wrong with the answers. `ca` is the certificate that a TLS listener has. */
export async function checkAnswers(cell: Cell, port: number, ca: string): Promise<CheckResult> {
  const ask = cell.kind === 'websocket' ? askWebSocket : askHttp;
  const first = await ask(cell, port, ca);
  const negotiated = first.negotiated === undefined ? {} : { negotiated: first.negotiated };
  if (!cell.sticky) {
    if (first.setCookie !== undefined) throw new Error('sets a cookie although the cell has no stickiness');
    return negotiated;
  }
  if (first.setCookie === undefined) throw new Error('sets no cookie for a new client');
  const cookie = first.setCookie.split(';')[0];
  for (let repeat = 0; repeat < REPEATS_WHILE_BOUND; repeat++) {
    const next = await ask(cell, port, ca, cookie);
    if (next.server !== first.server) throw new Error(`a client bound to server ${first.server} came to ${next.server}`);
    if (next.setCookie !== undefined) throw new Error('sets the cookie again for a client that has it');
  }
  return { cookie, ...negotiated };
}

async function askHttp(cell: Cell, port: number, ca: string, cookie?: string): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: pathOf(cell),
      headers: cookieField(cookie),
      agent: false,
      timeout: TIMEOUT_MS,
      method: cell.load === 'upload' ? 'POST' : 'GET',
    };
    const request = cell.kind === 'tls' ? httpsRequest({ ...options, ca }) : httpRequest(options);
    request.once('response', resolve);
    request.once('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    request.once('error', reject);
    request.end(cell.load === 'upload' ? bodyOf(cell.bytes) : undefined);
  });
  const negotiated = cell.kind === 'tls' ? describeTls(response.socket as TLSSocket) : undefined;
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces);
  if (response.statusCode !== 200) throw new Error(`answers ${response.statusCode} instead of 200`);
  checkBody(cell, response, body);
  return answer(response, negotiated);
}

function checkBody(cell: Cell, response: IncomingMessage, body: Buffer): void {
  if (cell.load === 'upload') {
    const received = response.headers['x-received'];
    if (received !== String(cell.bytes)) throw new Error(`passes ${received} bytes of an upload on instead of ${cell.bytes}`);
    return;
  }
  if (body.length !== cell.bytes) throw new Error(`answers ${body.length} bytes instead of ${cell.bytes}`);
  if (cell.load !== 'hang' && !body.equals(bodyOf(cell.bytes))) throw new Error('answers other bytes than the server sent');
}

async function askWebSocket(cell: Cell, port: number, _ca: string, cookie?: string): Promise<Answer> {
  const message = bodyOf(cell.bytes);
  return new Promise((resolve, reject) => {
    const url = `ws://127.0.0.1:${port}${pathOf(cell)}`;
    const options = { headers: cookieField(cookie), handshakeTimeout: TIMEOUT_MS, perMessageDeflate: false };
    const socket = new WebSocket(url, options);
    let upgrade: IncomingMessage | undefined;
    const deadline = setTimeout(() => socket.terminate(), TIMEOUT_MS);
    socket.once('upgrade', (response) => (upgrade = response));
    socket.once('open', () => socket.send(message));
    socket.once('message', (data) => {
      socket.close();
      if (!(data as Buffer).equals(message)) reject(new Error('echoes another message than was sent'));
      else resolve(answer(upgrade as IncomingMessage));
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(deadline);
      reject(new Error('closed before the echo')); // Changes nothing once the echo was there.
    });
  });
}

function cookieField(cookie: string | undefined): Record<string, string> {
  return cookie === undefined ? {} : { Cookie: cookie };
}

function answer(response: IncomingMessage, negotiated?: string): Answer {
  const setCookie = response.headers['set-cookie']?.[0];
  const server = response.headers['x-upstream'];
  return {
    ...(setCookie === undefined ? {} : { setCookie }),
    ...(typeof server === 'string' ? { server } : {}),
    ...(negotiated === undefined ? {} : { negotiated }),
  };
}

function describeTls(socket: TLSSocket): string {
  return `${socket.getProtocol()} ${socket.getCipher().standardName}`;
}
