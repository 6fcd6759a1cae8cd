// An upgrade of the program: a new process takes over the sockets and serves, the old one finishes what it has, and
// nobody notices. Where the new one cannot start, nothing has happened.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { RawClient } from '../fixtures/raw-client.js';
import { startScriptedServer } from '../fixtures/scripted-server.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type ConfigData, type LimpetProcess, type StartOptions, startLimpet } from './limpet-process.js';
import { answerWith, switchingProtocols, upgradeRequest } from './one-scripted-server.js';
import { runCommand } from './run-command.js';
import { SteadyLoad } from './steady-load.js';
import { connectAndGet, getRequest, isRunning, workerPids } from './worker-processes.js';

const answersItself = { routes: [{ respond: { status: 200, body: 'hello' } }] };
const web = { address: '127.0.0.1:0', ...answersItself };
const withPidFile = ['--pid-file', 'FOLDER/limpet.pid'];

async function withLimpet(config: ConfigData, action: (limpet: LimpetProcess) => Promise<void>, start?: StartOptions): Promise<void> {
  const limpet = await startLimpet({ listeners: { web }, shutdownTimeout: '60s', ...config }, withPidFile, start);
  try {
    await action(limpet);
  } finally {
    await limpet.kill();
  }
}

function pidInFile(limpet: LimpetProcess): number {
  return Number(readFileSync(join(limpet.folder, 'limpet.pid'), 'utf8'));
}

/** Asks for an upgrade and resolves when the new process has taken over, and both have said so. */
async function upgrade(limpet: LimpetProcess): Promise<void> {
  const before = limpet.currentPid();
  const count = said(limpet, takenOver).length;
  process.kill(before, 'SIGUSR2');
  const isDone = (): boolean => said(limpet, takenOver).length === count + 1 && limpet.currentPid() !== before;
  await waitFor('the new process to take over', isDone, 30_000);
  assert.equal(pidInFile(limpet), limpet.currentPid());
}

const takenOver = / the new process has taken over /;

const said = (limpet: LimpetProcess, pattern: RegExp): string[] => limpet.output().filter((line) => pattern.test(line));

async function changeConfig(limpet: LimpetProcess, change: (config: ConfigData) => void): Promise<void> {
  const file = join(limpet.folder, 'proxy.config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as ConfigData;
  change(config);
  await writeFile(file, JSON.stringify(config));
}

async function openTunnel(port: number): Promise<RawClient> {
  const tunnel = await RawClient.connect(port);
  tunnel.send(upgradeRequest);
  assert.equal((await tunnel.readHead()).status, 101);
  return tunnel;
}

async function echoes(tunnel: RawClient, text: string): Promise<void> {
  tunnel.send(text);
  assert.equal(await tunnel.readBytes(text.length), text);
}

suite('an upgrade', { timeout: 300_000 }, () => {
  for (const workers of [1, 2]) {
    test(`with ${workers} of a process loses no request and no tunnel, and the next one neither`, async () => {
      const server = await startScriptedServer((connection, head) => {
        if (head.startsWith('GET /chat ')) {
          connection.write(switchingProtocols);
          connection.on('data', (chunk) => connection.write(chunk));
        } else connection.write(answerWith('ok'));
      });
      const listeners = { web: { address: '127.0.0.1:0', upstream: 'app' } };
      await withLimpet({ workers, listeners, upstreams: { app: { servers: [server.address] } } }, async (limpet) => {
        const port = limpet.port();
        const load = new SteadyLoad(port, 5);
        const tunnels = await Promise.all(Array.from({ length: 10 }, () => openTunnel(port)));
        const idle = await connectAndGet(port);
        const generations = [limpet.pid];
        for (let round = 0; round < 2; round++) {
          const answered = load.answered;
          await waitFor('the load to be on', () => load.answered > answered + 100);
          await upgrade(limpet);
          generations.push(limpet.currentPid());
          tunnels.push(await openTunnel(port));
          for (const tunnel of tunnels) await echoes(tunnel, 'still here');
        }
        // Whoever was idle with an old process is still answered by it, and then sent away.
        idle.send(getRequest);
        assert.equal((await idle.readResponse()).fields.get('connection')?.toLowerCase(), 'close');
        idle.destroy();
        await load.stop();
        assert.deepEqual(load.lost, []);
        // Each old process ends with the last of its tunnels.
        for (const tunnel of tunnels) tunnel.destroy();
        await waitFor('the old processes to end', () => !generations.slice(0, 2).some(isRunning));
        await server.close();
        await limpet.stop();
      });
      await server.close();
    });
  }

  test('keeps the connections that wait in the sockets of workers that do not take them', async () => {
    await withLimpet({ workers: 2 }, async (limpet) => {
      const stopped = workerPids(limpet);
      for (const pid of stopped) process.kill(pid, 'SIGSTOP');
      const waiting = await Promise.all(Array.from({ length: 60 }, () => RawClient.connect(limpet.port())));
      for (const client of waiting) client.send(getRequest);
      await upgrade(limpet);
      for (const client of waiting) {
        assert.equal((await client.readResponse()).body, 'hello');
        client.destroy();
      }
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
      await limpet.stop();
    });
  });

  for (const [from, to] of [
    [1, 3],
    [3, 1],
  ] as const) {
    test(`may change the number of workers, from ${from} to ${to}`, async () => {
      await withLimpet({ workers: from }, async (limpet) => {
        const load = new SteadyLoad(limpet.port(), 5);
        await changeConfig(limpet, (config) => {
          config['workers'] = to;
        });
        await waitFor('the load to be on', () => load.answered > 100);
        await upgrade(limpet);
        const answered = load.answered;
        await waitFor('the load to go on', () => load.answered > answered + 500);
        await load.stop();
        assert.deepEqual(load.lost, []);
        assert.match(said(limpet, / ready pid=/)[1] ?? '', new RegExp(` workers=${to}$`));
        await limpet.stop();
      });
    });
  }

  for (const workers of [1, 2]) {
    test(`to a program that cannot start leaves everything as it is, with ${workers} of a process`, async () => {
      await withLimpet({ workers }, async (limpet) => {
        const load = new SteadyLoad(limpet.port(), 2);
        const pid = pidInFile(limpet);
        const fails = async (count: number): Promise<string> => {
          process.kill(pid, 'SIGUSR2');
          await waitFor('the failure', () => said(limpet, / upgrade failed, this process goes on /).length === count, 30_000);
          return said(limpet, / error upgrade failed, this process goes on /)[count - 1] as string;
        };
        await changeConfig(limpet, (config) => {
          config['wrokers'] = 1;
        });
        assert.match(await fails(1), / problem=".*proxy\.config\.json:1:\d+: unknown key /);
        const taken = createServer().listen(0, '127.0.0.1');
        await once(taken, 'listening');
        await changeConfig(limpet, (config) => {
          delete config['wrokers'];
          config['listeners'] = { web, other: { ...web, address: `127.0.0.1:${(taken.address() as { port: number }).port}` } };
        });
        assert.match(await fails(2), / problem=".*listener .*other.* in use /);
        taken.close();
        assert.equal(pidInFile(limpet), pid);
        (await connectAndGet(limpet.port())).destroy();
        await load.stop();
        assert.deepEqual(load.lost, []);
        // What was wrong is put right: now it goes.
        await upgrade(limpet);
        await limpet.stop();
        assert.ok(!existsSync(join(limpet.folder, 'limpet.pid')));
      });
    });
  }

  test('takes the keys of TLS sessions along', async () => {
    const certificate = await certificateFor('ec', 'limpet.test');
    await withLimpet({}, async (limpet) => {
      const files = await certificateFiles(limpet.folder, certificate);
      await changeConfig(limpet, (config) => {
        config['listeners'] = { web, secure: { ...web, tls: { certificates: [files] } } };
      });
      await upgrade(limpet);
      const open = async (session?: Buffer): Promise<TLSSocket> => {
        const options = { port: limpet.port('secure'), host: '127.0.0.1', servername: 'limpet.test', rejectUnauthorized: false };
        const socket = connectTls(session === undefined ? options : { ...options, session });
        await within('the handshake', once(socket, 'secureConnect'));
        return socket;
      };
      const socket = await open();
      const [session] = (await within('a ticket', once(socket, 'session'))) as [Buffer];
      socket.destroy();
      await upgrade(limpet);
      const again = await open(session);
      assert.equal(again.isSessionReused(), true);
      again.destroy();
      await limpet.stop();
    });
  });

  for (const workers of [1, 2]) {
    test(`leaves the file of a unix socket where it is until the last process ends, with ${workers} of a process`, async () => {
      await withLimpet({ workers, listeners: { web: { ...web, address: 'unix:web.sock' } } }, async (limpet) => {
        const path = join(limpet.folder, 'web.sock');
        const isAnswered = async (): Promise<void> => {
          const socket = connect(path);
          await within('the connection', once(socket, 'connect'));
          const client = RawClient.over(socket);
          client.send(getRequest);
          assert.equal((await client.readResponse()).body, 'hello');
          client.destroy();
        };
        await isAnswered();
        await upgrade(limpet);
        await waitFor('the old process to end', () => !isRunning(limpet.pid));
        await isAnswered();
        process.kill(limpet.currentPid(), 'SIGTERM');
        await waitFor('the file to go', () => !existsSync(path));
      });
    });
  }

  test('is asked for by `limpet upgrade`, which tells what came of it', async () => {
    const ask = (pidFile: string) => runCommand('upgrade', '--pid-file', pidFile);
    await withLimpet({}, async (limpet) => {
      const pidFile = join(limpet.folder, 'limpet.pid');
      const [code, text] = await ask(pidFile);
      assert.equal(code, 0, text);
      await waitFor('the new process to say so', () => limpet.currentPid() !== limpet.pid);
      const pid = limpet.currentPid();
      assert.equal(text, `upgraded: the process ${pid} has taken over from ${limpet.pid}\n`);
      await waitFor('the old one to end', () => !isRunning(limpet.pid));
      await changeConfig(limpet, (config) => {
        config['wrokers'] = 1;
      });
      const [failed, problem] = await ask(pidFile);
      assert.equal(failed, 1);
      assert.match(problem, /^limpet: not upgraded, the process \d+ goes on: .*proxy\.config\.json:1:\d+: unknown key "wrokers"[^\n]*\n$/);
      assert.equal(pidInFile(limpet), pid);
      await limpet.stop();
      assert.deepEqual(await ask(join(tmpdir(), 'no-such.pid')), [
        1,
        `limpet: no Limpet runs by the pid file ${join(tmpdir(), 'no-such.pid')}; give the path that it was run with\n`,
      ]);
    });
  });

  test('that is under way ends when the old process is stopped', async () => {
    await withLimpet({}, async (limpet) => {
      process.kill(limpet.pid, 'SIGUSR2');
      await waitFor('the start', () => said(limpet, / upgrade: the new process starts pid=/).length === 1);
      process.kill(limpet.pid, 'SIGTERM');
      await waitFor('the end', () => !isRunning(limpet.pid));
      const started = Number(/ starts pid=(\d+)/.exec(said(limpet, / new process starts /)[0] as string)?.[1]);
      // Either it was too early for it, or it has taken over just before.
      if (said(limpet, takenOver).length === 0) await waitFor('the new process to end', () => !isRunning(started));
    });
  });
});
