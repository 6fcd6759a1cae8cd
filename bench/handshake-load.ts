// Clients that make a TLS connection, ask once, read the answer and close, again and again; with `resume` all but the
// first of each client resume a session, and one that was not resumed is an error. RATE is how many are made
// in a second by all together, 0: as many as can be. Run as a program:
//   node handshake-load.js full|resume RATE PORT PATH CONNECTIONS ANSWER_BYTES SECONDS
// It prints one line of JSON, a LoadResult of load.ts.

import { createHistogram } from 'node:perf_hooks';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { Pace } from './pace.js';

const [pattern, rate, port, path, connections, answerBytes, seconds] = process.argv.slice(2);
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
const pace = new Pace(Number(rate));
const latencyUs = createHistogram();

let completed = 0;
let bytes = 0;
let errors = 0;
let isOver = false;

/** Not verified: what the client does beyond the handshake is not what is measured. */
const terms: ConnectionOptions = { host: '127.0.0.1', port: Number(port), rejectUnauthorized: false };

function ask(session?: Buffer): void {
  const startedAtMs = performance.now();
  const socket: TLSSocket = connect(session === undefined ? terms : { ...terms, session });
  let received = 0;
  let latest = session;
  let status = '';
  socket.once('secureConnect', () => {
    if (session !== undefined && !socket.isSessionReused()) errors++;
    socket.write(request);
  });
  if (pattern === 'resume') socket.on('session', (given: Buffer) => (latest = given));
  socket.on('data', (piece: Buffer) => {
    if (received === 0) status = piece.toString('latin1', 0, 12);
    received += piece.length;
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    if (isOver) return;
    bytes += received;
    if (status === 'HTTP/1.1 200' && received > Number(answerBytes)) completed++;
    else errors++;
    latencyUs.record(Math.max(1, Math.round((performance.now() - startedAtMs) * 1000)));
    pace.next(() => ask(latest));
  });
}

const startedAtMs = performance.now();
for (let client = 0; client < Number(connections); client++) pace.next(() => ask());

setTimeout(() => {
  isOver = true;
  const percentileMs = (percent: number) => (completed === 0 ? 0 : latencyUs.percentile(percent) / 1000);
  const [p50Ms, p90Ms, p99Ms, p999Ms] = [50, 90, 99, 99.9].map(percentileMs);
  const durationMs = performance.now() - startedAtMs;
  console.log(JSON.stringify({ completed, bytes, errors, durationMs, p50Ms, p90Ms, p99Ms, p999Ms }));
  process.exit();
}, Number(seconds) * 1000);
