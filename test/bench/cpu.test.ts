import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { cpuOfTree, processTree, residentBytesOfTree } from '../../bench/cpu.js';

const isLinux = process.platform === 'linux';

test('the time and memory of a process include those of its children', { skip: isLinux ? false : 'needs /proc' }, async () => {
  // The shell only waits; its child burns CPU until it has spent 200 ms, says so, and stays.
  const burn = 'while (process.cpuUsage().user < 200_000); console.log("burnt"); setInterval(() => {}, 1000);';
  const shell = spawn('/bin/sh', ['-c', `"${process.execPath}" -e '${burn}' & wait`], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(shell.stdout, 'data');
    assert.ok(shell.pid);
    const tree = processTree(shell.pid);
    assert.equal(tree.length, 2);
    const { userMs, systemMs } = cpuOfTree(shell.pid);
    assert.ok(userMs + systemMs >= 150, `${userMs} + ${systemMs} ms`);
    assert.ok(residentBytesOfTree(shell.pid) > 10 * 2 ** 20);
  } finally {
    for (const pid of processTree(shell.pid as number).reverse()) process.kill(pid, 'SIGKILL');
    await once(shell, 'close');
  }
});
