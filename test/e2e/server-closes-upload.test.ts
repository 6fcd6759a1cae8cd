// A server closes while the pieces of a body that was awaited whole are written to it. Several writes fail then, each by itself, and
// Node emits an error for the first alone; the end of the connection must be noticed all the same. Not within one process,
// where nobody can close between two writes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { startLimpet } from './limpet-process.js';

test('a server that closes in the middle of a large body is noticed at once', { timeout: 60_000 }, async () => {
  const server = createServer((socket) => {
    let count = 0;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      count += data.length;
      if (count > 60_000) socket.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const limpet = await startLimpet({
    listeners: {
      web: { address: '127.0.0.1:0', timeouts: { responseHead: '3s' }, routes: [{ upstream: 'app', toServer: { buffer: '4MiB' } }] },
    },
    upstreams: { app: { servers: [`127.0.0.1:${(server.address() as AddressInfo).port}`] } },
  });
  try {
    for (let i = 0; i < 24; i++) {
      const bytes = 300_000 + 50_000 * (i % 8);
      const client = await RawClient.connect(limpet.port());
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`);
      assert.equal((await client.readResponse()).status, 502);
      client.destroy();
    }
    await limpet.stop();
    assert.deepEqual(
      (await limpet.accessLog()).map(({ fault }) => fault),
      Array.from({ length: 24 }, () => 'server-closed'),
    );
  } finally {
    await limpet.kill();
    server.close();
  }
});
