// The idle connections to one server. Last in, first out: the most recently used is the least likely to be closed by
// the server just now. It opens nothing and reads nothing.
import { nowMs } from '../core/clock.js';
import { armDeadline, disarmDeadline, Waiting } from '../net/deadlines.js';
import type { ConnectionPool } from './server.js';

/** What the pool needs of a connection. */
export interface PooledConnection {
  /** Connections are shared among exchanges with the same key only; '' unless the server was told who the client is. */
  readonly poolKey: string;
  /** When its last exchange ended, on the monotonic clock. */
  readonly idleSinceMs: number;
  destroy(): void;
}

/**
 * How long a connection is kept that is one too many. Answers come in bursts, and what a burst leaves idle the next one
 * takes up: closed at once, connections would be opened again for nearly every request (bench, 1,000 connections).
 */
const SURPLUS_MS = 1_000;

export class IdleConnections<C extends PooledConnection> extends Waiting implements ConnectionPool {
  private readonly idle: C[] = [];

  /** `maxIdle`: connections kept; of more, the oldest are closed once nobody has wanted them for {@link SURPLUS_MS}. */
  constructor(private maxIdle: number) {
    super();
  }

  /** Keeps another number from now on. 0: closes what is idle, and whatever would become so. */
  resize(maxIdle: number): void {
    this.maxIdle = maxIdle;
    while (this.idle.length > maxIdle) this.idle.shift()!.destroy();
  }

  get idleCount(): number {
    return this.idle.length;
  }

  /** The most recently used connection with that key that has been idle since `sinceMs` or later, or null. */
  take(poolKey: string, sinceMs: number): C | null {
    for (let i = this.idle.length - 1; i >= 0; i--) {
      const connection = this.idle[i]!;
      if (connection.idleSinceMs < sinceMs) return null;
      if (connection.poolKey !== poolKey) continue;
      if (i === this.idle.length - 1) this.idle.pop();
      else this.idle.splice(i, 1);
      return connection;
    }
    return null;
  }

  put(connection: C): void {
    if (this.maxIdle === 0) {
      connection.destroy();
      return;
    }
    this.idle.push(connection);
    if (this.idle.length > this.maxIdle && this.deadlineList === null) armDeadline(this, SURPLUS_MS);
  }

  override onDeadline(): void {
    const sinceMs = nowMs() - SURPLUS_MS;
    while (this.idle.length > this.maxIdle && this.idle[0]!.idleSinceMs <= sinceMs) this.idle.shift()!.destroy();
    if (this.idle.length > this.maxIdle) armDeadline(this, SURPLUS_MS);
  }

  /** An idle connection has gone. */
  remove(connection: C): void {
    const at = this.idle.lastIndexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
  }

  closeIdle(): void {
    disarmDeadline(this);
    for (const connection of this.idle.splice(0)) connection.destroy();
  }
}
