// A WebSocket client that is read message by message.
import WebSocket from 'ws';
import type { SockJsTarget } from './sockjs-target.js';

export interface ClosedBy {
  readonly code: number;
  readonly reason: string;
}

const timeoutMs = 10_000;

export class WebSocketPeer {
  private readonly socket: WebSocket;
  private readonly messages: string[] = [];
  private closedBy: ClosedBy | null = null;
  private wake: (() => void) | null = null;

  private constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(data.toString('utf8'));
      this.wake?.();
    });
    this.socket.on('close', (code, reason) => {
      this.closedBy = { code, reason: reason.toString('utf8') };
      this.wake?.();
    });
  }

  static connect(target: SockJsTarget, path: string): Promise<WebSocketPeer> {
    const peer = new WebSocketPeer(`ws://${target.authority}${path}`);
    return new Promise((resolve, reject) => {
      peer.socket.on('error', reject);
      peer.socket.on('open', () => resolve(peer));
    });
  }

  send(message: string): void {
    this.socket.send(message);
  }

  /** The next message; rejects if the connection closes first. */
  async receive(): Promise<string> {
    await this.until(() => this.messages.length > 0 || this.closedBy !== null);
    const message = this.messages.shift();
    if (message === undefined) throw new Error(`closed with ${this.closedBy?.code} instead of a message`);
    return message;
  }

  /** Waits for the end; rejects if a message comes first. */
  async untilClosed(): Promise<ClosedBy> {
    await this.until(() => this.messages.length > 0 || this.closedBy !== null);
    if (this.closedBy === null) throw new Error(`a message instead of the end: ${this.messages[0]}`);
    return this.closedBy;
  }

  close(): void {
    this.socket.close();
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`neither a message nor the end within ${timeoutMs} ms`)), timeoutMs);
        this.wake = () => {
          clearTimeout(timer);
          this.wake = null;
          resolve();
        };
      });
    }
  }
}
