// Clients for what load generators do not do: connections that are opened and kept, or opened and closed, answers that are
// waited for, and answers that are read slowly. They work on bare sockets and count bytes. Run as a program:
//   node socket-load.js PATTERN RATE PORT PATH CONNECTIONS ANSWER_BYTES SECONDS [COOKIE]
// PATTERN is connect, idle, hang or slow; RATE, for connect, how many are opened in a second, 0: as many as can be. It prints one line of JSON, a LoadResult of load.ts.

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { Pace } from './pace.js';

const [pattern, rate, port, path, connections, answerBytes, seconds, cookie] = process.argv.slice(2);
const isUpgrade = pattern === 'connect' || pattern === 'idle';
/** 16 KB each 8 ms: 2 MB a second, slower than any proxy that is not held back. */
const SLOW_PAUSE_MS = 8;
const SLOW_READ_BYTES = 16 * 1024;
/** So many connections are opened at a time: more would overflow the proxy's queue of new connections. */
const OPENING_AT_ONCE = 256;
const pace = new Pace(Number(rate));
const latencyUs = createHistogram();
const sharedBuffer = Buffer.allocUnsafe(pattern === 'slow' ? SLOW_READ_BYTES : 64 * 1024);
const request = requestText();
const clients = new Set<Client>();

let completed = 0;
let bytes = 0;
let errors = 0;
let isOver = false;
let opened = 0;

class Client {
  readonly socket: Socket;
  private head = '';
  private isInBody = false;
  private missing = 0;
  private askedAtMs = performance.now();

  constructor() {
    clients.add(this);
    this.socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      onread: { buffer: sharedBuffer, callback: (count) => this.received(count) },
    });
    this.socket.setNoDelay(true);
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('close', () => this.closed());
    this.socket.write(request);
  }

  private received(count: number): boolean {
    bytes += count;
    let bodyStart = 0;
    if (!this.isInBody) {
      bodyStart = this.readHead(count);
      if (bodyStart < 0) return true;
    }
    if (isUpgrade) return true;
    this.missing -= count - bodyStart;
    if (this.missing < 0)
      this.socket.destroy(); // More than was asked for: 'close' counts it.
    else if (this.missing === 0) this.answered();
    if (pattern !== 'slow' || isOver) return true;
    setTimeout(() => this.socket.resume(), SLOW_PAUSE_MS);
    return false;
  }

  /** Where the body begins in the buffer, -1 while the head is not complete. */
  private readHead(count: number): number {
    const before = this.head.length;
    this.head += sharedBuffer.toString('latin1', 0, count);
    const end = this.head.indexOf('\r\n\r\n');
    if (end < 0) return -1;
    this.isInBody = true;
    if (!this.head.startsWith(isUpgrade ? 'HTTP/1.1 101 ' : 'HTTP/1.1 200 ')) this.socket.destroy();
    else if (isUpgrade) this.answered();
    else this.missing = Number(answerBytes);
    return end + 4 - before;
  }

  private answered(): void {
    latencyUs.record(Math.max(1, Math.round((performance.now() - this.askedAtMs) * 1000)));
    completed++;
    opened++;
    if (pattern === 'idle') openSome();
    if (pattern === 'idle' || isOver) return;
    if (pattern === 'connect') {
      clients.delete(this);
      this.socket.destroy();
      pace.next(openAnother);
      return;
    }
    this.head = '';
    this.isInBody = false;
    this.askedAtMs = performance.now();
    this.socket.write(request);
  }

  private closed(): void {
    if (!isOver && clients.delete(this)) errors++;
  }
}

function requestText(): string {
  const fields = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`];
  if (isUpgrade) {
    const key = randomBytes(16).toString('base64');
    fields.push('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`);
  }
  if (cookie !== undefined && cookie !== '') fields.push(`Cookie: ${cookie}`);
  return `${fields.join('\r\n')}\r\n\r\n`;
}

function openSome(): void {
  const inFlight = pattern === 'idle' ? clients.size - opened : 0;
  for (let free = OPENING_AT_ONCE - inFlight; free > 0 && clients.size < Number(connections); free--) new Client();
}

/** In the place of one that was closed. */
function openAnother(): void {
  if (!isOver) new Client();
}

const startedAtMs = performance.now();
openSome();
// Those that wait for an answer cannot say when they are open, so that they come in portions; those that are closed at once come once.
const opening = setInterval(
  () => (pattern !== 'connect' && clients.size < Number(connections) && errors === 0 ? openSome() : clearInterval(opening)),
  50,
);

setTimeout(() => {
  isOver = true;
  clearInterval(opening);
  const percentileMs = (percent: number) => (completed === 0 ? 0 : latencyUs.percentile(percent) / 1000);
  if (pattern === 'idle' && completed < Number(connections)) errors += Number(connections) - completed;
  const [p50Ms, p90Ms, p99Ms, p999Ms] = [50, 90, 99, 99.9].map(percentileMs);
  const durationMs = performance.now() - startedAtMs;
  console.log(JSON.stringify({ completed, bytes, errors, durationMs, p50Ms, p90Ms, p99Ms, p999Ms }));
  for (const client of clients) client.socket.destroy();
}, Number(seconds) * 1000);
