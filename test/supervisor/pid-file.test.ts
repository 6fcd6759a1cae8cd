// The pid file: who may claim it, what stands in it when, and when it goes.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { PidFile, runningLimpet } from '../../src/supervisor/pid-file.js';
import { waitFor } from '../fixtures/wait-for.js';

const folder = mkdtempSync(join(tmpdir(), 'pid-file-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
const newPath = (): string => join(folder, `${++files}.pid`);

/** A process that was started with these words, until `action` is over. */
async function withProcess(words: string[], action: (child: ChildProcess, pid: number) => void | Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ...words], { stdio: 'ignore' });
  try {
    const pid = child.pid as number;
    // Before its exec it has the words of this process.
    await waitFor('its words', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('setInterval'));
    await action(child, pid);
  } finally {
    child.kill('SIGKILL');
  }
}

test('the file is there from write to release, and never without the process id', () => {
  const path = newPath();
  const file = PidFile.claim(path, null);
  assert.ok(!existsSync(path));
  file.write();
  assert.equal(readFileSync(path, 'latin1'), `${process.pid}\n`);
  file.release();
  assert.ok(!existsSync(path));
});

test('a claim that is never written leaves nothing behind', () => {
  const path = newPath();
  PidFile.claim(path, null).release();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith(basename(path))),
    [],
  );
});

test('a link is written through, wherever it leads', () => {
  const [path, target] = [newPath(), newPath()];
  symlinkSync(target, path);
  const file = PidFile.claim(path, null);
  file.write();
  assert.equal(readFileSync(target, 'latin1'), `${process.pid}\n`);
  file.release();
});

test("who gives root's rights up has the file from the start", () => {
  const path = newPath();
  const file = PidFile.claim(path, null, true);
  assert.equal(readFileSync(path, 'latin1'), '');
  file.write();
  assert.equal(readFileSync(path, 'latin1'), `${process.pid}\n`);
  file.release();
  assert.ok(!existsSync(path));
});

test('a longer number that stood there leaves nothing behind', () => {
  const path = newPath();
  writeFileSync(path, '4294967295\n');
  const file = PidFile.claim(path, null);
  file.write();
  assert.equal(readFileSync(path, 'latin1'), `${process.pid}\n`);
  file.release();
});

test('while a Limpet runs by the file it is refused, but to whoever takes over from it', async () => {
  await withProcess(['/usr/lib/limpet/dist/src/cli/main.js', 'run'], async (child, pid) => {
    const path = newPath();
    writeFileSync(path, `${pid}\n`);
    assert.equal(runningLimpet(path), pid);
    assert.throws(() => PidFile.claim(path, null), {
      message: `a Limpet with the process id ${pid} runs by the pid file ${path} already; stop it, or give the path of another file`,
    });
    const file = PidFile.claim(path, pid);
    file.release();
    assert.equal(readFileSync(path, 'latin1'), `${pid}\n`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(runningLimpet(path), null);
    PidFile.claim(path, null).release();
  });
});

test("a process of something else that has the number by now is in nobody's way", async () => {
  await withProcess(['something-else.js', 'run'], (_, pid) => {
    const path = newPath();
    writeFileSync(path, `${pid}\n`);
    assert.equal(runningLimpet(path), null);
    PidFile.claim(path, null).release();
  });
});

test("what is no number is nobody's", () => {
  const path = newPath();
  writeFileSync(path, 'not a number\n');
  assert.equal(runningLimpet(path), null);
  PidFile.claim(path, null).release();
});

test('a file that cannot be opened is told in one line', () => {
  assert.throws(() => PidFile.claim(join(folder, 'no-folder', 'x.pid'), null), { message: /^the pid file cannot be written: ENOENT/ });
});
