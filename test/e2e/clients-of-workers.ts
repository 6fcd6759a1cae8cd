// Connections of which a test knows the worker that has them, and clients that come again until they are served.
import { setTimeout as delay } from 'node:timers/promises';
import { RawClient, type RawResponse } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import type { LimpetProcess } from './limpet-process.js';
import { socketsOf, workerPids } from './worker-processes.js';

/** What a listener needs for {@link clientsOfEachWorker}: a route that no server is asked for. */
export const greeting = { match: { path: '/hello' }, respond: { status: 200, body: 'hello' } };

export const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: limpet.test\r\n\r\n`;

const sharesPorts = Number.parseInt(process.versions.node, 10) >= 22;

/** So many idle connections to each of two workers. Nobody else may connect meanwhile. */
export async function clientsOfEachWorker(limpet: LimpetProcess, count: number): Promise<[RawClient[], RawClient[]]> {
  const pids = workerPids(limpet);
  const clients: [RawClient[], RawClient[]] = [[], []];
  const idle = pids.map(socketsOf);
  let held = idle;
  while (clients[0].length < count || clients[1].length < count) {
    const client = await RawClient.connect(limpet.port());
    client.send(get('/hello'));
    await client.readResponse();
    const now = pids.map(socketsOf);
    const worker = now[0]! > held[0]! ? 0 : 1;
    held = now;
    clients[worker].push(client);
    // Workers that share one socket are not spread evenly: who has enough stands aside. With sockets of their own they are.
    if (!sharesPorts && clients[worker].length === count) process.kill(pids[worker]!, 'SIGSTOP');
  }
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  for (const group of clients) for (const client of group.splice(count)) client.destroy();
  await waitFor('connections that are too many to be closed', () => {
    const now = pids.map(socketsOf);
    return now.every((sockets, worker) => sockets <= idle[worker]! + count);
  });
  return clients;
}

/** How long a client that was refused waits before it comes again. */
const RETRY_MS = 10;

/** Sends a request again and again until it is answered with something else than 503; null: the connection has ended. */
export async function insist(client: RawClient, path = '/'): Promise<RawResponse | null> {
  for (;;) {
    client.send(get(path));
    await client.until(({ pending, hasEnded }) => hasEnded || pending.includes('\r\n\r\n'), 60_000).catch(() => {});
    if (client.hasEnded) return null;
    const response = await client.readResponse();
    if (response.status !== 503) return response;
    await delay(RETRY_MS);
  }
}
