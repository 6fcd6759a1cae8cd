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
