// The access log: one line per exchange, tunnel or TCP connection, through a bounded buffer. It loses lines rather than make anybody wait,
// counts those that it loses, and tells the error log.
import { type FileOwner, LineWriter } from '../core/line-writer.js';
import type { Logger } from '../core/logger.js';
import type { LineFormat } from './access-log-format.js';
import type { AccessRecord } from './access-record.js';

export interface AccessLogOptions<View> {
  /** See access-log-format.ts, and route/access-log-template.ts for a format made of Values. */
  readonly format: LineFormat<View>;
  /** 'stdout', 'stderr' or a path. */
  readonly to: string;
  /** See LineWriterOptions. */
  readonly owner?: FileOwner | null;
  /** A write starts when so much is waiting, or after `flushIntervalMs`. */
  readonly bufferBytes: number;
  readonly flushIntervalMs: number;
  /** Lines are dropped when so much is waiting for a slow disk or reader. */
  readonly maxPendingBytes: number;
}

export class AccessLog<View> {
  private readonly format: LineFormat<View>;
  private readonly writer: LineWriter;

  /** Throws an Error when the file cannot be opened. */
  constructor(
    options: AccessLogOptions<View>,
    private readonly logger: Logger,
  ) {
    this.format = options.format;
    this.writer = new LineWriter({
      to: options.to,
      flushBytes: options.bufferBytes,
      flushIntervalMs: options.flushIntervalMs,
      maxPendingBytes: options.maxPendingBytes,
      owner: options.owner ?? null,
      onLoss: (lines, reason) =>
        logger.error('Lines of the access log were lost', { code: 'access-log-lost', lines, reason, to: options.to }),
    });
  }

  /** Lines lost since the start, because the disk or the reader is too slow or a write failed. */
  get lostLines(): number {
    return this.writer.lostLines;
  }

  /** Logs one record; it may be reused at once. */
  write(record: AccessRecord, view: View): void {
    this.writer.write(this.format(record, view));
  }

  /** Starts to write what is waiting. */
  flush(): void {
    this.writer.flush();
  }

  /** After a rotation: later lines go into a new file of the same path. If that cannot be opened, the old one goes on. */
  reopen(): void {
    try {
      this.writer.reopen();
    } catch (error) {
      this.logger.error((error as Error).message);
    }
  }

  /** Writes what is waiting before it returns: for a process that is about to die. */
  flushSync(): void {
    this.writer.flushSync();
  }

  /** Writes what is waiting and closes the file. */
  async close(): Promise<void> {
    await this.writer.close();
  }
}
