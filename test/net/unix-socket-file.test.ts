// The file of a unix socket: in its place at once and with its rights, and removed only by whose it is.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bindUnixHandle } from '../../src/net/listening-handle.js';
import { checkUnixSocketIsFree, provisionalPath, removeSocketFile, socketFileId } from '../../src/net/unix-socket-file.js';

const folder = mkdtempSync(join(tmpdir(), 'socket-file-'));
after(() => rmSync(folder, { recursive: true }));
const asIs = { mode: null, owner: null };

test('what is bound first has a path that is no longer, and another one', () => {
  for (const path of ['/run/web.sock', '/run/a', '/run/web~']) {
    const provisional = provisionalPath(path);
    assert.equal(provisional.length, path.length);
    assert.notEqual(provisional, path);
  }
});

test('the file has its mode, stands alone, and outlives the handle', () => {
  const path = join(folder, 'web.sock');
  const handle = bindUnixHandle(path, { mode: 0o600, owner: null });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['web.sock']);
  handle.close();
  assert.ok(existsSync(path));
  rmSync(path);
});

test("a file that nobody listens on is in nobody's way", async () => {
  const path = join(folder, 'stale.sock');
  bindUnixHandle(path, asIs).close();
  const stale = socketFileId(path);
  await checkUnixSocketIsFree(path);
  bindUnixHandle(path, asIs).close();
  assert.notEqual(socketFileId(path), stale);
  rmSync(path);
});

test('a file that is no socket is left alone', async () => {
  const path = join(folder, 'text');
  writeFileSync(path, 'important');
  await assert.rejects(checkUnixSocketIsFree(path), { code: 'EADDRINUSE' });
  rmSync(path);
});

test('only the very file is removed, not what stands in its place by then', () => {
  const path = join(folder, 'own.sock');
  bindUnixHandle(path, asIs).close();
  const id = socketFileId(path);
  renameSync(path, `${path}.kept`);
  bindUnixHandle(path, asIs).close();
  removeSocketFile(path, id);
  assert.ok(existsSync(path));
  removeSocketFile(`${path}.kept`, id);
  assert.ok(!existsSync(`${path}.kept`));
});
