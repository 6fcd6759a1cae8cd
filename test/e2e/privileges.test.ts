// "user" and "group": who the processes are once everything is bound, and that logs and sockets still work then.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { findUser } from '../../src/core/account.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { connectAndGet, workerPids } from './worker-processes.js';

const nobody = findUser('nobody', null);
const skip = process.getuid?.() === 0 && nobody !== null ? false : 'only root can become somebody else, and there must be a user "nobody"';
const answersItself = { routes: [{ respond: { status: 200, body: 'hello' } }] };

/** Real, effective, saved and file system ids, and the groups. */
function identityOf(pid: number): { uids: string; gids: string; groups: string } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1] ?? '';
  return { uids: field('Uid'), gids: field('Gid'), groups: field('Groups') };
}

/** In a folder that everybody may enter, with whatever is in it written by root. */
async function withLimpet(
  config: Record<string, unknown>,
  action: (limpet: LimpetProcess, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'user-'));
  chmodSync(folder, 0o755);
  const limpet = await startLimpet({
    user: 'nobody',
    listeners: {
      web: { address: '127.0.0.1:0', ...answersItself },
      local: { address: `unix:${join(folder, 'web.sock')}`, socketMode: '660', ...answersItself },
    },
    accessLog: { format: 'json', to: join(folder, 'access.log'), flushInterval: '10ms' },
    ...config,
  });
  try {
    await action(limpet, folder);
  } finally {
    await limpet.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function get(socketPath: string): Promise<number | undefined> {
  const [response] = await once(request({ socketPath, path: '/', agent: false }).end(), 'response');
  response.resume();
  return response.statusCode;
}

suite('with "user"', { timeout: 120_000, skip }, () => {
  const { uid, gid } = nobody ?? { uid: -1, gid: -1 };
  const four = (id: number): string => Array(4).fill(id).join('\t');

  for (const workers of [1, 2]) {
    test(`whoever serves has no rights of root left, with ${workers} of a process`, async () => {
      await withLimpet({ workers }, async (limpet, folder) => {
        for (const pid of workers === 1 ? [limpet.pid] : workerPids(limpet)) {
          assert.deepEqual(identityOf(pid), { uids: four(uid), gids: four(gid), groups: String(gid) });
        }
        if (workers > 1) assert.equal(identityOf(limpet.pid).uids, four(0));
        (await connectAndGet(limpet.port())).destroy();
        const path = join(folder, 'web.sock');
        assert.equal(await get(path), 200);
        const { mode, ...owner } = statSync(path);
        assert.deepEqual([mode & 0o777, owner.uid, owner.gid], [0o660, uid, gid]);
        const log = statSync(join(folder, 'access.log'));
        assert.deepEqual([log.uid, log.gid], [uid, gid]);
        await limpet.stop();
      });
    });
  }

  test('logs are rotated in a folder that only root may write to', async () => {
    await withLimpet({ workers: 2 }, async (limpet, folder) => {
      const file = join(folder, 'access.log');
      renameSync(file, `${file}.1`);
      process.kill(limpet.pid, 'SIGUSR1');
      await waitFor('the new file', () => existsSync(file));
      assert.equal(statSync(file).uid, uid);
      const isLogged = async (): Promise<boolean> => {
        (await connectAndGet(limpet.port())).destroy();
        return readFileSync(file, 'latin1').includes('\n');
      };
      await waitFor('a line in it', isLogged);
      await limpet.stop();
    });
  });

  test('a replacement is nobody else', async () => {
    await withLimpet({ workers: 2 }, async (limpet) => {
      const [first] = workerPids(limpet) as [number];
      process.kill(first, 'SIGKILL');
      await waitFor('the replacement', () => workerPids(limpet)[0] !== first);
      assert.equal(identityOf(workerPids(limpet)[0] as number).uids, four(uid));
      await limpet.stop();
    });
  });

  test('a group of its own may be named', async () => {
    await withLimpet({ workers: 2, group: '0' }, async (limpet) => {
      assert.equal(identityOf(workerPids(limpet)[0] as number).gids, four(0));
      await limpet.stop();
    });
  });

  test('the pid file that is left behind names nobody', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'user-'));
    chmodSync(folder, 0o755);
    const pidFile = join(folder, 'limpet.pid');
    const listeners = { web: { address: '127.0.0.1:0', ...answersItself } };
    const limpet = await startLimpet({ user: 'nobody', listeners }, ['--pid-file', pidFile]);
    try {
      assert.equal(readFileSync(pidFile, 'latin1'), `${limpet.pid}\n`);
      await limpet.stop();
      assert.equal(readFileSync(pidFile, 'latin1'), '');
    } finally {
      await limpet.kill();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
