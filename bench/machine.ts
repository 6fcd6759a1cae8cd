// The machine that is measured on: whether it can be, and what a result says of it.

import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { isInstalled } from './load.js';
import type { RunResult } from './results.js';
import { LOAD_CPU } from './sample.js';

export function refuseUnfitMachine(): void {
  if (process.platform !== 'linux') throw new Error('the benchmark reads CPU time from /proc and needs Linux');
  if (cpus().length < LOAD_CPU + 1) throw new Error('the benchmark needs two processors: one for the proxy, one for the load');
  if (!isInstalled('taskset')) throw new Error('the benchmark needs taskset: apt install util-linux');
}

/** The harness itself must not run where the proxy is measured. */
export function leaveProxyCpu(): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(LOAD_CPU), String(process.pid)], { stdio: 'ignore' });
}

export function aboutMachine(): RunResult['machine'] {
  return { processor: cpus()[0].model.trim(), processors: cpus().length, kernel: release() };
}

/** `node` runs Limpet and the other proxies written for Node. */
export function versionsOf(node: string): RunResult['versions'] {
  return { Node: execFileSync(node, ['-p', 'process.version'], { encoding: 'utf8' }).trim() };
}
