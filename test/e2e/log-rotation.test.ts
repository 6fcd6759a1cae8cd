// SIGUSR1: logs are opened anew after a rotation, no line is lost or torn, and Node's inspector stays closed.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, readlinkSync, renameSync, writeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor, within } from '../fixtures/wait-for.js';
import { startLimpet } from './limpet-process.js';
import { SteadyLoad } from './steady-load.js';
import { workerPids } from './worker-processes.js';

const listeners = { web: { address: '127.0.0.1:0', routes: [{ respond: { status: 200, body: 'hello' } }] } };

/** '' if it is closed by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

suite('log rotation', { timeout: 120_000 }, () => {
  for (const workers of [1, 2]) {
    test(`loses and tears no line of the access log under load, with ${workers} of a process`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'rotation-'));
      const file = join(folder, 'access.log');
      const limpet = await startLimpet({
        workers,
        listeners,
        accessLog: { format: 'json', to: file, buffer: '4KiB', flushInterval: '20ms' },
        errorLog: { to: 'stdout' },
      });
      try {
        const load = new SteadyLoad(limpet.port(), 3);
        for (let round = 1; round <= 5; round++) {
          const answered = load.answered;
          await waitFor('more requests', () => load.answered > answered + 50);
          renameSync(file, `${file}.${round}`);
          process.kill(limpet.pid, 'SIGUSR1');
          // Sent to every process of a service, it must do no harm either.
          for (const pid of workerPids(limpet)) process.kill(pid, 'SIGUSR1');
          await waitFor('a new file with lines', () => existsSync(file) && readFileSync(file, 'latin1').includes('\n'));
        }
        await load.stop();
        assert.deepEqual(load.lost, []);
        await limpet.stop();
        const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
        for (const line of lines) assert.equal((JSON.parse(line) as { status: number }).status, 200);
        assert.equal(lines.length, load.answered);
        assert.equal(limpet.output().filter((line) => / logs opened anew$/.test(line)).length, 5);
        assert.deepEqual(
          limpet.output().filter((line) => line.includes('ebugger')),
          [],
        );
      } finally {
        await limpet.kill();
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  test('opens the error log of every process anew', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rotation-'));
    const file = join(folder, 'error.log');
    const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
    const config = join(folder, 'proxy.config.json');
    const text = JSON.stringify({ workers: 2, listeners, accessLog: 'off', errorLog: { to: file } });
    await writeFile(config, text);
    const child = spawn(process.execPath, [main, 'run', config], { stdio: 'ignore' });
    try {
      const has = (path: string, what: RegExp): boolean => existsSync(path) && what.test(readFileSync(path, 'latin1'));
      await waitFor('it to be ready', () => has(file, / ready /));
      renameSync(file, `${file}.1`);
      child.kill('SIGUSR1');
      await waitFor('the new file', () => has(file, / logs opened anew$/m));
      const open = (pid: number): string[] => readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
      const pids = Array.from(readFileSync(`${file}.1`, 'latin1').matchAll(/ worker listening worker=\d pid=(\d+)/g), ([, pid]) =>
        Number(pid),
      );
      assert.equal(pids.length, 2);
      for (const pid of [child.pid as number, ...pids]) {
        await waitFor('the old file to be closed', () => !open(pid).includes(`${file}.1`));
        assert.ok(open(pid).includes(file));
      }
      child.kill('SIGTERM');
      await within('the end', once(child, 'exit'));
      assert.ok(has(file, / stopped$/m));
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('that is asked for while the program still starts opens no inspector', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rotation-'));
    const config = join(folder, 'proxy.config.json');
    assert.equal(spawnSync('mkfifo', [config]).status, 0);
    const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
    const child = spawn(process.execPath, [main, 'run', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr?.setEncoding('latin1').on('data', (chunk: string) => {
      errors += chunk;
    });
    try {
      // The pipe can be written to once the program has come so far as to read its config.
      const pipe = await waitFor('the program to read its config', () => {
        try {
          return openSync(config, constants.O_WRONLY | constants.O_NONBLOCK);
        } catch {
          return null;
        }
      });
      child.kill('SIGUSR1');
      writeSync(pipe, JSON.stringify({ listeners, accessLog: 'off' }));
      closeSync(pipe);
      await waitFor('it to be ready', () => / ready /.test(errors));
      child.kill('SIGTERM');
      await within('the end', once(child, 'exit'));
      assert.doesNotMatch(errors, /ebugger/);
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});
