// What the tests of several workers ask about a running Limpet: which processes it has, what each holds, and clients that
// keep their connection.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient } from '../fixtures/raw-client.js';
import type { LimpetProcess } from './limpet-process.js';

/** The process that stands in each worker's place now, by the log. */
export function workerPids(limpet: LimpetProcess): number[] {
  const pids: number[] = [];
  for (const line of limpet.output()) {
    const found = / worker listening worker=(\d+) pid=(\d+)/.exec(line);
    if (found) pids[Number(found[1]) - 1] = Number(found[2]);
  }
  return pids;
}

export function isRunning(pid: number): boolean {
  try {
    // A process that has ended and that its parent has not taken note of yet is a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

export function socketsOf(pid: number): number {
  return socketInodesOf(pid).size;
}

export const getRequest = 'GET / HTTP/1.1\r\nHost: limpet.test\r\n\r\n';

/** Connects and gets a first answer, so that a worker holds the connection. */
export async function connectAndGet(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  client.send(getRequest);
  await client.readResponse();
  return client;
}

export function connectMany(port: number, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => connectAndGet(port)));
}

/** The number of the worker, from 0, that holds the connection of this client. */
export function workerOf(limpet: LimpetProcess, client: RawClient): number {
  const [worker] = workersOf(limpet, [client]);
  if (worker === undefined || worker < 0) throw new Error(`no worker holds the connection from port ${client.socket.localPort}`);
  return worker;
}

/** The same of many, looked up at one time; -1: none of the workers that stand in a place now holds it. */
export function workersOf(limpet: LimpetProcess, clients: readonly RawClient[]): number[] {
  const inodes = inodesTo(limpet.port());
  const held = workerPids(limpet).map(socketInodesOf);
  return clients.map(({ socket }) => held.findIndex((own) => own.has(inodes.get(socket.localPort as number) ?? '')));
}

/** The sockets at our end of connections to the port, by the port of the other end. */
function inodesTo(localPort: number): Map<number, string> {
  const hex = localPort.toString(16).toUpperCase().padStart(4, '0');
  const pattern = new RegExp(`^ *\\d+: [0-9A-F]{8}:${hex} [0-9A-F]{8}:([0-9A-F]{4})(?: +\\S+){6} +(\\d+)`, 'gm');
  const lines = readFileSync('/proc/net/tcp', 'latin1').matchAll(pattern);
  return new Map(Array.from(lines, ([, port, inode]) => [Number.parseInt(port as string, 16), inode as string]));
}

function socketInodesOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`;
  const inodes = new Set<string>();
  for (const entry of readdirSync(folder)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, entry)))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // closed between the listing and the look
    }
  }
  return inodes;
}

/** Connections that have had their first answer, so many in each of two workers. */
export async function connectToEach(limpet: LimpetProcess, count: number): Promise<readonly [RawClient[], RawClient[]]> {
  const clients: readonly [RawClient[], RawClient[]] = [[], []];
  // On a socket that both share, one worker may take many before the other takes its first.
  for (let tries = 0; Math.min(clients[0].length, clients[1].length) < count; tries++) {
    if (tries === 2_000) throw new Error(`of ${tries} connections one worker took ${clients[0].length}, the other ${clients[1].length}`);
    const client = await connectAndGet(limpet.port());
    const held = clients[workerOf(limpet, client)] as RawClient[];
    if (held.length < count) held.push(client);
    else client.destroy();
  }
  return clients;
}
