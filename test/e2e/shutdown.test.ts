// SIGTERM: nobody new is let in, what is under way is finished, what takes longer than shutdownTimeout is cut, and a
// second signal cuts at once. In every case the process ends by itself, with 0 and with nothing left over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { type ScriptedServer, startScriptedServer } from '../fixtures/scripted-server.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { answerWith, switchingProtocols, upgradeRequest } from './one-scripted-server.js';

const getRequest = (path: string) => `GET ${path} HTTP/1.1\r\nHost: limpet.test\r\n\r\n`;

/** A server that holds the answer to /slow until told, tunnels what asks for it, and answers everything else. */
async function withSlowServer(
  shutdownTimeout: string,
  action: (limpet: LimpetProcess, server: ScriptedServer, letGo: () => void) => Promise<void>,
) {
  const held: (() => void)[] = [];
  const server = await startScriptedServer((connection, head) => {
    if (head.startsWith('GET /slow ')) held.push(() => connection.write(answerWith('at last')));
    else if (head.startsWith('GET /chat ')) {
      connection.write(switchingProtocols);
      connection.on('data', (chunk) => connection.write(chunk));
    } else connection.write(answerWith('ok'));
  });
  const limpet = await startLimpet({
    shutdownTimeout,
    listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
    upstreams: { app: { servers: [server.address] } },
  });
  try {
    await action(limpet, server, () => {
      for (const answer of held) answer();
    });
  } finally {
    await limpet.kill();
    await server.close();
  }
}

async function isRefused(port: number): Promise<boolean> {
  try {
    (await RawClient.connect(port)).destroy();
    return false;
  } catch {
    return true;
  }
}

for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
  test(`${signal} is as good as SIGTERM`, { timeout: 30_000 }, async () => {
    await withSlowServer('20s', async (limpet, server, letGo) => {
      const waiting = await RawClient.connect(limpet.port());
      waiting.send(getRequest('/slow'));
      await waitFor('the server to be asked', () => server.heads.length === 1);
      const stopped = limpet.stop(signal);
      await waitFor('the signal to be taken', () => limpet.output().some((line) => line.endsWith(`signal name=${signal}`)));
      letGo();
      assert.equal((await waiting.readResponse()).body, 'at last');
      await stopped;
      waiting.destroy();
    });
  });
}

test('a request that is under way is answered, an idle connection is closed, a new one is refused', { timeout: 30_000 }, async () => {
  await withSlowServer('20s', async (limpet, server, letGo) => {
    const port = limpet.port();
    const idle = await RawClient.connect(port);
    idle.send(getRequest('/'));
    assert.equal((await idle.readResponse()).body, 'ok');
    const waiting = await RawClient.connect(port);
    waiting.send(getRequest('/slow'));
    await waitFor('the server to be asked', () => server.heads.some((head) => head.startsWith('GET /slow ')));
    const stopped = limpet.stop();
    assert.equal(await idle.untilEnd(), '');
    idle.destroy();
    await waitFor('new connections to be refused', () => isRefused(port));
    letGo();
    const answer = await waiting.readResponse();
    assert.equal(answer.body, 'at last');
    assert.equal(answer.fields.get('connection')?.toLowerCase(), 'close');
    waiting.destroy();
    await within('the end, long before the deadline', stopped, 5_000);
  });
});

test('a tunnel works on until the deadline and is cut then', { timeout: 30_000 }, async () => {
  await withSlowServer('1s', async (limpet) => {
    const client = await RawClient.connect(limpet.port());
    client.send(upgradeRequest);
    assert.equal((await client.readHead()).status, 101);
    const stopped = limpet.stop();
    await waitFor('new connections to be refused', () => isRefused(limpet.port()));
    client.send('still here');
    assert.equal(await client.readBytes(10), 'still here');
    await client.untilEnd(5_000);
    client.destroy();
    await stopped;
  });
});

test('a second signal cuts what is left at once', { timeout: 30_000 }, async () => {
  await withSlowServer('1h', async (limpet, server) => {
    const client = await RawClient.connect(limpet.port());
    client.send(getRequest('/slow'));
    await waitFor('the server to be asked', () => server.heads.length === 1);
    const stopped = limpet.stop();
    await waitFor('new connections to be refused', () => isRefused(limpet.port()));
    process.kill(limpet.pid, 'SIGTERM');
    await client.untilEnd(5_000);
    client.destroy();
    await stopped;
  });
});
