// Real Socket.IO 4 servers and clients through Limpet: polling that upgrades to a WebSocket, polling alone, WebSocket
// alone. A Socket.IO session is known to one server only, so that without stickiness polling fails with a 400.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io, type Socket } from 'socket.io-client';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type Stage, startStage, stickyCookie } from './two-servers.js';

function connectTo(onEnd: Stage['onEnd'], url: string, transports: string[]): Socket {
  const socket = io(url, { transports, withCredentials: true, forceNew: true, reconnection: false });
  onEnd(() => socket.disconnect());
  return socket;
}

async function connected(socket: Socket): Promise<Socket> {
  const result = new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  await within('Socket.IO to connect', result);
  return socket;
}

async function nameOfServer(socket: Socket): Promise<string> {
  return (await socket.timeout(5_000).emitWithAck('who')) as string;
}

test('Socket.IO: twelve clients begin with polling, upgrade to WebSocket and stay on their servers', { timeout: 60_000 }, async (t) => {
  const { limpet, servers, onEnd } = await startStage(t, 'socket-io-server', { sticky: stickyCookie });
  const sockets = await Promise.all(Array.from({ length: 12 }, () => connected(connectTo(onEnd, limpet.url(), ['polling', 'websocket']))));
  const before = await Promise.all(sockets.map(nameOfServer));
  await waitFor('all to have upgraded', () => sockets.every((socket) => socket.io.engine.transport.name === 'websocket'));
  assert.deepEqual(await Promise.all(sockets.map(nameOfServer)), before);
  assert.deepEqual(before.toSorted(), [...'aaaaaabbbbbb']);
  const binary = Buffer.alloc(200_000, 7);
  const echo = (await sockets[0]?.timeout(5_000).emitWithAck('say', binary)) as Buffer;
  assert.ok(binary.equals(echo));
  for (const server of servers) {
    const report = await server.report();
    assert.equal(report.upgraded, 6);
    assert.equal(report['refused 1'] ?? 0, 0, 'no session landed on the wrong server');
  }
});

for (const transport of ['polling', 'websocket']) {
  test(`Socket.IO over ${transport} alone works`, { timeout: 60_000 }, async (t) => {
    const { limpet, onEnd } = await startStage(t, 'socket-io-server', { sticky: stickyCookie });
    const sockets = await Promise.all(Array.from({ length: 6 }, () => connected(connectTo(onEnd, limpet.url(), [transport]))));
    const names = await Promise.all(sockets.map(nameOfServer));
    for (let round = 0; round < 5; round += 1) {
      assert.deepEqual(await Promise.all(sockets.map(nameOfServer)), names);
      const texts = await Promise.all(sockets.map((socket, index) => socket.timeout(5_000).emitWithAck('say', `${round} ${index}`)));
      assert.deepEqual(
        texts,
        sockets.map((_, index) => `${round} ${index}`),
      );
    }
    assert.deepEqual(names.toSorted(), [...'aaabbb']);
  });
}

test('without stickiness a poll of a Socket.IO session lands on the other server and is answered 400', { timeout: 30_000 }, async (t) => {
  const { limpet, servers, onEnd } = await startStage(t, 'socket-io-server', {});
  const browser = new CookieBrowser();
  onEnd(() => browser.close());
  const opened = await browser.ask(`${limpet.url()}/socket.io/?EIO=4&transport=polling`);
  assert.equal(opened.status, 200);
  const { sid } = JSON.parse(opened.text.slice(1)) as { sid: string };
  const poll = await browser.ask(`${limpet.url()}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: 'POST', body: '40' });
  assert.equal(poll.status, 400);
  assert.deepEqual(JSON.parse(poll.text), { code: 1, message: 'Session ID unknown' });
  assert.equal((await servers[1].report())['refused 1'], 1);
});
