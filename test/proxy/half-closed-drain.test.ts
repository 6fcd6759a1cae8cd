// A tunnel whose client has ended its side and is slow to take what the server sends: it has the time of halfClosed for some of it, not for all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LATENESS_MS } from '../../src/net/deadlines.js';
import type { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { idleClients, takenByKernel, untilStalled } from './flow.js';
import { type OriginRequest, withOrigin } from './origin.js';
import { get, type Stage, simpleConfig, withWorker } from './stage.js';

const upgrade = get('/chat', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n');
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const halfClosedMs = 1_500;
/** More than the kernel's buffers on the way hold. */
const flood = Buffer.alloc(32 * 1024 * 1024, 'x');

function sendFlood({ connection }: OriginRequest): void {
  connection.removeAllListeners('data').removeAllListeners('end').resume();
  connection.write(switching);
  connection.end(flood);
}

/** The client has ended, has taken nothing, and no more moves. */
function withHalfClosed(action: (stage: Stage, client: RawClient) => Promise<void>): Promise<void> {
  return withOrigin({ onRequest: sendFlood }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { timeouts: { halfClosed: `${halfClosedMs}ms` } } }), async (stage) => {
      const client = await stage.connect();
      client.socket.removeAllListeners('data').pause();
      client.send(upgrade);
      await waitFor('the tunnel', () => stage.worker.counters.tunnels === 1);
      await untilStalled(() => takenByKernel(stage));
      client.end();
      await action(stage, client);
    }),
  );
}

test('a reader that takes some of it within twice the time gets it all', { timeout: 30_000 }, () =>
  withHalfClosed(async (stage, client) => {
    await delay(halfClosedMs + 2 * LATENESS_MS);
    assert.equal(stage.worker.counters.tunnels, 1);
    let received = 0;
    client.socket.on('data', (data: Buffer) => {
      received += data.length;
    });
    client.socket.resume();
    assert.equal(await stage.faultOf(1), '');
    await waitFor('the rest', () => client.hasEnded);
    assert.equal(received, switching.length + flood.length);
  }),
);

test('a reader that takes nothing of it is cut', { timeout: 30_000 }, () =>
  withHalfClosed(async (stage) => {
    assert.equal(await stage.faultOf(1), 'tunnel-half-closed');
    await waitFor('the client to be gone', () => Number.isNaN(idleClients(stage)));
    assert.equal(stage.worker.counters.tunnels, 0);
  }),
);
