// The error log: one line per event, `2026-01-31T12:00:00.000Z warn Message code=some-code key=value`, to stderr, stdout or a file. It
// never throws and never blocks. Events that peers can cause carry a `code`, and repeats of one code are thinned out, so that a
// flood of faults fills neither the disk nor the reader's screen.
import { type FileOwner, LineWriter } from './line-writer.js';
import { escapeLogText } from './log-text.js';

/** Most urgent first; a log of some level takes that level and the more urgent ones. */
export const logLevels = { error: 0, warn: 1, info: 2, debug: 3 } as const;
export type LogLevel = keyof typeof logLevels;

/** What stands behind the message as key=value, in the order given. Undefined values are left out. */
export interface LogFields {
  /** Names the kind of event, such as a fault's code. Repeats of the same code are limited; events without a code are not. */
  readonly code?: string;
  readonly [key: string]: string | number | boolean | undefined;
}

export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** Whether lines of the level are written: ask before building an expensive message. */
  takes(level: LogLevel): boolean;
}

/** Takes nothing. */
export const silentLogger: Logger = { error: ignore, warn: ignore, info: ignore, debug: ignore, takes: () => false };

export interface ErrorLogOptions {
  readonly level: LogLevel;
  /** 'stderr', 'stdout' or a path. */
  readonly to: string;
  /** See LineWriterOptions. */
  readonly owner?: FileOwner | null;
  /** Lines of one code within a window that are written; default 10. */
  readonly maxRepeats?: number;
  /** Default 10 s. At its end one line tells how many more there were. */
  readonly repeatWindowMs?: number;
  /** Stand at the end of every line, such as the number of the worker that writes it. */
  readonly fields?: LogFields;
}

/** Codes come from a catalogue, so this is never reached; it bounds the memory if somebody makes codes up from input. */
const maxCodes = 1000;
const maxPendingBytes = 1024 * 1024;

interface Repeats {
  level: LogLevel;
  written: number;
  suppressed: number;
}

/** Options that could be used: their file is open beside the one in use. Exactly one of the two is to be called. */
export interface ErrorLogChange {
  commit(): void;
  discard(): void;
}

export class ErrorLog implements Logger {
  private writer: LineWriter;
  private to: string;
  private readonly owner: FileOwner | null;
  private threshold: number;
  private readonly maxRepeats: number;
  private readonly repeatWindowMs: number;
  private readonly endOfLine: string;
  private readonly repeats = new Map<string, Repeats>();
  private windowTimer: NodeJS.Timeout | null = null;
  /** Lost and not yet told: the next event tells it. */
  private lostLines = 0;
  private lossReason = '';

  /** Throws an Error when the file cannot be opened. */
  constructor(options: ErrorLogOptions) {
    this.threshold = logLevels[options.level];
    this.maxRepeats = options.maxRepeats ?? 10;
    this.repeatWindowMs = options.repeatWindowMs ?? 10_000;
    this.endOfLine = options.fields === undefined ? '' : fieldsText(options.fields);
    this.owner = options.owner ?? null;
    this.to = options.to;
    this.writer = this.open(options.to);
  }

  private open(to: string): LineWriter {
    return new LineWriter({
      to,
      // Each event is written at once: it may be the last one.
      flushBytes: 1,
      flushIntervalMs: 0,
      maxPendingBytes,
      owner: this.owner,
      onLoss: (lines, reason) => {
        this.lostLines += lines;
        this.lossReason = reason;
      },
    });
  }

  error(message: string, fields?: LogFields): void {
    this.log('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.log('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.log('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.log('debug', message, fields);
  }

  takes(level: LogLevel): boolean {
    return logLevels[level] <= this.threshold;
  }

  /** For another level, or another place to write to. Throws an Error when the file cannot be opened; nothing has changed then. */
  prepare({ level, to }: Pick<ErrorLogOptions, 'level' | 'to'>): ErrorLogChange {
    const writer = to === this.to ? this.writer : this.open(to);
    return {
      commit: () => {
        this.threshold = logLevels[level];
        this.to = to;
        if (writer !== this.writer) void this.writer.close();
        this.writer = writer;
      },
      discard: () => {
        if (writer !== this.writer) void writer.close();
      },
    };
  }

  /** After a rotation; a file that cannot be opened anew is logged to the one still open. */
  reopen(): void {
    try {
      this.writer.reopen();
    } catch (error) {
      this.append('error', (error as Error).message, undefined);
    }
  }

  /** Writes what is waiting before it returns: for a process that is about to die. */
  flushSync(): void {
    this.endWindow();
    this.writer.flushSync();
  }

  async close(): Promise<void> {
    this.endWindow();
    await this.writer.close();
  }

  private log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (logLevels[level] > this.threshold) return;
    if (fields?.code !== undefined && this.isRepeatedTooOften(level, fields.code)) return;
    this.append(level, message, fields);
  }

  private isRepeatedTooOften(level: LogLevel, code: string): boolean {
    let repeats = this.repeats.get(code);
    if (repeats === undefined) {
      if (this.repeats.size >= maxCodes) return true;
      repeats = { level, written: 0, suppressed: 0 };
      this.repeats.set(code, repeats);
    }
    if (this.windowTimer === null) {
      this.windowTimer = setTimeout(() => this.endWindow(), this.repeatWindowMs);
      this.windowTimer.unref();
    }
    if (repeats.written < this.maxRepeats) {
      repeats.written++;
      return false;
    }
    repeats.suppressed++;
    repeats.level = logLevels[level] < logLevels[repeats.level] ? level : repeats.level;
    return true;
  }

  private endWindow(): void {
    if (this.windowTimer !== null) clearTimeout(this.windowTimer);
    this.windowTimer = null;
    for (const [code, { level, suppressed }] of this.repeats) {
      if (suppressed > 0) this.append(level, 'The same again', { code, times: suppressed });
    }
    this.repeats.clear();
  }

  private append(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (this.lostLines > 0) {
      const lines = this.lostLines;
      this.lostLines = 0;
      this.append('warn', 'Lines of this log were lost', { lines, reason: this.lossReason });
    }
    let line = `${new Date().toISOString()} ${level} ${messageText(message)}`;
    if (fields !== undefined) line += fieldsText(fields);
    this.writer.write(`${line}${this.endOfLine}\n`);
  }
}

function fieldsText(fields: LogFields): string {
  let text = '';
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value !== undefined) text += ` ${key}=${fieldText(value)}`;
  }
  return text;
}

/** Quotes and text in UTF-8 may stand in a message, since nothing encloses it; what could end or forge a line may not. */
function messageText(message: string): string {
  let text = '';
  for (const character of message) {
    const code = character.codePointAt(0) as number;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029) text += escapeLogText(character);
    else text += code < 0x80 ? character : Buffer.from(character, 'utf8').toString('latin1');
  }
  return text;
}

function fieldText(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const escaped = escapeLogText(value);
  return escaped === value && value !== '' && !value.includes(' ') && !value.includes('=') ? value : `"${escaped}"`;
}

function ignore(): void {}
