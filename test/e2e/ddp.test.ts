// DDP, Meteor's protocol, over a server that speaks it as Meteor does: the client package simpleddp over the raw
// WebSocket, DDP inside SockJS polling, and the resuming of a session that was cut off, which needs the same server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { SockjsHttpSession } from '../fixtures/sockjs-session.js';
import { SimpleDdpClass } from '../fixtures/untyped-packages.js';
import { within } from '../fixtures/wait-for.js';
import { type Stage, startStage, stickyCookie } from './two-servers.js';

test('six simpleddp clients connect, call methods and subscribe, three on each server', { timeout: 60_000 }, async (t) => {
  const { limpet, servers, onEnd } = await startStage(t, 'ddp-server', { sticky: stickyCookie });
  const endpoint = `${limpet.url().replace('http', 'ws')}/websocket`;
  const clients = Array.from(
    { length: 6 },
    () => new SimpleDdpClass({ endpoint, SocketConstructor: WebSocket, autoConnect: false, autoReconnect: false }),
  );
  onEnd(() => Promise.all(clients.map((client) => client.disconnect())));
  await within('all to connect', Promise.all(clients.map((client) => client.connect())));
  const names = await within('all to call', Promise.all(clients.map((client) => client.call('who'))));
  assert.deepEqual(names.toSorted(), [...'aaabbb']);
  for (const [index, client] of clients.entries()) {
    assert.deepEqual(await client.call('echo', { index, text: 'ü' }), { index, text: 'ü' });
    await within('the subscription', client.subscribe('things').ready());
    const servers = client
      .collection('things')
      .fetch()
      .map((document) => document.server);
    assert.deepEqual(servers, [names[index], names[index], names[index]]);
  }
  assert.equal((await servers[0].report()).methods, 6);
  assert.equal((await servers[1].report()).subscriptions, 3);
});

test('DDP inside SockJS long-polling keeps its server for the handshake, a method and a subscription', { timeout: 60_000 }, async (t) => {
  const { limpet, onEnd } = await startStage(t, 'ddp-server', { sticky: stickyCookie });
  const browsers = Array.from({ length: 6 }, () => new CookieBrowser());
  const sessions = browsers.map((browser) => new SockjsHttpSession(browser, `${limpet.url()}/sockjs`, 'xhr'));
  onEnd(() => {
    for (const session of sessions) session.close();
    for (const browser of browsers) browser.close();
  });
  const names = await Promise.all(
    sessions.map(async (session) => {
      await session.open();
      await session.send(JSON.stringify({ msg: 'connect', version: '1', support: ['1'] }));
      assert.deepEqual(JSON.parse(await session.receive()), { server_id: '0' });
      assert.equal((JSON.parse(await session.receive()) as { msg: string }).msg, 'connected');
      await session.send(JSON.stringify({ msg: 'method', id: '1', method: 'who', params: [] }));
      const result = JSON.parse(await session.receive()) as { result: string };
      assert.deepEqual(JSON.parse(await session.receive()), { msg: 'updated', methods: ['1'] });
      await session.send(JSON.stringify({ msg: 'sub', id: '2', name: 'things', params: [] }));
      for (let document = 0; document < 3; document += 1) {
        const added = JSON.parse(await session.receive()) as { fields: { server: string } };
        assert.equal(added.fields.server, result.result);
      }
      assert.deepEqual(JSON.parse(await session.receive()), { msg: 'ready', subs: ['2'] });
      return result.result;
    }),
  );
  assert.deepEqual(names.toSorted(), [...'aaabbb']);
});

/** Opens a DDP connection with the browser's cookies, says `connect`, cuts it off, and returns the session's id. */
async function connectAndCutOff(onEnd: Stage['onEnd'], url: string, browser: CookieBrowser, resume?: string): Promise<string> {
  const cookie = browser.cookies.field();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/websocket`, { headers: cookie ? { cookie } : {} });
  onEnd(() => socket.terminate());
  socket.on('upgrade', (response) => browser.cookies.take(response.headers['set-cookie']));
  const connected = new Promise<string>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as { msg?: string; session?: string };
      if (message.msg === 'connected') resolve(message.session ?? '');
    });
  });
  await within('the WebSocket to open', once(socket, 'open'));
  socket.send(JSON.stringify({ msg: 'connect', version: '1', support: ['1'], ...(resume === undefined ? {} : { session: resume }) }));
  const session = await within('DDP to connect', connected);
  socket.terminate();
  return session;
}

test('a DDP session that was cut off is resumed, because the WebSocket comes back to the same server', { timeout: 30_000 }, async (t) => {
  const { limpet, onEnd } = await startStage(t, 'ddp-server', { sticky: stickyCookie });
  const browser = new CookieBrowser();
  const first = await connectAndCutOff(onEnd, limpet.url(), browser);
  for (let times = 0; times < 3; times += 1) assert.equal(await connectAndCutOff(onEnd, limpet.url(), browser, first), first);
});

test('without stickiness a DDP session that was cut off is lost', { timeout: 30_000 }, async (t) => {
  const { limpet, servers, onEnd } = await startStage(t, 'ddp-server', {});
  const browser = new CookieBrowser();
  const first = await connectAndCutOff(onEnd, limpet.url(), browser);
  assert.notEqual(await connectAndCutOff(onEnd, limpet.url(), browser, first), first);
  assert.equal((await servers[1].report()).resumed ?? 0, 0);
});
