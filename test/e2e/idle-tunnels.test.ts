// Two thousand tunnels that do nothing for a while: all still work afterwards, and the report says what one costs in
// memory. LIMPET_IDLE_TUNNELS_MS sets how long they idle; 5 s unless told otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startChildServer } from '../fixtures/child-server.js';
import { RawClient } from '../fixtures/raw-client.js';
import { startLimpet } from './limpet-process.js';
import { upgradeRequest } from './one-scripted-server.js';

const tunnels = 2_000;
const idleMs = Number(process.env.LIMPET_IDLE_TUNNELS_MS ?? 5_000);
/** An upper bound against regressions, not a target: nearly all of it is Node's two sockets. */
const maxBytesPerTunnel = 32 * 1024;

async function openTunnel(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  client.send(upgradeRequest);
  assert.equal((await client.readHead()).status, 101);
  return client;
}

async function expectEcho(client: RawClient, text: string): Promise<void> {
  client.send(text);
  assert.equal(await client.readBytes(text.length), text);
}

test(`${tunnels} idle tunnels stay open and cost little`, { timeout: idleMs + 120_000 }, async (t) => {
  const server = await startChildServer('tunnel-echo-server', 'a');
  const limpet = await startLimpet({
    listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
    upstreams: { app: { servers: [server.address], sticky: { policy: 'cookie', name: 'route' } } },
  });
  const clients: RawClient[] = [];
  try {
    // What code and heap cost once is not a tunnel's.
    const first = await openTunnel(limpet.port());
    clients.push(first);
    await expectEcho(first, 'warm');
    const before = limpet.residentBytes();
    while (clients.length < tunnels) {
      const batch = Math.min(100, tunnels - clients.length);
      clients.push(...(await Promise.all(Array.from({ length: batch }, () => openTunnel(limpet.port())))));
    }
    await delay(idleMs);
    const bytesPerTunnel = (limpet.residentBytes() - before) / tunnels;
    t.diagnostic(`${tunnels} tunnels idle for ${idleMs} ms: ${(bytesPerTunnel / 1024).toFixed(1)} KiB resident memory each`);
    for (const [index, client] of clients.entries()) await expectEcho(client, `tunnel ${index}`);
    assert.equal((await server.report()).tunnels, tunnels);
    assert.ok(bytesPerTunnel < maxBytesPerTunnel, `${bytesPerTunnel} bytes per tunnel`);
    for (const client of clients) client.destroy();
    await server.kill();
    await limpet.waitForBaselineSockets();
    await limpet.stop();
  } finally {
    for (const client of clients) client.destroy();
    await server.kill();
    await limpet.kill();
  }
});
