// Several workers: they share the work, one that dies takes only its own connections along, what waits meanwhile is
// answered by the next, and all of them end when the supervisor says so or is gone.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { RawClient } from '../fixtures/raw-client.js';
import { startScriptedServer } from '../fixtures/scripted-server.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type ConfigData, type LimpetProcess, startLimpet } from './limpet-process.js';
import { answerWith, switchingProtocols, upgradeRequest } from './one-scripted-server.js';
import { connectAndGet, connectMany, getRequest, isRunning, socketsOf, workerPids } from './worker-processes.js';

const nodeMajor = Number.parseInt(process.versions.node, 10);
const answersItself = { routes: [{ respond: { status: 200, body: 'hello' } }] };
const web = { address: '127.0.0.1:0', ...answersItself };

async function withLimpet(config: ConfigData, action: (limpet: LimpetProcess) => Promise<void>, options: string[] = []): Promise<void> {
  const limpet = await startLimpet({ workers: 2, listeners: { web }, ...config }, options);
  try {
    await action(limpet);
  } finally {
    await limpet.kill();
  }
}

/** Sockets of workers that hold no connection. */
const idleSockets = (limpet: LimpetProcess) => workerPids(limpet).map(socketsOf);

function countOf(limpet: LimpetProcess, pattern: RegExp): number {
  return limpet.output().filter((line) => pattern.test(line)).length;
}

suite('several workers', { timeout: 120_000 }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'workers-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('each listener is named once, with one port for all, and clients are spread over the workers', async () => {
    await withLimpet({ listeners: { web, other: web } }, async (limpet) => {
      assert.equal(countOf(limpet, / listening name=web /), 1);
      assert.equal(countOf(limpet, / listening name=other /), 1);
      assert.equal(countOf(limpet, / ready pid=\d+ workers=2$/), 1);
      const idle = idleSockets(limpet);
      const clients = await connectMany(limpet.port(), 400);
      const held = workerPids(limpet).map((pid, index) => socketsOf(pid) - idle[index]);
      assert.equal(held[0] + held[1], 400, String(held));
      // One socket for all, as Node 20 has it, may be as uneven as it likes.
      if (nodeMajor >= 22) assert.ok(Math.min(...held) >= 100, `spread ${held.join(' and ')}`);
      for (const client of clients) client.destroy();
      await limpet.stop();
    });
  });

  test('a worker that is killed is replaced at once, and the connections of the other do not notice', async () => {
    await withLimpet({}, async (limpet) => {
      const idle = idleSockets(limpet);
      const [first, second] = workerPids(limpet);
      const clients = await connectMany(limpet.port(), 60);
      const kept = socketsOf(second) - idle[1];
      process.kill(first, 'SIGKILL');
      await waitFor('the connections of the killed one to end', () => clients.filter((client) => client.hasEnded).length === 60 - kept);
      await waitFor('a replacement', () => workerPids(limpet)[0] !== first);
      assert.equal(workerPids(limpet)[1], second);
      assert.equal(countOf(limpet, / error worker died worker=1 pid=\d+ signal=SIGKILL replacedInMs=0$/), 1);
      const survivors = clients.filter((client) => !client.hasEnded);
      assert.equal(survivors.length, kept);
      for (const client of survivors) {
        client.send(getRequest);
        assert.equal((await client.readResponse()).body, 'hello');
      }
      clients.push(...(await connectMany(limpet.port(), 60)));
      for (const client of clients) client.destroy();
      await limpet.stop();
    });
  });

  test('when every worker dies, connections wait and are answered by the next', async () => {
    await withLimpet({}, async (limpet) => {
      const pids = workerPids(limpet);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      const waiting = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(limpet.port())));
      for (const client of waiting) client.send(getRequest);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      for (const client of waiting) assert.equal((await client.readResponse()).body, 'hello');
      await waitFor('the replacements', () => workerPids(limpet).every((pid, index) => pid !== pids[index]));
      for (const client of waiting) client.destroy();
      await limpet.stop();
    });
  });

  test('a unix socket is shared, outlives its workers, replaces a stale file and leaves none', async () => {
    const path = join(folder, 'web.sock');
    const config = { listeners: { web: { address: `unix:${path}`, ...answersItself } } };
    const get = async (): Promise<number> => {
      const [response] = await once(request({ socketPath: path, path: '/', agent: false }).end(), 'response');
      response.resume();
      return response.statusCode;
    };
    await withLimpet(config, async (limpet) => {
      assert.equal(countOf(limpet, / listening name=web address=unix:\S+web\.sock$/), 1);
      assert.equal(await get(), 200);
      const pids = workerPids(limpet);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      assert.equal(await get(), 200);
      // Without an orderly end its file stays.
      process.kill(limpet.pid, 'SIGKILL');
    });
    assert.ok(existsSync(path));
    await withLimpet(config, async (limpet) => {
      assert.equal(await get(), 200);
      await limpet.stop();
    });
    assert.ok(!existsSync(path));
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${version} sessions are resumed by workers that did not begin them`, async () => {
      const certificate = await certificateFor('ec', 'limpet.test');
      const files = await certificateFiles(folder, certificate, 'resumed');
      await withLimpet({ listeners: { web: { ...web, tls: { certificates: [files], maxVersion: version } } } }, async (limpet) => {
        let ticket: Buffer | null = null;
        const open = async (session?: Buffer): Promise<TLSSocket> => {
          const options = { port: limpet.port(), host: '127.0.0.1', servername: 'limpet.test', rejectUnauthorized: false };
          const socket = connect(session === undefined ? options : { ...options, session });
          // Before or after the handshake is done, depending on the version.
          socket.on('session', (told: Buffer) => {
            ticket = told;
          });
          await within('the handshake', once(socket, 'secureConnect'));
          return socket;
        };
        const socket = await open();
        assert.equal(socket.getProtocol(), version);
        const session = await waitFor('a ticket', () => ticket);
        socket.destroy();
        const pids = workerPids(limpet);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        await waitFor('the replacements', () => workerPids(limpet).every((pid, index) => pid !== pids[index]));
        for (let i = 0; i < 10; i++) {
          const again = await open(session);
          assert.equal(again.isSessionReused(), true);
          again.end();
          await within('the end', once(again.resume(), 'close'));
        }
        await limpet.stop();
      });
    });
  }

  test('SIGTERM lets all workers finish what is under way, and cuts tunnels at the deadline', async () => {
    const held: (() => void)[] = [];
    const server = await startScriptedServer((connection, head) => {
      if (head.startsWith('GET /chat ')) connection.write(switchingProtocols);
      else held.push(() => connection.write(answerWith('at last')));
    });
    const upstreams = { app: { servers: [server.address] } };
    const listeners = { web: { address: '127.0.0.1:0', upstream: 'app' } };
    await withLimpet({ shutdownTimeout: '1s', listeners, upstreams }, async (limpet) => {
      const port = limpet.port();
      const waiting = await Promise.all(Array.from({ length: 16 }, () => RawClient.connect(port)));
      for (const client of waiting) client.send(getRequest);
      const tunnel = await RawClient.connect(port);
      tunnel.send(upgradeRequest);
      assert.equal((await tunnel.readHead()).status, 101);
      await waitFor('the server to be asked', () => held.length === 16);
      const stopped = limpet.stop();
      await waitFor('new connections to be refused', async () => {
        const client = await RawClient.connect(port).catch(() => null);
        client?.destroy();
        return client === null;
      });
      for (const answer of held) answer();
      for (const client of waiting) {
        const answer = await client.readResponse();
        assert.equal(answer.body, 'at last');
        client.destroy();
      }
      await tunnel.untilEnd();
      tunnel.destroy();
      await stopped;
    });
    await server.close();
  });

  test('a second signal cuts what is left at once', async () => {
    const server = await startScriptedServer((connection) => connection.write(switchingProtocols));
    const upstreams = { app: { servers: [server.address] } };
    const listeners = { web: { address: '127.0.0.1:0', upstream: 'app' } };
    await withLimpet({ shutdownTimeout: '1h', listeners, upstreams }, async (limpet) => {
      const tunnel = await RawClient.connect(limpet.port());
      tunnel.send(upgradeRequest);
      assert.equal((await tunnel.readHead()).status, 101);
      const stopped = limpet.stop();
      await waitFor('the first to be taken', () => countOf(limpet, / stopping /) === 1);
      process.kill(limpet.pid, 'SIGINT');
      await tunnel.untilEnd();
      tunnel.destroy();
      await stopped;
    });
    await server.close();
  });

  test('signals that reach a worker are for its supervisor to decide on', async () => {
    await withLimpet({}, async (limpet) => {
      const pids = workerPids(limpet);
      const clients = await connectMany(limpet.port(), 10);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const) {
        for (const pid of pids) process.kill(pid, signal);
      }
      for (const client of clients) {
        client.send(getRequest);
        assert.equal((await client.readResponse()).fields.get('connection'), undefined);
        client.destroy();
      }
      assert.deepEqual(workerPids(limpet), pids);
      await limpet.stop();
    });
  });

  test('without their supervisor the workers let nobody in, finish, and end', async () => {
    const held: (() => void)[] = [];
    const server = await startScriptedServer((connection) => void held.push(() => connection.write(answerWith('at last'))));
    const upstreams = { app: { servers: [server.address] } };
    await withLimpet({ listeners: { web: { address: '127.0.0.1:0', upstream: 'app' } }, upstreams }, async (limpet) => {
      const pids = workerPids(limpet);
      const client = await RawClient.connect(limpet.port());
      client.send(getRequest);
      await waitFor('the server to be asked', () => held.length === 1);
      process.kill(limpet.pid, 'SIGKILL');
      await waitFor('new connections to be refused', async () => {
        const late = await RawClient.connect(limpet.port()).catch(() => null);
        late?.destroy();
        return late === null;
      });
      held[0]();
      assert.equal((await client.readResponse()).body, 'at last');
      client.destroy();
      await waitFor('the workers to end', () => !pids.some(isRunning));
      assert.equal(countOf(limpet, / warn the supervisor is gone .* worker=\d$/), 2);
    });
    await server.close();
  });

  test('"auto" is one for each processor, and --workers is stronger than the file', async () => {
    await withLimpet({ workers: 'auto' }, async (limpet) => {
      assert.equal(countOf(limpet, new RegExp(` ready pid=\\d+ workers=${availableParallelism()}$`)), 1);
      await limpet.stop();
    });
    await withLimpet(
      { workers: 1 },
      async (limpet) => {
        assert.equal(workerPids(limpet).length, 3);
        (await connectAndGet(limpet.port())).destroy();
        await limpet.stop();
      },
      ['--workers', '3'],
    );
  });

  test('an address in use is told in one line, whoever has it, and nothing stays behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const failsOn = async (port: number): Promise<void> => {
      const listeners = { free: web, web: { ...web, address: `127.0.0.1:${port}` } };
      // It ends only when all its processes have closed the log.
      await assert.rejects(startLimpet({ workers: 2, listeners }), {
        message: /^Limpet ended with 1 before it was ready:\n\S+ error listener "web": its address is in use by another program[^\n]*\n$/,
      });
    };
    await failsOn((taken.address() as AddressInfo).port);
    taken.close();
    // Workers of another Limpet share their port with each other, but not with us.
    await withLimpet({}, async (limpet) => {
      await failsOn(limpet.port());
      await limpet.stop();
    });
  });

  test('workers have their certificates from the supervisor, whatever happens to the files', async () => {
    const certificate = await certificateFor('ec', 'limpet.test');
    const files = await certificateFiles(folder, certificate, 'gone');
    await withLimpet({ listeners: { web: { ...web, tls: { certificates: [files] } } } }, async (limpet) => {
      await rm(files.cert);
      await rm(files.key);
      const pids = workerPids(limpet);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await waitFor('the replacements', () => workerPids(limpet).every((pid, index) => pid !== pids[index]));
      const socket = connect({ port: limpet.port(), host: '127.0.0.1', servername: 'limpet.test', ca: [certificate.cert] });
      await within('the handshake', once(socket, 'secureConnect'));
      socket.destroy();
      await limpet.stop();
    });
  });

  test('a replacement that cannot start is tried again, ever more rarely, while the other serves on', async () => {
    const logs = join(folder, 'logs');
    await withLimpet({ accessLog: { to: join(logs, 'access.log') } }, async (limpet) => {
      const [first, second] = workerPids(limpet);
      const kept: RawClient[] = [];
      await waitFor('a client of the second worker', async () => {
        const before = socketsOf(second);
        const client = await connectAndGet(limpet.port());
        kept.push(client);
        return socketsOf(second) > before;
      });
      await rename(logs, `${logs}.away`);
      await writeFile(logs, 'in the way of the folder');
      process.kill(first, 'SIGKILL');
      await waitFor(
        'a second try',
        () => countOf(limpet, / worker could not start worker=1 .*exitCode=1 problem=.*access\.log.* replacedInMs=200$/) === 1,
      );
      const last = kept.at(-1) as RawClient;
      last.send(getRequest);
      assert.equal((await last.readResponse()).body, 'hello');
      await rm(logs);
      await waitFor('the replacement', () => workerPids(limpet)[0] !== first);
      for (const client of kept) client.destroy();
      await limpet.stop();
    });
  });

  test('lines of the error log say which worker wrote them, and access logs of all are one file of whole lines', async () => {
    const file = join(folder, 'all.log');
    await withLimpet({ accessLog: { format: 'json', to: file }, listeners: { web: { ...web, maxConnections: 1 } } }, async (limpet) => {
      const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.connect(limpet.port())));
      for (const client of clients) client.send(getRequest);
      for (const client of clients) await client.until(({ received, hasEnded }) => hasEnded || received.includes('\r\n\r\n'));
      assert.ok(countOf(limpet, / Connection refused code=\S+ .* worker=[12]$/) > 0);
      for (const client of clients) client.destroy();
      await limpet.stop();
    });
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    assert.ok(lines.length >= 1);
    for (const line of lines) assert.equal((JSON.parse(line) as { status: number }).status, 200);
  });
});
