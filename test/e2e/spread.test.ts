// How evenly the kernel spreads connections over workers that have a socket each.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RawClient } from '../fixtures/raw-client.js';
import { startLimpet } from './limpet-process.js';
import { connectMany, socketsOf, workerPids } from './worker-processes.js';

const connections = 2_000;
const isOneSocket = Number.parseInt(process.versions.node, 10) < 22;
const skip = isOneSocket && 'one socket for all, as Node 20 has it, may be as uneven as it likes';

suite('the spread over workers', { timeout: 180_000, skip }, () => {
  for (const workers of [2, 4]) {
    test(`of ${connections} connections is within 60 to 40 of even over ${workers}`, async () => {
      const listeners = { web: { address: '127.0.0.1:0', routes: [{ respond: { status: 200, body: 'hello' } }] } };
      const limpet = await startLimpet({ workers, listeners });
      const clients: RawClient[] = [];
      try {
        const idle = workerPids(limpet).map(socketsOf);
        while (clients.length < connections) clients.push(...(await connectMany(limpet.port(), 100)));
        const held = workerPids(limpet).map((pid, index) => socketsOf(pid) - (idle[index] as number));
        const even = connections / workers;
        assert.ok(
          held.every((count) => count >= even * 0.8 && count <= even * 1.2),
          `spread ${held.join(', ')}`,
        );
        for (const client of clients) client.destroy();
        await limpet.stop();
      } finally {
        for (const client of clients) client.destroy();
        await limpet.kill();
      }
    });
  }
});
