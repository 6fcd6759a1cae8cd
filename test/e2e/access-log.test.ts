// What the access log says of exchanges as they really went: who was asked, how the client came there, what failed, and
// nothing that a client could write into it as a line of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { startLimpet } from './limpet-process.js';
import { answerWith, switchingProtocols, upgradeRequest, withScriptedServer } from './one-scripted-server.js';
import { startStage, stickyCookie } from './two-servers.js';

test('the log tells new, bound and re-bound clients apart and names their servers', { timeout: 60_000 }, async (t) => {
  const { limpet, servers, onEnd } = await startStage(t, 'sockjs-server', { sticky: stickyCookie });
  const browser = new CookieBrowser();
  onEnd(() => browser.close());
  const ask = async () => (await browser.ask(`${limpet.url()}/page`)).headers['x-server'] as string;
  const first = await ask();
  await ask();
  await servers[first === 'a' ? 0 : 1].kill();
  const second = await ask();
  const lines = await waitFor('three lines', async () => {
    const log = await limpet.accessLog();
    return log.length === 3 ? log : null;
  });
  assert.deepEqual(
    lines.map(({ server, sticky, status, method, target, client }) => ({ server, sticky, status, method, target, client })),
    [
      { server: first, sticky: 'new' },
      { server: first, sticky: 'bound' },
      { server: second, sticky: 'rebound' },
    ].map((expected) => ({ ...expected, status: 200, method: 'GET', target: '/page', client: '127.0.0.1' })),
  );
  assert.ok((lines[2]?.attempts as number) > 1);
});

test('the log has the bytes and the fault of what went wrong, and one line for a tunnel', { timeout: 60_000 }, async () => {
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: limpet.test\r\n\r\n`;
  await withScriptedServer(
    (connection, head) => {
      if (head.startsWith('GET /cut ')) connection.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ');
      else if (head.startsWith('GET /close ')) connection.end();
      else if (head.startsWith('GET /garbage ')) connection.end('this is not HTTP\r\n\r\n');
      else if (head.startsWith('GET /chat ')) connection.end(`${switchingProtocols}12345`);
      else if (!head.startsWith('GET /wait ')) connection.write(answerWith('hello'));
    },
    async ({ limpet, server }) => {
      for (const path of ['/fine', '/cut', '/close', '/garbage']) {
        const client = await RawClient.connect(limpet.port());
        client.send(get(path));
        await client.until(({ received }) => received.includes('\r\n\r\n'));
        client.end();
        await client.untilEnd();
        client.destroy();
      }
      const tunnel = await RawClient.connect(limpet.port());
      tunnel.send(`${upgradeRequest}123`);
      await tunnel.untilEnd();
      tunnel.end();
      const waiting = await RawClient.connect(limpet.port());
      waiting.send(get('/wait'));
      await waitFor('the server to be asked', () => server.heads.some((head) => head.startsWith('GET /wait ')));
      waiting.reset();
      const lines = await waitFor('six lines', async () => {
        const log = await limpet.accessLog();
        return log.length === 6 ? log : null;
      });
      assert.deepEqual(
        lines.map(({ target, status, fault, bytesOut }) => [target, status, fault, bytesOut]),
        [
          ['/fine', 200, null, 5],
          ['/cut', 200, 'response-cut', 5],
          ['/close', 502, 'server-closed', lines[2]?.bytesOut],
          ['/garbage', 502, 'bad-response-head', lines[3]?.bytesOut],
          ['/chat', 101, null, 5],
          ['/wait', 0, 'client-gone', 0],
        ],
      );
      assert.equal(lines[4]?.bytesIn, 3);
    },
  );
});

test('a combined line cannot be forged from the outside', { timeout: 30_000 }, async (t) => {
  const limpet = await startLimpet({
    accessLog: { format: 'combined', to: 'stdout' },
    listeners: { web: { address: '127.0.0.1:0', routes: [{ respond: { status: 404 } }] } },
    upstreams: {},
  });
  t.after(() => limpet.kill());
  const client = await RawClient.connect(limpet.port());
  client.send('GET /%0a HTTP/1.1\r\nHost: x\r\nUser-Agent: one" 200\t\xff\x9b31m\r\nReferer: "\r\nConnection: close\r\n\r\n');
  const { status } = await client.readResponse();
  client.destroy();
  await limpet.stop();
  const line = limpet.output().find((text) => text.includes('127.0.0.1 - - ['));
  assert.ok(line !== undefined, limpet.output().join('\n'));
  assert.doesNotMatch(line, /[\x00-\x1f\x7f-\xff]/);
  assert.equal(line.replaceAll(/\\./g, '').split('"').length, 7, `three quoted fields in: ${line}`);
  assert.ok([400, 404].includes(status));
});
