// Whole lines to a file, stdout or stderr: buffered, bounded, never blocking and never throwing once it is open. It knows nothing of
// what the lines say. Lines that cannot be kept are counted and reported, not waited for: a log must not stop a proxy.
import { chownSync, close, closeSync, fchownSync, fstatSync, mkdirSync, openSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LineBuffer } from './line-buffer.js';

/** Who is to own the files that root makes. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface LineWriterOptions {
  /** 'stdout', 'stderr' or a path; a path's missing folders are made, the file is appended to. */
  readonly to: string;
  /** A write starts when so much is waiting. */
  readonly flushBytes: number;
  /** The longest that a line waits for its write to start. */
  readonly flushIntervalMs: number;
  /** Beyond this much waiting and in flight, lines are dropped. */
  readonly maxPendingBytes: number;
  /** Absent or null: whoever makes the file. */
  readonly owner?: FileOwner | null;
  /**
   * Lines were lost: told once per stretch, when it is over, or at once when a write failed. `reason` is an error code or 'too-slow'.
   * It must not write to the same writer: where every write fails, that would go on for ever.
   */
  readonly onLoss: (lines: number, reason: string) => void;
}

/** A pipe that is full answers EAGAIN; it is tried again after this long. */
const retryMs = 25;
/** PIPE_BUF: a pipe takes so much whole or not at all. Of longer writes by several processes it mixes the parts, in the middle of lines. */
const maxPipeWriteBytes = 4096;
const newline = 0x0a;

export class LineWriter {
  /** Lines lost since the start. */
  lostLines = 0;
  private readonly path: string | null;
  private readonly maxWriteBytes: number;
  private fd: number;
  private readonly pending: LineBuffer;
  private pendingLines = 0;
  private batch: Buffer | null = null;
  private batchFd = -1;
  private batchLines = 0;
  private batchOffset = 0;
  private unreportedLines = 0;
  private unreportedReason = '';
  /** The file ends in the middle of a line: a write failed after a part of it. */
  private isTorn = false;
  private isOpen = true;
  private timer: NodeJS.Timeout | null = null;
  private whenWritten: (() => void) | null = null;
  private readonly onTimer = (): void => this.flush();
  private readonly onWritten = (error: NodeJS.ErrnoException | null, bytes: number): void => this.afterWrite(error, bytes);
  private readonly onRetry = (): void => this.writeBatch();

  /** Throws an Error with the file's path when it cannot be opened. */
  constructor(private readonly options: LineWriterOptions) {
    this.path = options.to === 'stdout' || options.to === 'stderr' ? null : options.to;
    this.fd = this.path === null ? (options.to === 'stdout' ? 1 : 2) : openForAppend(this.path, this.options.owner);
    this.pending = new LineBuffer(Math.min(options.flushBytes, options.maxPendingBytes));
    this.maxWriteBytes = isPipe(this.fd) ? maxPipeWriteBytes : Number.POSITIVE_INFINITY;
  }

  /** Takes a line with its newline, one byte per character. Processes may share a file: each write is whole lines, appended. */
  write(line: string): void {
    const inFlightBytes = this.batch === null ? 0 : this.batch.length;
    if (!this.isOpen || this.pending.length + inFlightBytes + line.length > this.options.maxPendingBytes) {
      this.lose(1, 'too-slow');
      return;
    }
    this.pending.append(line);
    this.pendingLines++;
    if (this.pending.length >= this.options.flushBytes) this.flush();
    else this.armTimer();
  }

  /** Starts to write what is waiting; when a write is under way, it goes right after it. */
  flush(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
    if (this.batch !== null || this.pending.length === 0) return;
    const lines = this.pending.take();
    this.batch = this.isTorn ? afterNewline(lines) : lines;
    this.batchFd = this.fd;
    this.batchLines = this.pendingLines;
    this.batchOffset = 0;
    this.pendingLines = 0;
    this.writeBatch();
  }

  /**
   * Opens the path anew, after a rotation moved the file away: what is in flight ends in the old file, everything later goes into the
   * new one. Throws an Error and keeps the old file when that fails. Nothing to do for stdout and stderr.
   */
  reopen(): void {
    if (this.path === null || !this.isOpen) return;
    const oldFd = this.fd;
    this.fd = openForAppend(this.path, this.options.owner);
    if (this.batch === null || this.batchFd !== oldFd) closeSync(oldFd);
  }

  /** For a process that is about to die: writes what is waiting before it returns, errors ignored. */
  flushSync(): void {
    const lines = this.pending.take();
    this.pendingLines = 0;
    try {
      if (lines.length > 0) writeSync(this.fd, lines);
    } catch {
      // There is nobody left to tell.
    }
  }

  /** Writes what is waiting and closes the file; lines written later are lost. Gives up after `deadlineMs`. */
  async close(deadlineMs = 2000): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.flush();
    if (this.batch !== null) await this.written(deadlineMs);
    this.reportLoss();
    // What the reader has not taken by now stays lost, and closing a file under a write would hit whoever gets its number next.
    if (this.path !== null && this.batch === null) closeSync(this.fd);
  }

  private written(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const deadline = setTimeout(resolve, deadlineMs);
      this.whenWritten = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }

  private armTimer(): void {
    if (this.timer !== null || this.batch !== null) return;
    this.timer = setTimeout(this.onTimer, this.options.flushIntervalMs);
    // A waiting line must not keep a process alive that is done: close() writes it.
    this.timer.unref();
  }

  private writeBatch(): void {
    const batch = this.batch;
    if (batch !== null) write(this.batchFd, batch, this.batchOffset, this.endOfWrite(batch) - this.batchOffset, null, this.onWritten);
  }

  /** Behind the last whole line that fits into one write, and behind the first if none fits. */
  private endOfWrite(batch: Buffer): number {
    const limit = this.batchOffset + this.maxWriteBytes;
    if (batch.length <= limit) return batch.length;
    const end = batch.lastIndexOf(newline, limit - 1) + 1;
    return end > this.batchOffset ? end : batch.indexOf(newline, limit) + 1;
  }

  private afterWrite(error: NodeJS.ErrnoException | null, bytes: number): void {
    const batch = this.batch;
    if (batch === null) return;
    if (error !== null) {
      if (error.code === 'EAGAIN') {
        setTimeout(this.onRetry, retryMs).unref();
        return;
      }
      if (this.batchOffset > 0) this.isTorn = batch[this.batchOffset - 1] !== newline;
      this.lose(this.batchLines, error.code ?? 'error');
    } else {
      this.batchOffset += bytes;
      if (this.batchOffset < batch.length) {
        this.writeBatch();
        return;
      }
      this.isTorn = false;
    }
    this.batch = null;
    this.pending.giveBack(batch);
    if (this.batchFd !== this.fd) close(this.batchFd, ignore);
    this.reportLoss();
    this.next();
  }

  private next(): void {
    if (this.pending.length > 0 && (!this.isOpen || this.pending.length >= this.options.flushBytes)) this.flush();
    else if (this.pending.length > 0) this.armTimer();
    else if (this.whenWritten !== null) this.whenWritten();
  }

  private lose(lines: number, reason: string): void {
    this.lostLines += lines;
    this.unreportedLines += lines;
    this.unreportedReason = reason;
  }

  private reportLoss(): void {
    if (this.unreportedLines === 0) return;
    const lines = this.unreportedLines;
    this.unreportedLines = 0;
    this.options.onLoss(lines, this.unreportedReason);
  }
}

/** Ends the line that was torn first. */
function afterNewline(lines: Buffer): Buffer {
  const batch = Buffer.allocUnsafeSlow(lines.length + 1);
  batch[0] = newline;
  lines.copy(batch, 1);
  return batch;
}

/** Makes the file, for those who may write to it but not make it. Throws an Error with its path when it cannot be opened. */
export function makeLogFile(path: string, owner: FileOwner): void {
  closeSync(openForAppend(path, owner));
}

function openForAppend(path: string, owner: FileOwner | null = null): number {
  try {
    const folder = dirname(path);
    const isNewFolder = mkdirSync(folder, { recursive: true }) !== undefined;
    if (owner === null || process.geteuid?.() !== 0) return openSync(path, 'a', 0o640);
    if (isNewFolder) chownSync(folder, owner.uid, owner.gid);
    return openOwned(path, owner);
  } catch (error) {
    throw new Error(`cannot open the log ${path}: ${(error as Error).message}`);
  }
}

/** Only a file that is made here is given away: in a folder of the owner's, an existing one may be a link to something else. */
function openOwned(path: string, owner: FileOwner): number {
  let fd: number;
  try {
    fd = openSync(path, 'ax', 0o640);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return openSync(path, 'a', 0o640);
  }
  fchownSync(fd, owner.uid, owner.gid);
  return fd;
}

/** A socket is cut up like a pipe where it is a log's: both are what a service's stdout may be. */
function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    // A closed stdout: each write will say so.
    return false;
  }
}

function ignore(): void {}
