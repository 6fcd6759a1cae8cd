// New processes that never become ready: the one that runs is told so, and they do not stay.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ListenerConfig } from '../../src/config/config.js';
import type { LogFields, Logger } from '../../src/core/logger.js';
import { silentLogger } from '../../src/core/logger.js';
import { parseListenAddress } from '../../src/net/address.js';
import { EmbeddedStore } from '../../src/store/embedded-store.js';
import { ListeningSockets, noSources } from '../../src/supervisor/listening-sockets.js';
import { PidFile } from '../../src/supervisor/pid-file.js';
import { Upgrade } from '../../src/supervisor/upgrade.js';
import { waitFor } from '../fixtures/wait-for.js';

/** Attempts an upgrade to the JavaScript in `program`; returns what the log says of the failure, and the process id. */
async function failureOf(
  program: string,
  deadlineMs: number,
  executable = process.execPath,
  pidFile: PidFile | null = null,
): Promise<{ problem: unknown; pid: number }> {
  const listeners = { web: { address: parseListenAddress('127.0.0.1:0'), socketMode: null } as ListenerConfig };
  const sockets = await ListeningSockets.bind({ listeners, user: null }, 1, noSources);
  const lines: LogFields[] = [];
  const logger: Logger = { ...silentLogger, info: (_, fields) => lines.push(fields ?? {}), error: (_, fields) => lines.push(fields ?? {}) };
  const upgrade = new Upgrade(
    { sockets, ticketKeys: Buffer.alloc(48), store: new EmbeddedStore(), pidFile },
    { executable, words: ['-e', program], deadlineMs, hold: (attempt) => attempt() },
    logger,
  );
  const problem = await upgrade.attempt();
  sockets.close();
  assert.equal(lines[1]?.['problem'], problem);
  return { problem, pid: Number(lines[0]?.['pid']) };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test('one that is not ready in time is ended', async () => {
  const { problem, pid } = await failureOf('process.on("message", () => {})', 300);
  assert.equal(problem, 'it was not ready after 300 ms');
  await waitFor('its end', () => isGone(pid));
});

test('one that has put its own number into the pid file before it failed takes it away with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'limpet-'));
  try {
    const pidFile = PidFile.claim(join(folder, 'limpet.pid'), null);
    pidFile.write();
    const { problem } = await failureOf('fs.writeSync(4, "1234567890\\n", 0); process.exit(3)', 60_000, process.execPath, pidFile);
    assert.equal(problem, 'it ended with exit code 3 before it was ready');
    assert.equal(await readFile(join(folder, 'limpet.pid'), 'utf8'), `${process.pid}\n`);
    pidFile.release();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('one that ends without a word is told by how it has ended', async () => {
  assert.equal((await failureOf('process.exit(3)', 60_000)).problem, 'it ended with exit code 3 before it was ready');
  assert.equal((await failureOf('process.kill(process.pid, "SIGKILL")', 60_000)).problem, 'it ended with SIGKILL before it was ready');
});

test('what it says last is what is told', async () => {
  const program = 'process.send({ kind: "failed", problem: "no way" }, () => process.exit(1))';
  assert.equal((await failureOf(program, 60_000)).problem, 'no way');
});

test('a program that is not there is told so', async () => {
  assert.match(String((await failureOf('', 60_000, '/no/such/node')).problem), /ENOENT/);
});
