// What holds over all workers: how many a server, or a listener, has at a time. Never more, whichever worker they come
// through, and never fewer once they are wanted.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { clientsOfEachWorker, get, greeting, insist } from './clients-of-workers.js';
import { CountingServer } from './counting-server.js';
import { type ConfigData, type LimpetProcess, startLimpet } from './limpet-process.js';
import { workerPids } from './worker-processes.js';

async function withLimpet(config: ConfigData, action: (limpet: LimpetProcess) => Promise<void>): Promise<void> {
  const limpet = await startLimpet({ workers: 2, shutdownTimeout: '1s', ...config });
  try {
    await action(limpet);
  } finally {
    await limpet.kill();
  }
}

async function withCountingServer(
  maxConnections: number,
  action: (limpet: LimpetProcess, server: CountingServer) => Promise<void>,
): Promise<void> {
  const server = await CountingServer.start();
  const listeners = { web: { address: '127.0.0.1:0', routes: [greeting, { upstream: 'app' }] } };
  const upstreams = { app: { servers: [{ address: server.address, maxConnections }], connectionPool: { maxIdle: 1000 } } };
  try {
    await withLimpet({ listeners, upstreams }, async (limpet) => {
      await action(limpet, server);
    });
  } finally {
    await server.close();
  }
}

/** Answers whatever comes until all of these are settled. */
async function answerAll(server: CountingServer, answers: readonly Promise<unknown>[]): Promise<void> {
  let settled = 0;
  for (const answer of answers) void answer.then(() => settled++);
  await waitFor('the clients to have their answers', () => {
    server.answer(100);
    return settled === answers.length;
  });
}

suite("a server's maxConnections over two workers", { timeout: 120_000 }, () => {
  test('under a storm: never more than 100, and all 100 again and again', async () => {
    await withCountingServer(100, async (limpet, server) => {
      const clients = await Promise.all(Array.from({ length: 150 }, () => RawClient.connect(limpet.port())));
      let isOver = false;
      const storms = clients.map(async (client) => {
        while (!isOver) assert.equal((await insist(client))?.body, 'done');
      });
      for (let times = 0; times < 30; times++) {
        await waitFor('the server to have all that it may have', () => server.active === 100, 30_000);
        server.answer(times % 2 === 0 ? 100 : 37);
      }
      assert.equal(server.mostActive, 100);
      isOver = true;
      await answerAll(server, storms);
      assert.equal(server.mostActive, 100);
      for (const client of clients) client.destroy();
      await limpet.stop();
    });
  });

  test('what one worker had and does not need any more, the other gets', async () => {
    await withCountingServer(20, async (limpet, server) => {
      const [first, second] = await clientsOfEachWorker(limpet, 24);
      for (const group of [first, second, first]) {
        const answers = group.map((client) => insist(client));
        await waitFor('the server to have all that it may have', () => server.active === 20);
        server.answer(20);
        await waitFor('the others', () => server.active === 4);
        server.answer(4);
        await Promise.all(answers);
      }
      assert.equal(server.mostActive, 20);
      for (const client of [...first, ...second]) client.destroy();
      await limpet.stop();
    });
  });

  test('a worker that comes later is not kept out by one whose clients come all the time', async () => {
    await withCountingServer(10, async (limpet, server) => {
      const [first, second] = await clientsOfEachWorker(limpet, 20);
      let isOver = false;
      const storms = first.map(async (client) => {
        while (!isOver) await insist(client);
      });
      await waitFor('the server to have all that it may have', () => server.active === 10);
      const late = second.map((client) => insist(client));
      let served = 0;
      for (const answer of late) void answer.then(() => served++);
      await waitFor('all who came later to be served', () => {
        server.answer(3);
        return served === late.length;
      });
      isOver = true;
      await answerAll(server, storms);
      assert.equal(server.mostActive, 10);
      for (const client of [...first, ...second]) client.destroy();
      await limpet.stop();
    });
  });

  test('what a worker had that is killed, the other gets', async () => {
    await withCountingServer(20, async (limpet, server) => {
      const [first, second] = await clientsOfEachWorker(limpet, 24);
      const answers = [...first, ...second].map((client) => insist(client));
      await waitFor('the server to have all that it may have', () => server.active === 20);
      assert.equal(server.mostActive, 20);
      process.kill(workerPids(limpet)[0]!, 'SIGKILL');
      await waitFor('the clients of the killed one to be gone', () => first.every((client) => client.hasEnded));
      await waitFor('the server to have all that it may have, from the other', () => server.active === 20);
      await answerAll(server, answers);
      for (const client of second) client.destroy();
      await limpet.stop();
    });
  });

  test('tunnels hold their place until they end', async () => {
    await withCountingServer(6, async (limpet, server) => {
      const [first, second] = await clientsOfEachWorker(limpet, 8);
      const tunnels = [...first.slice(0, 3), ...second.slice(0, 3)];
      for (const client of tunnels) {
        client.send('GET /chat HTTP/1.1\r\nHost: limpet.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        assert.equal((await client.readHead()).status, 101);
      }
      for (const client of [first[3]!, second[3]!]) {
        client.send(get('/'));
        assert.equal((await client.readResponse()).status, 503);
      }
      for (const client of tunnels) client.destroy();
      const answers = second.slice(3).map((client) => insist(client));
      await waitFor('the places of the tunnels', () => server.active === 5);
      server.answer(5);
      await Promise.all(answers);
      for (const client of [...first, ...second]) client.destroy();
      await limpet.stop();
    });
  });

  test('who leaves while he waits for a place leaves it to others', async () => {
    await withCountingServer(2, async (limpet, server) => {
      const [first, second] = await clientsOfEachWorker(limpet, 12);
      for (const client of [...first, ...second].slice(0, 20)) {
        client.send(get('/'));
        client.destroy();
      }
      const answers = [first[10]!, first[11]!, second[10]!, second[11]!].map((client) => insist(client));
      await waitFor('both places', () => server.active === 2);
      await answerAll(server, answers);
      assert.ok(server.mostActive <= 2);
      for (const client of [...first, ...second]) client.destroy();
      await limpet.stop();
    });
  });

  test('holds in TCP mode too', async () => {
    const server = await CountingServer.start();
    const listeners = { web: { address: '127.0.0.1:0', mode: 'tcp', upstream: 'app' } };
    const upstreams = { app: { servers: [{ address: server.address, maxConnections: 7 }] } };
    try {
      await withLimpet({ listeners, upstreams }, async (limpet) => {
        const clients = await Promise.all(Array.from({ length: 30 }, () => RawClient.connect(limpet.port())));
        for (const client of clients) client.send(get('/'));
        await waitFor('the others to be refused', () => clients.filter((client) => client.hasEnded).length === 23);
        await waitFor('the server to have all that it may have', () => server.active === 7);
        assert.equal(server.mostActive, 7);
        for (const client of clients) client.destroy();
        await waitFor('the server to have none', () => server.active === 0);
        await limpet.stop();
      });
    } finally {
      await server.close();
    }
  });
});

suite("a listener's maxConnections over two workers", { timeout: 120_000 }, () => {
  test('so many are let in, the others are told, and who leaves makes room', async () => {
    const listeners = { web: { address: '127.0.0.1:0', maxConnections: 10, routes: [greeting] } };
    await withLimpet({ listeners }, async (limpet) => {
      const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.connect(limpet.port())));
      for (const client of clients) client.send(get('/hello'));
      await Promise.all(clients.map((client) => client.until(({ pending, hasEnded }) => hasEnded || pending.includes('\r\n\r\n'))));
      const isIn = (client: RawClient): boolean => client.received.startsWith('HTTP/1.1 200 ');
      assert.equal(clients.filter(isIn).length, 10);
      for (const client of clients) client.destroy();
      const next: RawClient[] = [];
      await waitFor('ten others to be let in', async () => {
        const client = await RawClient.connect(limpet.port());
        client.send(get('/hello'));
        await client.until(({ pending, hasEnded }) => hasEnded || pending.includes('\r\n\r\n'));
        if (isIn(client)) next.push(client);
        else client.destroy();
        return next.length === 10;
      });
      for (const client of next) client.destroy();
      await limpet.stop();
    });
  });

  test('who has come over TLS makes room too, however he leaves', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'limpet-'));
    const files = await certificateFiles(folder, await certificateFor('ec', 'limpet.test'));
    const listeners = { web: { address: '127.0.0.1:0', maxConnections: 5, tls: { certificates: [files] }, routes: [greeting] } };
    try {
      await withLimpet({ listeners }, async (limpet) => {
        for (let times = 0; times < 24; times++) {
          const client = await RawClient.connect(limpet.port());
          if (times % 3 === 0) client.send('no handshake');
          // Whoever left just before may still have the place.
          else await answerOverTls(client.socket).catch(() => {});
          if (times % 3 === 2) client.reset();
          else client.destroy();
        }
        const held: Socket[] = [];
        await waitFor('all five places', async () => {
          const { socket } = await RawClient.connect(limpet.port());
          const secure = await answerOverTls(socket).catch(() => null);
          if (secure !== null) held.push(secure);
          return held.length === 5;
        });
        for (const socket of held) socket.destroy();
        await limpet.stop();
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** A TLS connection over the socket on which one request has been answered. Rejects when it is not let in. */
async function answerOverTls(socket: Socket): Promise<Socket> {
  const secure = connectTls({ socket, servername: 'limpet.test', rejectUnauthorized: false });
  secure.on('error', () => {});
  secure.write(get('/hello'));
  await within('an answer', once(secure, 'data'));
  return secure;
}
