// Clients that send a fixed number of requests per second, whether the proxy keeps up or not. A delay counts from when the
// request was due, so that one that an earlier answer held up is not made to look fast (coordinated omission). Requests become
// due by a clock of 1 ms. Run as a program:
//   node rate-load.js RATE PORT PATH CONNECTIONS ANSWER_BYTES SECONDS [COOKIE]
// It prints one line of JSON, a LoadResult of load.ts.

import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';

const [rate, port, path, connections, answerBytes, seconds, cookie] = process.argv.slice(2);
const cookieLine = cookie === undefined || cookie === '' ? '' : `Cookie: ${cookie}\r\n`;
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${cookieLine}\r\n`;
const latencyUs = createHistogram();
const readBuffer = Buffer.allocUnsafe(64 * 1024);
const free: Client[] = [];
/** When the requests that wait for a free connection were due; those before `nextDue` are on their way. */
const dueAtMs: number[] = [];

let nextDue = 0;
let completed = 0;
let bytes = 0;
let errors = 0;

class Client {
  readonly socket: Socket;
  private head = '';
  private missing = 0;
  private dueAtMs = 0;

  constructor() {
    const onread = { buffer: readBuffer, callback: (count: number) => this.received(count) };
    this.socket = connect({ port: Number(port), host: '127.0.0.1', onread });
    this.socket.setNoDelay(true);
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('close', () => errors++);
    free.push(this);
  }

  send(due: number): void {
    this.head = '';
    this.missing = 0;
    this.dueAtMs = due;
    this.socket.write(request);
  }

  private received(count: number): boolean {
    bytes += count;
    if (this.missing > 0) this.missing -= count;
    else this.readHead(count);
    if (this.missing === 0 && this.head.includes('\r\n\r\n')) this.answered();
    return true;
  }

  private readHead(count: number): void {
    this.head += readBuffer.toString('latin1', 0, count);
    const end = this.head.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!this.head.startsWith('HTTP/1.1 200 ')) this.socket.destroy();
    this.missing = Number(answerBytes) - (this.head.length - end - 4);
  }

  private answered(): void {
    latencyUs.record(Math.max(1, Math.round((performance.now() - this.dueAtMs) * 1000)));
    completed++;
    free.push(this);
    sendDue();
  }
}

function sendDue(): void {
  while (nextDue < dueAtMs.length && free.length > 0) {
    const client = free.shift() as Client; // The one that has rested longest, so that all are used.
    if (!client.socket.destroyed) client.send(dueAtMs[nextDue++]);
  }
}

const startedAtMs = performance.now();
for (let client = 0; client < Number(connections); client++) new Client();
const clock = setInterval(() => {
  const periodMs = 1000 / Number(rate);
  for (let due = startedAtMs + dueAtMs.length * periodMs; due <= performance.now(); due += periodMs) dueAtMs.push(due);
  sendDue();
}, 1);

setTimeout(() => {
  clearInterval(clock);
  // What has no answer by now has waited at least so long.
  for (const due of dueAtMs.slice(nextDue)) latencyUs.record(Math.max(1, Math.round((performance.now() - due) * 1000)));
  const percentileMs = (percent: number) => (latencyUs.count === 0 ? 0 : latencyUs.percentile(percent) / 1000);
  const [p50Ms, p90Ms, p99Ms, p999Ms] = [50, 90, 99, 99.9].map(percentileMs);
  const durationMs = performance.now() - startedAtMs;
  console.log(JSON.stringify({ completed, bytes, errors, durationMs, p50Ms, p90Ms, p99Ms, p999Ms }));
  process.exit();
}, Number(seconds) * 1000);
