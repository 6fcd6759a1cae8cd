// WebSocket clients for the benchmark: each sends one message, waits for its echo, and sends the next, RATE messages per
// second of all together, or as fast as they come back where it is 0. They work on
// bare sockets and count bytes, because a full client would cost more than the proxy it measures. Run as a program:
//   node websocket-load.js RATE PORT PATH CONNECTIONS MESSAGE_BYTES SECONDS [COOKIE]
// It prints one line of JSON, a LoadResult of load.ts.

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { frameOf } from './light-load.js';
import { Pace } from './pace.js';
import { bodyOf } from './upstream.js';

const [rate, port, path, connections, messageBytes, seconds, cookie] = process.argv.slice(2);
/** All connections send the same. */
const message = frameOf(bodyOf(Number(messageBytes)), randomBytes(4));
const echoBytes = message.length - 4; // The server's frame is the same but for the masking key.
const pace = new Pace(Number(rate));
const latencyUs = createHistogram();
const readBuffer = Buffer.allocUnsafe(256 * 1024);

let completed = 0;
let bytes = 0;
let errors = 0;
let isOver = false;

class EchoClient {
  readonly socket: Socket;
  private head = '';
  private isOpen = false;
  private waitingFor = 0;
  private sentAtMs = 0;

  constructor() {
    this.socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      onread: { buffer: readBuffer, callback: (count) => this.received(count) },
    });
    this.socket.setNoDelay(true);
    this.socket.on('error', () => this.failed());
    this.socket.on('close', () => this.failed());
    this.socket.write(handshake());
  }

  private received(count: number): boolean {
    bytes += count;
    if (!this.isOpen) {
      this.readHead(count);
      return true;
    }
    this.waitingFor -= count;
    if (this.waitingFor < 0) {
      this.socket.destroy(); // More than was asked for: 'close' counts it.
    } else if (this.waitingFor === 0) {
      latencyUs.record(Math.max(1, Math.round((performance.now() - this.sentAtMs) * 1000)));
      completed++;
      if (!isOver) pace.next(() => this.send());
    }
    return true;
  }

  private readHead(count: number): void {
    this.head += readBuffer.toString('latin1', 0, count);
    if (!this.head.endsWith('\r\n\r\n')) return;
    if (!this.head.startsWith('HTTP/1.1 101 ')) {
      this.socket.destroy();
      return;
    }
    this.isOpen = true;
    pace.next(() => this.send());
  }

  private send(): void {
    this.waitingFor = echoBytes;
    this.sentAtMs = performance.now();
    this.socket.write(message);
  }

  private failed(): void {
    if (!isOver) errors++;
    this.socket.destroy();
  }
}

function handshake(): string {
  const fields = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ];
  if (cookie !== undefined && cookie !== '') fields.push(`Cookie: ${cookie}`);
  return `${fields.join('\r\n')}\r\n\r\n`;
}

const startedAtMs = performance.now();
const clients = Array.from({ length: Number(connections) }, () => new EchoClient());

setTimeout(() => {
  isOver = true;
  const percentileMs = (percent: number) => (completed === 0 ? 0 : latencyUs.percentile(percent) / 1000);
  const result = {
    completed,
    bytes,
    errors,
    durationMs: performance.now() - startedAtMs,
    p50Ms: percentileMs(50),
    p90Ms: percentileMs(90),
    p99Ms: percentileMs(99),
    p999Ms: percentileMs(99.9),
  };
  for (const client of clients) client.socket.destroy();
  console.log(JSON.stringify(result));
}, Number(seconds) * 1000);
