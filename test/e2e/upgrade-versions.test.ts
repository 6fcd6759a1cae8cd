// Taking over from a program of another age, which hands over less than this one can take.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor, within } from '../fixtures/wait-for.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

for (const workers of [1, 2]) {
  test(`from a program that hands over no sessions ${workers} of a process take over, and ask it nothing`, {
    timeout: 60_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'limpet-'));
    const file = join(folder, 'proxy.config.json');
    const sticky = { policy: 'source' };
    const upstreams = { app: { servers: ['127.0.0.1:9'], sticky } };
    await writeFile(file, JSON.stringify({ workers, listeners: { web: { address: '127.0.0.1:0', upstream: 'app' } }, upstreams }));
    const successor = fork(program, ['run', file], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, LIMPET_UPGRADE: '1' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    try {
      let log = '';
      successor.stderr?.setEncoding('utf8').on('data', (text: string) => void (log += text));
      const told: unknown[] = [];
      successor.on('message', (message: { kind: string }) => told.push(message.kind));
      successor.send({ kind: 'inheritance', pid: process.pid, ticketKeys: Buffer.alloc(48), sockets: 0, pidFileFd: null });
      await waitFor('it to be ready', () => told.includes('ready'), 30_000);
      const exited = once(successor, 'exit');
      successor.kill('SIGTERM');
      assert.deepEqual(await within('its end', exited, 30_000), [0, null], log);
      assert.deepEqual(told, ['ready'], log);
    } finally {
      successor.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
}
