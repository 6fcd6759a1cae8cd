// The upgrade of the program without a dropped connection, from the side of the process that runs: starts the program
// anew, as it is on disk now, hands it the listening sockets, and waits for it to be ready. Until then nothing changes
// here. What the new process does is in predecessor.ts.
import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import type { Logger } from '../core/logger.js';
import type { EmbeddedStore, StoreMember } from '../store/embedded-store.js';
import type { ListeningSockets } from './listening-sockets.js';
import type { PidFile } from './pid-file.js';
import { type MessageToPredecessor, type MessageToSuccessor, upgradeVariable } from './upgrade-messages.js';

/** What there is for a successor. */
export interface Inheritance {
  readonly sockets: ListeningSockets;
  readonly ticketKeys: Buffer;
  readonly store: EmbeddedStore;
  readonly pidFile: PidFile | null;
}

/** How the program is started. */
export interface ProgramStart {
  readonly executable: string;
  readonly words: readonly string[];
  /** How long it may take to be ready. */
  readonly deadlineMs: number;
  /** Runs the attempt when the process may be left as it is then. `passOn` asks the new process for a reload. */
  hold(attempt: () => Promise<string | null>, passOn: () => void): Promise<string | null>;
}

const DEADLINE_MS = 60_000;
/** Behind standard input, output, error and the channel. */
const PID_FILE_FD = 4;

/** As this process was started. A path to Node that was written out is followed anew, so that Node may be upgraded too. */
export function startedLikeThis(): Omit<ProgramStart, 'hold'> {
  const { argv0, execPath, execArgv, argv } = process;
  return { executable: argv0.startsWith('/') ? argv0 : execPath, words: [...execArgv, ...argv.slice(1)], deadlineMs: DEADLINE_MS };
}

export class Upgrade {
  private successor: ChildProcess | null = null;
  private under: Promise<string | null> | null = null;
  /** No process is to take over any more: one has, or this one ends. */
  private isOver = false;
  private hasTakenOver = false;

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
    this.under ??= this.program
      .hold(
        () => this.run(),
        () => this.askForReload(),
      )
      .finally(() => {
        this.under = null;
      });
    return this.under;
  }

  private async run(): Promise<string | null> {
    if (this.isOver) return 'it is ending already';
    const successor = this.start();
    this.successor = successor;
    this.logger.info('upgrade: the new process starts', { pid: successor.pid });
    const mirror = this.bequeath(successor);
    const outcome = await this.outcomeOf(successor, mirror);
    if (typeof outcome === 'string') {
      this.successor = null;
      mirror.leave();
      successor.kill('SIGKILL');
      // It may have put its own number there before it failed.
      this.inheritance.pidFile?.write();
      if (this.isOver) this.logger.info('upgrade given up: this process ends');
      else this.logger.error('upgrade failed, this process goes on', { problem: outcome });
      return outcome;
    }
    this.isOver = true;
    this.hasTakenOver = true;
    this.inheritance.sockets.handOver(new Set(outcome));
    this.logger.info('upgrade: the new process has taken over', { pid: successor.pid });
    return null;
  }

  /** There will be nothing to take over any more. Resolves when nobody tries to. */
  async abandon(): Promise<void> {
    this.isOver = true;
    if (!this.hasTakenOver) this.successor?.kill('SIGKILL');
    await this.under;
  }

  private askForReload(): void {
    this.successor?.kill('SIGHUP');
  }

  private start(): ChildProcess {
    const { pidFile } = this.inheritance;
    return spawn(this.program.executable, this.program.words, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...(pidFile === null ? [] : [pidFile.fd])],
      serialization: 'advanced',
      env: { ...process.env, [upgradeVariable]: '1' },
      // A session of its own: it outlives us, and what a terminal sends to our group is not meant for it.
      detached: true,
    });
  }

  /** The successor as a mirror of the store. */
  private bequeath(successor: ChildProcess): StoreMember {
    const { sockets, ticketKeys, pidFile, store } = this.inheritance;
    const all = sockets.all();
    const sessions = store.sessions();
    const send = (message: MessageToSuccessor, handle?: unknown): void => {
      if (successor.connected) successor.send(message, handle as SendHandle | undefined, {}, () => {});
    };
    send({
      kind: 'inheritance',
      pid: process.pid,
      ticketKeys,
      sockets: all.length,
      pidFileFd: pidFile === null ? null : PID_FILE_FD,
      sessionSecret: store.secret,
      sessions: sessions.length,
    });
    for (const { key, handle, areSpread } of all) send({ kind: 'socket', key, areSpread }, handle);
    for (const each of sessions) send({ kind: 'sessions', sessions: each });
    return store.mirror((change) => send({ kind: 'session', change }));
  }

  /** The keys of the sockets that it has taken over, or what has kept it from that, in one line. */
  private outcomeOf(successor: ChildProcess, mirror: StoreMember): Promise<readonly string[] | string> {
    return new Promise((resolve) => {
      const { deadlineMs } = this.program;
      const timer = setTimeout(() => resolve(`it was not ready after ${deadlineMs} ms`), deadlineMs);
      const end = (outcome: readonly string[] | string): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      successor.on('message', (message) => {
        const told = message as MessageToPredecessor;
        if (told.kind === 'session') mirror.take(told.change);
        else end(told.kind === 'ready' ? told.keys : told.problem);
      });
      successor.on('error', (error) => end(error.message));
      successor.on('exit', (code, signal) => {
        mirror.leave();
        const ended = (): void => end(`it ended with ${signal ?? `exit code ${code}`} before it was ready`);
        // What it said last may come after the news of its end.
        if (successor.connected) successor.once('disconnect', ended);
        else ended();
      });
    });
  }
}
