// The clients of a soak: all behaviours at once, the keep-alive requests at a given rate, or as fast as they are answered where the
// rate is 0. Run as a program:
//   node load.js PORT RATE SECONDS COOKIES VANISHING
// COOKIES are the clients' Cookie fields, separated by commas, VANISHING that of the server that vanishes; either may be ''. It prints
// a line of JSON each second, a LoadReport, and one at the end.

import { setTimeout as wait } from 'node:timers/promises';
import { Pace } from '../pace.js';
import { openConnections } from './asking-connection.js';
import * as behaviours from './behaviours.js';

export interface LoadReport {
  /** Keep-alive requests that were answered right. */
  readonly requests: number;
  /** What was done of everything, by behaviour. */
  readonly done: Readonly<Record<string, number>>;
  /** By behaviour and what went wrong. */
  readonly errors: Readonly<Record<string, number>>;
  /** Open at this moment, without WebSockets. */
  readonly connections: number;
}

const REPORT_EVERY_MS = 1_000;
const KEEP_ALIVE_CLIENTS = 64;
const PAUSE_MS = 200;
/** How many clients of each behaviour there are. Between two turns each waits PAUSE_MS. */
const OTHERS: readonly [string, number, behaviours.Behaviour][] = [
  ['websocket', 8, behaviours.useWebSocket],
  ['slow reader', 8, behaviours.readSlowly],
  ['slow writer', 8, behaviours.writeSlowly],
  ['abort in head', 2, behaviours.abortInHead],
  ['abort in body', 2, behaviours.abortInBody],
  ['abort in answer', 2, behaviours.abortInAnswer],
];
const VANISHING_CLIENTS = 4;

const [port, rate, seconds, cookies, vanishing] = process.argv.slice(2);
const bound = cookies.split(',');
const done: Record<string, number> = {};
const errors: Record<string, number> = {};
const pace = new Pace(Number(rate));

async function keepAsking(cookie: string): Promise<void> {
  const ask = behaviours.keepAliveClient();
  for (;;) {
    await new Promise<void>((resolve) => pace.next(resolve));
    count('request', await ask({ port: Number(port), cookie }));
  }
}

async function keepDoing(name: string, behaviour: behaviours.Behaviour, cookie: string): Promise<void> {
  for (;;) {
    count(name, await behaviour({ port: Number(port), cookie }));
    await wait(PAUSE_MS);
  }
}

function count(name: string, outcome: string): void {
  if (outcome === 'ok') done[name] = (done[name] ?? 0) + 1;
  else errors[`${name}: ${outcome}`] = (errors[`${name}: ${outcome}`] ?? 0) + 1;
}

function report(): void {
  const now: LoadReport = { requests: done.request ?? 0, done, errors, connections: openConnections() };
  console.log(JSON.stringify(now));
}

for (let client = 0; client < KEEP_ALIVE_CLIENTS; client++) void keepAsking(bound[client % bound.length]);
for (const [name, clients, behaviour] of OTHERS) {
  for (let client = 0; client < clients; client++) void keepDoing(name, behaviour, bound[client % bound.length]);
}
if (vanishing !== '') {
  for (let client = 0; client < VANISHING_CLIENTS; client++) void keepDoing('vanishing server', behaviours.askVanishing, vanishing);
}
setInterval(report, REPORT_EVERY_MS);
setTimeout(() => {
  report();
  process.exit();
}, Number(seconds) * 1000);
