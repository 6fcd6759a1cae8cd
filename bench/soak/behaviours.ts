// What the clients of a soak do, once each time they are called. Each resolves with 'ok' or with what went wrong.

import { randomBytes, randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { AskingConnection, type Outcome } from './asking-connection.js';
import { MOST_BODY_BYTES, SEEDS, soakBody } from './bodies.js';

export interface SoakTarget {
  readonly port: number;
  /** The value of a Cookie field, '' for none. */
  readonly cookie: string;
}

export type Behaviour = (target: SoakTarget) => Promise<Outcome>;

const PIECE_PAUSE_MS = 20;
const ABORT_AFTER_MS = 10;
const SLOW_BODY_BYTES = 256 * 1024;
const WEBSOCKET_SILENCE_MS = 30_000;

/** Asks on one connection as long as the proxy keeps it: mostly small answers, some large ones in chunks, some uploads in chunks. */
export function keepAliveClient(): Behaviour {
  let connection: AskingConnection | undefined;
  return async (target) => {
    const stray = connection?.stray;
    if (connection === undefined || !connection.isUsable) connection = new AskingConnection(target.port);
    if (stray !== undefined) return stray;
    const kind = randomInt(100);
    if (kind < 90) return get(connection, target, 'body', randomInt(1, 8 * 1024));
    return kind < 95 ? get(connection, target, 'chunked', randomInt(1, 128 * 1024)) : mirror(connection, target, randomInt(1, 64 * 1024));
  };
}

/** Opens a WebSocket, has messages of many sizes echoed, and closes it, or now and then leaves without a word. */
export async function useWebSocket(target: SoakTarget): Promise<Outcome> {
  const headers = target.cookie === '' ? {} : { Cookie: target.cookie };
  const socket = new WebSocket(`ws://127.0.0.1:${target.port}/echo`, { headers, perMessageDeflate: false });
  let left = randomInt(1, 12);
  let awaited: Buffer = Buffer.alloc(0);
  return new Promise((resolve) => {
    const give = (outcome: Outcome) => {
      clearTimeout(silence);
      resolve(outcome);
      socket.terminate();
    };
    const silence = setTimeout(() => give('silent'), WEBSOCKET_SILENCE_MS);
    const sendNext = () => {
      awaited = soakBody(randomInt(SEEDS), randomInt(randomInt(2) === 0 ? 200 : 70_000));
      socket.send(awaited);
    };
    socket.on('open', sendNext);
    socket.on('message', (data) => {
      if (!(data as Buffer).equals(awaited)) give('wrong bytes');
      else if (--left > 0) sendNext();
      else if (randomInt(4) === 0) give('ok');
      else socket.close(1000);
    });
    socket.on('error', (error) => give(`cut: ${error.message}`));
    socket.on('close', (code) => give(code === 1000 ? 'ok' : `closed with ${code}`));
  });
}

export async function readSlowly(target: SoakTarget): Promise<Outcome> {
  const connection = new AskingConnection(target.port, true);
  return andClose(connection, get(connection, target, 'chunked', SLOW_BODY_BYTES));
}

/** A few bytes of the head at a time, then chunk by chunk. */
export async function writeSlowly(target: SoakTarget): Promise<Outcome> {
  const connection = new AskingConnection(target.port);
  const body = soakBody(randomInt(SEEDS), 40_000);
  const send = async (socket: Socket) => {
    const head = mirrorHead(target);
    for (let at = 0; at < head.length && !socket.destroyed; at += 24) await writeAndPause(socket, head.slice(at, at + 24));
    for (let at = 0; at < body.length && !socket.destroyed; at += 1_000) await writeAndPause(socket, chunk(body.subarray(at, at + 1_000)));
    socket.write('0\r\n\r\n');
  };
  return andClose(connection, connection.ask(send, body));
}

export async function abortInHead({ port }: SoakTarget): Promise<Outcome> {
  return abort(port, `GET /body/1/100 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Cut: `);
}

export async function abortInBody(target: SoakTarget): Promise<Outcome> {
  return abort(target.port, mirrorHead(target) + chunk(soakBody(randomInt(SEEDS), 20_000)).toString('latin1'));
}

export async function abortInAnswer(target: SoakTarget): Promise<Outcome> {
  const seed = randomInt(SEEDS);
  return abort(target.port, getHead(target, 'chunked', seed, MOST_BODY_BYTES), soakBody(seed, MOST_BODY_BYTES));
}

/** For a server that vanishes: the exchange may fail, as long as somebody says so and what comes is right. */
export async function askVanishing(target: SoakTarget): Promise<Outcome> {
  const connection = new AskingConnection(target.port);
  const outcome = await andClose(connection, get(connection, target, 'chunked', randomInt(1, SLOW_BODY_BYTES)));
  return /^(cut|status 50[234])/.test(outcome) ? 'ok' : outcome;
}

function get(connection: AskingConnection, target: SoakTarget, path: string, bytes: number): Promise<Outcome> {
  const seed = randomInt(SEEDS);
  const head = getHead(target, path, seed, bytes);
  return connection.ask((socket) => socket.write(head, 'latin1'), soakBody(seed, bytes));
}

function mirror(connection: AskingConnection, target: SoakTarget, bytes: number): Promise<Outcome> {
  const body = soakBody(randomInt(SEEDS), bytes);
  return connection.ask((socket) => {
    socket.cork();
    socket.write(mirrorHead(target), 'latin1');
    for (let at = 0; at < bytes; at += 8_000) socket.write(chunk(body.subarray(at, at + 8_000)));
    socket.write('0\r\n\r\n');
    socket.uncork();
  }, body);
}

/** Half of them with a reset, half with an orderly end. What the proxy says to it is not asked for. */
async function abort(port: number, beginning: string, expected: Buffer = Buffer.alloc(0)): Promise<Outcome> {
  const connection = new AskingConnection(port);
  const outcome = connection.ask((socket) => socket.write(beginning, 'latin1'), expected);
  const refused = await Promise.race([outcome, pause(ABORT_AFTER_MS)]);
  if (randomInt(2) === 0) connection.socket.resetAndDestroy();
  else connection.socket.destroy();
  return refused === 'cut: ECONNREFUSED' ? refused : 'ok';
}

async function andClose(connection: AskingConnection, asked: Promise<Outcome>): Promise<Outcome> {
  const outcome = await asked;
  connection.socket.destroy();
  return outcome;
}

function getHead({ port, cookie }: SoakTarget, path: string, seed: number, bytes: number): string {
  const head = `GET /${path}/${seed}/${bytes} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
  return `${head}${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}\r\n`;
}

function mirrorHead({ port, cookie }: SoakTarget): string {
  const head = `POST /mirror HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\nX-Some: ${randomBytes(30).toString('hex')}\r\n`;
  return `${head}${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}\r\n`;
}

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

async function writeAndPause(socket: Socket, bytes: string | Buffer): Promise<void> {
  socket.write(bytes);
  await pause(PIECE_PAUSE_MS);
}
