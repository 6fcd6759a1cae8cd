// What is asked of a Limpet while another process takes over from it, or after it was told to end, and what its clients have
// learned by then: nothing of it is lost between the two.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type ConfigData, childrenOf, type LimpetProcess, startLimpet } from './limpet-process.js';
import { startSessionServer } from './long-life/session-server.js';
import { upgradeRequest } from './one-scripted-server.js';
import { changeConfig } from './reload-steps.js';
import { runCommand } from './run-command.js';
import { connectAndGet, getRequest, isRunning } from './worker-processes.js';

async function withLimpet(config: ConfigData, action: (limpet: LimpetProcess) => Promise<void>): Promise<void> {
  const limpet = await startLimpet({ shutdownTimeout: '60s', ...config }, ['--pid-file', 'FOLDER/limpet.pid']);
  try {
    await action(limpet);
  } finally {
    await limpet.kill();
  }
}

const answering = (body: string) => ({ web: { address: '127.0.0.1:0', routes: [{ respond: { status: 200, body } }] } });

const startOfNew = / upgrade: the new process starts pid=(\d+)/;

const hasSaid = (limpet: LimpetProcess, pattern: RegExp): boolean => limpet.output().some((line) => pattern.test(line));

async function upgrade(limpet: LimpetProcess): Promise<void> {
  process.kill(limpet.pid, 'SIGUSR2');
  await waitFor('the new process to take over', () => hasSaid(limpet, / has taken over /) && limpet.currentPid() !== limpet.pid, 30_000);
}

interface Answered {
  readonly body: string;
  readonly cookie: string;
}

/**
 * What one process has learned is on its way to the other for a moment, in order: once the last session is known there, all are.
 * What neither has learned never arrives. `clients` gives a connection for one more request.
 */
async function untilKnown(clients: () => RawClient, { body, cookie }: Answered): Promise<void> {
  await waitFor(`${body} to answer`, async () => (await ask(clients(), cookie)).body === body);
}

async function ask(client: RawClient, fields: string): Promise<Answered> {
  client.send(`GET /app HTTP/1.1\r\nHost: limpet.test\r\n${fields}\r\n`);
  const response = await client.readResponse();
  return { body: response.body, cookie: `Cookie: ${(response.fields.get('set-cookie') ?? '').split(';')[0]}\r\n` };
}

suite('during an upgrade', { timeout: 180_000 }, () => {
  for (const workers of [1, 2]) {
    test(`with ${workers} of a process learned sessions are known to both processes, whichever has learned them`, async () => {
      const servers = await Promise.all(['a', 'b', 'c'].map(startSessionServer));
      const config = {
        workers,
        accessLog: 'off',
        listeners: { web: { address: '127.0.0.1:0', upstream: 'app' } },
        upstreams: {
          app: {
            servers: ['a', 'b', 'c'].map((name, i) => ({ name, address: servers[i]!.address })),
            sticky: { policy: 'app-cookie', name: 'SID' },
          },
        },
      };
      try {
        await withLimpet(config, async (limpet) => {
          const port = limpet.port();
          const first = await RawClient.connect(port);
          const sessions: Answered[] = [];
          for (let i = 0; i < 30; i++) sessions.push(await ask(first, ''));
          first.destroy();
          // A tunnel keeps the old process; each of the others has one more request there.
          const tunnel = await RawClient.connect(port);
          tunnel.send(upgradeRequest);
          assert.equal((await tunnel.readHead()).status, 101);
          const lingering = await Promise.all(Array.from({ length: 60 }, () => connectAndGet(port)));
          await upgrade(limpet);
          for (const client of lingering.slice(0, 10)) sessions.push(await ask(client, ''));
          const second = await RawClient.connect(port);
          await untilKnown(() => second, sessions.at(-1)!);
          for (const { body, cookie } of sessions) assert.equal((await ask(second, cookie)).body, body);
          const learnedLater: Answered[] = [];
          for (let i = 0; i < 10; i++) learnedLater.push(await ask(second, ''));
          const unused = lingering.slice(10);
          const next = () => unused.pop() ?? assert.fail('it never came to be known');
          await untilKnown(next, learnedLater.at(-1)!);
          for (const { body, cookie } of learnedLater) assert.equal((await ask(next(), cookie)).body, body);
          assert.ok(isRunning(limpet.pid));
          for (const client of [second, tunnel, ...lingering]) client.destroy();
          await waitFor('the old process to end', () => !isRunning(limpet.pid));
          await limpet.stop();
        });
      } finally {
        await Promise.all(servers.map((server) => server.close()));
      }
    });
  }

  test("a reload is the new process's, which has read the config before it was changed, and `limpet reload` is told what came of it", async () => {
    await withLimpet({ workers: 2, listeners: answering('old') }, async (limpet) => {
      process.kill(limpet.pid, 'SIGUSR2');
      await waitFor('the start', () => hasSaid(limpet, startOfNew));
      const successor = Number(startOfNew.exec(limpet.output().join('\n'))?.[1]);
      // Where it has workers, it has read the config. They cannot be ready before it goes on.
      await waitFor('its workers', () => childrenOf(successor).length > 0);
      process.kill(successor, 'SIGSTOP');
      await changeConfig(limpet, ({ listeners }) => {
        listeners['web'] = answering('new').web;
      });
      process.kill(limpet.pid, 'SIGHUP');
      const told = runCommand('reload', '--pid-file', join(limpet.folder, 'limpet.pid'));
      process.kill(successor, 'SIGCONT');
      assert.equal((await told)[0], 0);
      await waitFor('the old process to end', () => !isRunning(limpet.pid), 30_000);
      const client = await RawClient.connect(limpet.port());
      client.send(getRequest);
      assert.equal((await client.readResponse()).body, 'new');
      client.destroy();
      await limpet.stop();
    });
  });

  test('one that is asked for when the process ends starts nothing', async () => {
    const server = await startSessionServer('a');
    const listeners = { web: { address: '127.0.0.1:0', upstream: 'app' } };
    try {
      await withLimpet({ listeners, upstreams: { app: { servers: [server.address] } } }, async (limpet) => {
        const tunnel = await RawClient.connect(limpet.port());
        tunnel.send(upgradeRequest);
        assert.equal((await tunnel.readHead()).status, 101);
        process.kill(limpet.pid, 'SIGTERM');
        await waitFor('the end to begin', () => hasSaid(limpet, / stopping /));
        const [code, text] = await runCommand('upgrade', '--pid-file', join(limpet.folder, 'limpet.pid'));
        assert.equal(code, 1);
        assert.equal(text, `limpet: not upgraded, the process ${limpet.pid} goes on: it is ending already\n`);
        assert.equal(readFileSync(join(limpet.folder, 'limpet.pid'), 'utf8'), `${limpet.pid}\n`);
        tunnel.destroy();
        await waitFor('the end', () => !isRunning(limpet.pid));
        assert.ok(!hasSaid(limpet, / new process /));
      });
    } finally {
      await server.close();
    }
  });
});
