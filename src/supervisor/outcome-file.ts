// What came of the last reload or upgrade, in a file beside the pid file, so that the command that has asked for it can
// tell. The file stays open from the start: it can still be written when root's rights are gone.
import { closeSync, fchownSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { FileOwner } from '../core/line-writer.js';

export interface Outcome {
  readonly of: 'reload' | 'upgrade';
  /** Whose it is. */
  readonly pid: number;
  /** When it was begun: who has asked later is not meant. In microseconds on the system's monotonic clock, which all processes share. */
  readonly begunUs: number;
  /** Why it was refused; empty: it was not. */
  readonly problems: readonly string[];
  /** What it has changed. */
  readonly changes: readonly string[];
}

export function outcomePath(pidFile: string): string {
  return `${pidFile}.outcome`;
}

/** On the clock of {@link Outcome.begunUs}. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** null: there is none, or it is just being written. */
export function readOutcome(path: string): Outcome | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Outcome;
  } catch {
    return null;
  }
}

export class OutcomeFile {
  private readonly fd: number;

  /** Writes nothing yet: a predecessor may still need it. `owner`: who is to write it later. Throws the system's error. */
  constructor(
    private readonly path: string,
    owner: FileOwner | null,
  ) {
    this.fd = openSync(path, 'a', 0o640);
    if (owner !== null && process.geteuid?.() === 0) fchownSync(this.fd, owner.uid, owner.gid);
  }

  /** Never throws: without it only who asked lacks something. */
  write(outcome: Omit<Outcome, 'pid'>): void {
    try {
      ftruncateSync(this.fd);
      writeSync(this.fd, `${JSON.stringify({ pid: process.pid, ...outcome })}\n`);
    } catch {
      // A full disk: the log has it.
    }
  }

  /** A successor has the very file open, and goes on with it. */
  release(hasSuccessor: boolean): void {
    try {
      if (!hasSuccessor) rmSync(this.path);
    } catch {
      // The rights to its folder are gone; whoever reads it sees that the process is.
    }
    closeSync(this.fd);
  }
}
