// Looks into a worker where its clients cannot: what is queued for them, who of them is idle, whether anything moves.
import { setTimeout as delay } from 'node:timers/promises';
import type { ServedConnection } from '../../src/listener/listener.js';
import type { Runtime } from '../../src/worker/runtime.js';
import type { Stage } from './stage.js';

/** Bytes that wait in the process for its clients to take them, over all connections of the first listener. */
export function queuedForClients(stage: Stage): number {
  return sumOf(stage, ({ bytes }) => bytes.socket.writableLength);
}

/** Bytes written to those clients that the process is rid of. */
export function takenByKernel(stage: Stage): number {
  return sumOf(stage, ({ bytes }) => bytes.bytesWritten - bytes.queuedBytes);
}

/** Bytes that wait for clients whose connection ends with them. */
export function queuedOnEnding(stage: Stage): number {
  return sumOf(stage, ({ bytes }) => (bytes.isEnding ? bytes.queuedBytes : 0));
}

/** Clients of the first listener that have sent nothing of their next request; NaN while there is none at all. */
export function idleClients(stage: Stage): number {
  return sumOf(stage, () => 1) === 0 ? Number.NaN : sumOf(stage, ({ isIdle }) => (isIdle ? 1 : 0));
}

/** The connections of the first listener. */
export function servedConnections(stage: Stage): readonly ServedConnection[] {
  // The worker shows its listeners to nobody else.
  const [entry] = (stage.worker as unknown as { runtime: Runtime }).runtime.entries.values();
  return [...entry!.listener.connections];
}

function sumOf(stage: Stage, count: (connection: ServedConnection) => number): number {
  let sum = 0;
  for (const connection of servedConnections(stage)) sum += count(connection);
  return sum;
}

/** Waits until `progress` has given the same number for a while; gives that number. */
export async function untilStalled(progress: () => number): Promise<number> {
  let last = -1;
  for (let quietLooks = 0; quietLooks < 5; ) {
    const now = progress();
    quietLooks = now === last ? quietLooks + 1 : 0;
    last = now;
    await delay(40);
  }
  return last;
}
