// What a running Limpet tells the system about itself: its process id in a file that no second one may use, and its
// state to a service manager.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { startLimpet } from './limpet-process.js';
import { connectAndGet, isRunning } from './worker-processes.js';

const config = { listeners: { web: { address: '127.0.0.1:0', routes: [{ respond: { status: 200, body: 'hello' } }] } } };

suite('a running Limpet', { timeout: 120_000 }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'one-of-a-kind-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('lets no second one run by its pid file, and serves on', async () => {
    const pidFile = join(folder, 'second.pid');
    const limpet = await startLimpet(config, ['--pid-file', pidFile]);
    try {
      await assert.rejects(startLimpet(config, ['--pid-file', pidFile]), {
        message: `Limpet ended with 1 before it was ready:\na Limpet with the process id ${limpet.pid} runs by the pid file ${pidFile} already; stop it, or give the path of another file\n`,
      });
      (await connectAndGet(limpet.port())).destroy();
      assert.equal(readFileSync(pidFile, 'latin1'), `${limpet.pid}\n`);
      await limpet.stop();
      assert.ok(!existsSync(pidFile));
    } finally {
      await limpet.kill();
    }
  });

  test('takes over a pid file that was left behind', async () => {
    const pidFile = join(folder, 'left.pid');
    const killed = await startLimpet(config, ['--pid-file', pidFile]);
    await killed.kill();
    assert.equal(readFileSync(pidFile, 'latin1'), `${killed.pid}\n`);
    const limpet = await startLimpet(config, ['--pid-file', pidFile]);
    try {
      assert.equal(readFileSync(pidFile, 'latin1'), `${limpet.pid}\n`);
      await limpet.stop();
    } finally {
      await limpet.kill();
    }
  });

  test("leaves a pid file alone that is another one's by now", async () => {
    const pidFile = join(folder, 'changed.pid');
    const limpet = await startLimpet(config, ['--pid-file', pidFile]);
    try {
      writeFileSync(pidFile, '1\n');
      await limpet.stop();
      assert.equal(readFileSync(pidFile, 'latin1'), '1\n');
    } finally {
      await limpet.kill();
    }
  });

  test('tells systemd when it is ready and when it stops; after an upgrade, that another process is the main one', async () => {
    const told = join(folder, 'told');
    writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`);
    chmodSync(join(folder, 'systemd-notify'), 0o755);
    const env = { PATH: `${folder}${delimiter}${process.env['PATH']}`, NOTIFY_SOCKET: join(folder, 'notify') };
    const limpet = await startLimpet(config, [], { env });
    const lines = (): string[] => (existsSync(told) ? readFileSync(told, 'latin1').split('\n').slice(0, -1) : []);
    try {
      await waitFor('the first word', () => lines().length === 1);
      process.kill(limpet.pid, 'SIGUSR2');
      await waitFor('the old process to end', () => !isRunning(limpet.pid), 30_000);
      await waitFor('the second word', () => lines().length === 2 && limpet.currentPid() !== limpet.pid);
      const successor = limpet.currentPid();
      await limpet.stop();
      await waitFor('the last word', () => lines().length === 3);
      assert.deepEqual(lines(), [`READY=1 MAINPID=${limpet.pid}`, `READY=1 MAINPID=${successor}`, 'STOPPING=1']);
    } finally {
      await limpet.kill();
    }
  });
});
