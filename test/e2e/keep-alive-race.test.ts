// Node's own servers close a connection that was idle for a while, and a proxy that sends the next request just then
// gets no answer to it. A SockJS send is a POST and must not be repeated, so Limpet has to be out of the way in time.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { startLimpet } from './limpet-process.js';

const keepAliveTimeoutMs = 2_000;

test('POSTs that come just when the server closes its idle connections are all answered, once', { timeout: 60_000 }, async () => {
  const seen = new Map<string, number>();
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs, connectionsCheckingInterval: 50 }, (request, response) => {
    const path = request.url ?? '';
    seen.set(path, (seen.get(path) ?? 0) + 1);
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const limpet = await startLimpet({
    listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
    upstreams: { app: { servers: [`127.0.0.1:${(server.address() as AddressInfo).port}`] } },
  });
  const browsers = Array.from({ length: 40 }, () => new CookieBrowser());
  try {
    // Each client waits a little longer than the one before, so that together they cover the moment of closing.
    await Promise.all(
      browsers.map(async (browser, index) => {
        for (const visit of [1, 2]) {
          const answer = await browser.ask(`${limpet.url()}/${index}/${visit}`, { method: 'POST', body: 'x' });
          assert.equal(answer.status, 200, `client ${index}, visit ${visit}`);
          if (visit === 1) await delay(keepAliveTimeoutMs - 20 + index);
        }
      }),
    );
    assert.equal(seen.size, 80);
    assert.deepEqual(
      [...seen.values()].filter((times) => times !== 1),
      [],
    );
    for (const browser of browsers) browser.close();
    server.closeAllConnections();
    await limpet.waitForBaselineSockets();
    await limpet.stop();
  } finally {
    for (const browser of browsers) browser.close();
    server.closeAllConnections();
    server.close();
    await limpet.kill();
  }
});
