// Limpet itself as a child of the demo: the built program, untouched, with a watch on the demo's end of stdin,
// so that it does not outlive a demo that was killed. Both ends know only SIGTERM and exit codes.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { PlannedListener } from './plan.js';

const program = fileURLToPath(new URL('./run-while-demo-lives.js', import.meta.url));
const probeIntervalMs = 50;
const startTimeoutMs = 20_000;
const stopTimeoutMs = 3_000;

export class LimpetProcess {
  readonly #child: ChildProcess;
  /** Resolves with the exit code, or with null where a signal ended it or it could not be started. */
  readonly ended: Promise<number | null>;
  #hasEnded = false;

  /** Starts `limpet ARGUMENTS…` from the built `main` module. Its output goes where the demo's goes. */
  constructor(main: string, args: readonly string[]) {
    // A process group of its own: Ctrl-C is for the demo, which ends the servers first and Limpet after them.
    this.#child = spawn(process.execPath, [program, main, ...args], {
      stdio: ['pipe', 'inherit', 'inherit'],
      detached: true,
      windowsHide: true,
    });
    this.ended = new Promise((resolve) => {
      this.#child.on('error', () => resolve(null));
      this.#child.on('exit', (code) => resolve(code));
    });
    void this.ended.then(() => {
      this.#hasEnded = true;
    });
  }

  /** True once every listener accepts connections, false when Limpet ended instead or took too long. */
  async isListening(listeners: readonly PlannedListener[]): Promise<boolean> {
    const giveUpAtMs = performance.now() + startTimeoutMs;
    for (const listener of listeners) {
      while (!(await acceptsConnections(listener))) {
        if (this.#hasEnded || performance.now() > giveUpAtMs) return false;
        await new Promise((resolve) => setTimeout(resolve, probeIntervalMs));
      }
    }
    return !this.#hasEnded;
  }

  /** Asks Limpet to finish, and kills it where that takes too long. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), stopTimeoutMs);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

function acceptsConnections(listener: PlannedListener): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(listener.port, listener.connectHost);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
