// Connections that have not come as far as their protocol: they count against limits, and a drain ends them as well.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type ConfigData, withWorker } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'limpet-opening-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const certificate = await certificateFiles(folder, await certificateFor('ec', 'a.test'));

function config(listener: Record<string, unknown>): ConfigData {
  const web = { address: '127.0.0.1:0', routes: [{ respond: {} }], ...listener };
  return { listeners: { web }, upstreams: {} };
}

/** A client that goes in the middle of its handshake may hold its place until that is over. */
const tls = { certificates: [certificate], handshakeTimeout: '2s' };

/** The beginning of a TLS record that never ends: the handshake waits for the rest. */
const halfHello = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);

for (const [what, listener, sent] of [
  ['before their PROXY header', { proxyProtocol: { from: ['127.0.0.1/32'] } }, 'PROXY TCP4'],
  ['before their TLS handshake', { tls }, ''],
  ['in their TLS handshake', { tls }, halfHello],
] as const) {
  test(`connections ${what} count, and are cut at the deadline of a drain`, () =>
    withWorker(config({ maxConnections: 3, ...listener }), async (stage) => {
      const clients = await Promise.all(Array.from({ length: 3 }, () => stage.connect()));
      if (sent.length > 0) for (const client of clients) client.send(sent);
      const fourth = await stage.connect();
      assert.equal(await fourth.untilEnd(), '');
      assert.ok(clients.every(({ hasEnded }) => !hasEnded));
      clients[0]!.destroy();
      await waitFor('the place to be free', async () => {
        const client = await stage.connect();
        await Promise.race([client.untilEnd(), new Promise((resolve) => setTimeout(resolve, 100))]);
        return !client.hasEnded;
      });
      await within('the drain', stage.worker.drain(100), 3_000);
      for (const client of clients) await client.untilEnd();
    }));
}
