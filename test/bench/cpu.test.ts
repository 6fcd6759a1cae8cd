import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { cpuBetween, cpuOfTree, processTree, residentBytesOfTree } from '../../bench/cpu.js';

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
    const { totalMs, userMs, systemMs } = cpuOfTree(shell.pid);
    assert.ok(userMs + systemMs >= 150, `${userMs} + ${systemMs} ms`);
    assert.ok(Math.abs(totalMs - userMs - systemMs) < 50, `${totalMs} ms, in ticks ${userMs} + ${systemMs}`);
    assert.ok(residentBytesOfTree(shell.pid) > 10 * 2 ** 20);
  } finally {
    for (const pid of processTree(shell.pid as number).reverse()) process.kill(pid, 'SIGKILL');
    await once(shell, 'close');
  }
});

test('the time of threads that have ended is kept', { skip: isLinux ? false : 'needs /proc' }, async () => {
  const burn = 'while (process.cpuUsage().user < 300_000);';
  const script = `new (require("worker_threads").Worker)(${JSON.stringify(burn)}, { eval: true }).on("exit", () => console.log("ended")); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    const { totalMs, userMs, systemMs } = cpuOfTree(child.pid as number);
    assert.ok(totalMs >= userMs + systemMs && totalMs >= 150, `${totalMs} ms, in ticks ${userMs} + ${systemMs}`);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

test('between two readings the total is exact, and its parts are told from their ticks', () => {
  const before = { totalMs: 100.4, userMs: 60, systemMs: 40 };
  assert.deepEqual(cpuBetween(before, { totalMs: 145.4, userMs: 90, systemMs: 50 }), { totalMs: 45, userMs: 33.75, systemMs: 11.25 });
  assert.deepEqual(cpuBetween(before, before), { totalMs: 0, userMs: 0, systemMs: 0 });
});
