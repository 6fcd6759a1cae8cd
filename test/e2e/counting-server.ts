// A server that holds every request until the test has it answered, takes every upgrade, and counts what it has at a time.
import type { Socket } from 'node:net';
import { type ScriptedServer, startScriptedServer } from '../fixtures/scripted-server.js';
import { answerWith, switchingProtocols } from './one-scripted-server.js';

export class CountingServer {
  /** Requests that are held, and tunnels. */
  active = 0;
  mostActive = 0;
  answered = 0;
  private readonly held = new Set<Socket>();
  private readonly tunnels = new Set<Socket>();
  private server!: ScriptedServer;

  static async start(): Promise<CountingServer> {
    const counting = new CountingServer();
    counting.server = await startScriptedServer((connection, head) => counting.take(connection, head), {
      onAccept: (connection) => connection.once('close', () => counting.end(connection)),
    });
    return counting;
  }

  private take(connection: Socket, head: string): void {
    const group = /^upgrade:/im.test(head) ? this.tunnels : this.held;
    group.add(connection);
    this.active++;
    this.mostActive = Math.max(this.mostActive, this.active);
    if (group === this.held) return;
    connection.write(switchingProtocols);
    connection.on('data', () => {});
  }

  private end(connection: Socket): void {
    if (this.held.delete(connection) || this.tunnels.delete(connection)) this.active--;
  }

  /** Answers so many of the requests that are held. */
  answer(count: number): void {
    for (const connection of [...this.held].slice(0, count)) {
      this.end(connection);
      this.answered++;
      connection.write(answerWith('done'));
    }
  }

  get address(): string {
    return this.server.address;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
