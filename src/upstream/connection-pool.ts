// The idle connections to one server. Last in, first out: the most recently used is the least likely to be closed by
// the server just now. It opens nothing and reads nothing.
import type { ConnectionPool } from './server.js';

/** What the pool needs of a connection. */
export interface PooledConnection {
  /** Connections are shared among exchanges with the same key only; '' unless the server was told who the client is. */
  readonly poolKey: string;
  /** When its last exchange ended, on the monotonic clock. */
  readonly idleSinceMs: number;
  destroy(): void;
}

export class IdleConnections<C extends PooledConnection> implements ConnectionPool {
  private readonly idle: C[] = [];

  /** `maxIdle`: connections kept; one more makes room by closing the oldest. */
  constructor(private maxIdle: number) {}

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
    if (this.idle.length >= this.maxIdle) this.idle.shift()!.destroy();
    this.idle.push(connection);
  }

  /** An idle connection has gone. */
  remove(connection: C): void {
    const at = this.idle.lastIndexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
  }

  closeIdle(): void {
    for (const connection of this.idle.splice(0)) connection.destroy();
  }
}
