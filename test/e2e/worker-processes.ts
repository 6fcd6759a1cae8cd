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
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((entry) => {
    try {
      return readlinkSync(join(folder, entry)).startsWith('socket:');
    } catch {
      return false; // closed between the listing and the look
    }
  }).length;
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
  const inode = inodeOf(limpet.port(), client.socket.localPort as number);
  const worker = workerPids(limpet).findIndex((pid) => holds(pid, inode));
  if (worker < 0) throw new Error(`no worker holds the connection from port ${client.socket.localPort}`);
  return worker;
}

function inodeOf(localPort: number, remotePort: number): string {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const pattern = new RegExp(`^ *\\d+: [0-9A-F]{8}:${hex(localPort)} [0-9A-F]{8}:${hex(remotePort)}(?: +\\S+){6} +(\\d+)`, 'm');
  return pattern.exec(readFileSync('/proc/net/tcp', 'latin1'))?.[1] ?? 'none';
}

function holds(pid: number, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((entry) => {
    try {
      return readlinkSync(join(folder, entry)) === `socket:[${inode}]`;
    } catch {
      return false; // closed between the listing and the look
    }
  });
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
