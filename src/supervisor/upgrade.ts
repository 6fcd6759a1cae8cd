// The upgrade of the program without a dropped connection, from the side of the process that runs: starts the program
// anew, as it is on disk now, hands it the listening sockets, and waits for it to be ready. Until then nothing changes
// here. What the new process does is in predecessor.ts.
import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import type { Logger } from '../core/logger.js';
import type { ListeningSockets } from './listening-sockets.js';
import type { PidFile } from './pid-file.js';
import { type MessageToPredecessor, type MessageToSuccessor, upgradeVariable } from './upgrade-messages.js';

/** What there is for a successor. */
export interface Inheritance {
  readonly sockets: ListeningSockets;
  readonly ticketKeys: Buffer;
  readonly pidFile: PidFile | null;
}

/** How the program is started. */
export interface ProgramStart {
  readonly executable: string;
  readonly words: readonly string[];
  /** How long it may take to be ready. */
  readonly deadlineMs: number;
}

const DEADLINE_MS = 60_000;
/** Behind standard input, output, error and the channel. */
const PID_FILE_FD = 4;

/** As this process was started. A path to Node that was written out is followed anew, so that Node may be upgraded too. */
export function startedLikeThis(): ProgramStart {
  const { argv0, execPath, execArgv, argv } = process;
  return { executable: argv0.startsWith('/') ? argv0 : execPath, words: [...execArgv, ...argv.slice(1)], deadlineMs: DEADLINE_MS };
}

export class Upgrade {
  private successor: ChildProcess | null = null;
  private under: Promise<string | null> | null = null;

  constructor(
    private readonly inheritance: Inheritance,
    private readonly program: ProgramStart,
    private readonly logger: Logger,
  ) {}

  /**
   * Resolves with null when a new process serves on all sockets that it wants, or with what has kept it from that, in one
   * line: then nothing has happened. Never rejects. While one is under way, that one is meant.
   */
  attempt(): Promise<string | null> {
    this.under ??= this.run().finally(() => {
      this.under = null;
    });
    return this.under;
  }

  private async run(): Promise<string | null> {
    const successor = this.start();
    this.successor = successor;
    this.logger.info('upgrade: the new process starts', { pid: successor.pid });
    const outcome = await this.outcomeOf(successor);
    this.successor = null;
    if (typeof outcome === 'string') {
      successor.kill('SIGKILL');
      this.logger.error('upgrade failed, this process goes on', { problem: outcome });
      return outcome;
    }
    this.inheritance.sockets.handOver(new Set(outcome));
    successor.unref();
    this.logger.info('upgrade: the new process has taken over', { pid: successor.pid });
    return null;
  }

  /** There will be nothing to take over any more. */
  abandon(): void {
    this.successor?.kill('SIGKILL');
  }

  private start(): ChildProcess {
    const { pidFile } = this.inheritance;
    const successor = spawn(this.program.executable, this.program.words, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...(pidFile === null ? [] : [pidFile.fd])],
      serialization: 'advanced',
      env: { ...process.env, [upgradeVariable]: '1' },
      // A session of its own: it outlives us, and what a terminal sends to our group is not meant for it.
      detached: true,
    });
    this.bequeath(successor);
    return successor;
  }

  private bequeath(successor: ChildProcess): void {
    const { sockets, ticketKeys, pidFile } = this.inheritance;
    const all = sockets.all();
    const send = (message: MessageToSuccessor, handle?: unknown): void => {
      if (successor.connected) successor.send(message, handle as SendHandle | undefined, {}, () => {});
    };
    send({ kind: 'inheritance', pid: process.pid, ticketKeys, sockets: all.length, pidFileFd: pidFile === null ? null : PID_FILE_FD });
    for (const { key, handle, areSpread } of all) send({ kind: 'socket', key, areSpread }, handle);
  }

  /** The keys of the sockets that it has taken over, or what has kept it from that, in one line. */
  private outcomeOf(successor: ChildProcess): Promise<readonly string[] | string> {
    return new Promise((resolve) => {
      const { deadlineMs } = this.program;
      const timer = setTimeout(() => resolve(`it was not ready after ${deadlineMs} ms`), deadlineMs);
      const end = (outcome: readonly string[] | string): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      successor.on('message', (message) => {
        const told = message as MessageToPredecessor;
        end(told.kind === 'ready' ? told.keys : told.problem);
      });
      successor.on('error', (error) => end(error.message));
      successor.on('exit', (code, signal) => {
        const ended = (): void => end(`it ended with ${signal ?? `exit code ${code}`} before it was ready`);
        // What it said last may come after the news of its end.
        if (successor.connected) successor.once('disconnect', ended);
        else ended();
      });
    });
  }
}
