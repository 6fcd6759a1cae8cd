// One client connection of a soak: sends a request as it is told to, and says what came of it.

import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.js';

export type Outcome = 'ok' | string;

const SILENCE_MS = 30_000;
const SLOW_PAUSE_MS = 20;
/** Slow readers take 16 KB at a time. */
const SLOW_READ_BYTES = 16 * 1024;

const sharedBuffer = Buffer.allocUnsafe(64 * 1024);
const slowBuffer = Buffer.allocUnsafe(SLOW_READ_BYTES);
let openCount = 0;

/** Of all clients on bare sockets. */
export function openConnections(): number {
  return openCount;
}

export class AskingConnection {
  readonly socket: Socket;
  /** What came between two requests, if anything did. */
  stray: Outcome | undefined;
  private reader: AnswerReader | undefined;
  private told: (outcome: Outcome) => void = () => {};

  constructor(port: number, isSlow = false) {
    const buffer = isSlow ? slowBuffer : sharedBuffer;
    const callback = (count: number) => this.received(buffer.subarray(0, count), isSlow);
    this.socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } });
    openCount++;
    this.socket.setNoDelay(true);
    this.socket.setTimeout(SILENCE_MS, () => this.end(`silent for ${SILENCE_MS / 1000} s`));
    this.socket.on('error', (error) => this.end(`cut: ${(error as NodeJS.ErrnoException).code}`));
    this.socket.on('end', () => this.end('cut'));
    this.socket.once('close', () => {
      openCount--;
      this.end('cut');
    });
  }

  get isUsable(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** Resolves with 'ok' when the answer has come and its body is `expected`. `send` writes the request, all of it in the end. */
  ask(send: (socket: Socket) => void, expected: Buffer): Promise<Outcome> {
    return new Promise((resolve) => {
      this.told = resolve;
      this.reader = new AnswerReader(expected);
      send(this.socket);
    });
  }

  private received(bytes: Buffer, isSlow: boolean): boolean {
    const { reader } = this;
    if (reader === undefined) {
      this.stray = 'bytes that nobody asked for';
      this.socket.destroy();
      return true;
    }
    reader.take(bytes);
    if (reader.isDone) this.answered(reader);
    if (!isSlow) return true;
    setTimeout(() => this.socket.resume(), SLOW_PAUSE_MS);
    return false;
  }

  private answered(reader: AnswerReader): void {
    this.reader = undefined;
    if (reader.fault !== undefined || reader.closes) this.socket.destroy();
    this.told(reader.fault ?? 'ok');
  }

  private end(outcome: Outcome): void {
    this.socket.destroy();
    if (this.reader === undefined) return; // Between two requests a proxy may close.
    this.reader = undefined;
    this.told(outcome);
  }
}
