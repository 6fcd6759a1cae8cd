// A client's connection that reads at its own pace, so that what is meant for it queues up: at once, with pauses, or
// at first one byte at a time, with a system call for each.
import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Pace, Transport } from './plan.js';
import type { Random } from './random.js';

export type Target = { readonly port: number } | { readonly path: string };

export interface ConnectionUser {
  onBytes(buffer: Buffer, start: number, end: number): void;
  onDrain(): void;
  onEnd(): void;
  /** It is gone; after an error or without. */
  onClose(error: Error | null): void;
}

/** So many bytes one by one. */
const CRAWLED_BYTES = 400;

export class PacedConnection {
  readonly socket: Socket;
  private readonly readBuffer = Buffer.alloc(64 * 1024);
  private received = 0;
  private bytesToPause: number;
  private error: Error | null = null;

  constructor(
    target: Target,
    private readonly transport: Transport,
    private readonly pace: Pace,
    private readonly random: Random,
    private readonly user: ConnectionUser,
  ) {
    this.bytesToPause = pace === 'fast' ? Number.POSITIVE_INFINITY : random.between(0, 2000);
    if (transport.startsWith('tls')) {
      const raw = connectTcp({ ...target, allowHalfOpen: true });
      raw.on('error', () => undefined);
      const secure = connectTls({ socket: raw, rejectUnauthorized: false, maxVersion: random.chance(50) ? 'TLSv1.3' : 'TLSv1.2' });
      secure.on('data', (chunk: Buffer) => {
        if (!this.take(chunk, chunk.length)) secure.pause();
      });
      this.socket = secure;
    } else {
      const onread: OnReadOpts = { buffer: () => this.nextBuffer(), callback: (count, buffer) => this.take(buffer as Buffer, count) };
      this.socket = connectTcp({ ...target, allowHalfOpen: true, onread });
    }
    this.socket.on('drain', () => user.onDrain());
    this.socket.on('end', () => user.onEnd());
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.socket.on('close', () => user.onClose(this.error));
  }

  private nextBuffer(): Buffer {
    if (this.pace !== 'crawling') return this.readBuffer;
    return this.readBuffer.subarray(0, this.received < CRAWLED_BYTES ? 1 : this.random.between(1, 20_000));
  }

  /** Whether to read on at once. */
  private take(buffer: Buffer, count: number): boolean {
    this.received += count;
    this.user.onBytes(buffer, 0, count);
    this.bytesToPause -= count;
    if (this.bytesToPause > 0) return true;
    this.bytesToPause = this.random.between(20_000, 400_000);
    setTimeout(() => this.socket.resume(), this.random.between(1, 80));
    return false;
  }

  write(data: Buffer | string): boolean {
    return typeof data === 'string' ? this.socket.write(data, 'latin1') : this.socket.write(data);
  }

  end(): void {
    this.socket.end();
  }

  /** Goes away without a word, whatever is queued. */
  vanish(): void {
    // What is unread makes the system reset the others too. Node 20 does not end after a reset beneath TLS.
    if (this.transport === 'plain' && !this.socket.writableEnded) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
