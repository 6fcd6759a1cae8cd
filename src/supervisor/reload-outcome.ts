// What came of the last reload, in a file beside the pid file, so that `limpet reload` can tell who asked. The file stays
// open from the start: it can still be written when root's rights are gone.
import { closeSync, fchownSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { FileOwner } from '../core/line-writer.js';

export interface ReloadOutcome {
  /** Whose it is. */
  readonly pid: number;
  /** When the reload began to read the config, in microseconds on the system's monotonic clock, which all processes share. */
  readonly begunUs: number;
  /** Why it was refused; empty: it was not. */
  readonly problems: readonly string[];
  /** What it has changed. */
  readonly changes: readonly string[];
}

export function reloadOutcomePath(pidFile: string): string {
  return `${pidFile}.reload`;
}

/** On the clock of {@link ReloadOutcome.begunUs}. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** null: there is none, or it is just being written. */
export function readReloadOutcome(path: string): ReloadOutcome | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ReloadOutcome;
  } catch {
    return null;
  }
}

export class ReloadOutcomeFile {
  private readonly fd: number;

  /** Writes nothing yet: a predecessor may still need it. `owner`: who is to write it later. Throws the system's error. */
  constructor(
    private readonly path: string,
    owner: FileOwner | null,
  ) {
    this.fd = openSync(path, 'a', 0o640);
    if (owner !== null && process.geteuid?.() === 0) fchownSync(this.fd, owner.uid, owner.gid);
  }

  /** Never throws: without it only `limpet reload` lacks something. */
  write(outcome: Omit<ReloadOutcome, 'pid'>): void {
    try {
      ftruncateSync(this.fd);
      writeSync(this.fd, `${JSON.stringify({ pid: process.pid, ...outcome })}\n`);
    } catch {
      // A full disk: the log has it.
    }
  }

  /** Another process may have made it its own. */
  release(): void {
    try {
      if (readReloadOutcome(this.path)?.pid === process.pid) rmSync(this.path);
    } catch {
      // The rights to its folder are gone; whoever reads it sees that the process is.
    }
    closeSync(this.fd);
  }
}
