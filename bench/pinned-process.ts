// Starts a program on one processor, waits until it listens, and stops it. Nothing that it starts outlives the
// benchmark.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface StartOptions {
  readonly cpu: number;
  readonly cwd: string;
  /** Both are appended to; standard output goes to the error file unless it has its own. */
  readonly stderrPath: string;
  readonly stdoutPath?: string;
}

const STOP_DEADLINE_MS = 5_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  // Not SIGKILL: nginx would leave its worker behind.
  for (const child of running) child.kill('SIGTERM');
});

export class PinnedProcess {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly stderrPath: string;

  constructor(command: readonly string[], options: StartOptions) {
    const stderr = openSync(options.stderrPath, 'a');
    const stdout = options.stdoutPath === undefined ? stderr : openSync(options.stdoutPath, 'a');
    // taskset replaces itself by the program, so the process id is the program's.
    this.child = spawn('taskset', ['-c', String(options.cpu), ...command], { cwd: options.cwd, stdio: ['ignore', stdout, stderr] });
    if (stdout !== stderr) closeSync(stdout);
    closeSync(stderr);
    if (this.child.pid === undefined) throw new Error('taskset could not be started');
    this.pid = this.child.pid;
    this.stderrPath = options.stderrPath;
    running.add(this.child);
    this.child.once('exit', () => running.delete(this.child));
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when the port takes connections. Throws with the program's own last words when it ends or the time is over. */
  async listening(port: number, deadlineMs = 10_000): Promise<void> {
    const end = Date.now() + deadlineMs;
    while (Date.now() < end) {
      const { exitCode, signalCode } = this.child;
      if (this.hasEnded) throw new Error(`ended with ${exitCode ?? signalCode} before it listened: ${this.lastWords()}`);
      if (await takesConnections(port)) return;
      await pause(20);
    }
    throw new Error(`does not listen on port ${port} after ${deadlineMs} ms: ${this.lastWords()}`);
  }

  /** SIGTERM, and SIGKILL when that does not end it in time. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(force);
  }

  private lastWords(): string {
    const lines = readFileSync(this.stderrPath, 'utf8').trim().split('\n');
    const isTelling = (line: string) => line.trim() !== '' && !/^\s+at /.test(line); // No stack frames.
    return lines.filter(isTelling).slice(-3).join(' | ');
  }
}

/** A port that nobody listened on a moment ago: for programs that cannot be given port 0. */
export async function freePort(): Promise<number> {
  return (await freePorts(1))[0];
}

/** So many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const closed = servers.map((server) => once(server, 'close'));
  for (const server of servers) server.close();
  await Promise.all(closed);
  return ports;
}

async function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
