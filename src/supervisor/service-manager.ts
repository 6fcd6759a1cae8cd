// Tells the service manager that started us (systemd) how we are: sd_notify, through the program systemd-notify, because
// Node has no datagram sockets of the unix kind. Without a service manager, or without the program, nothing happens.
import { spawn } from 'node:child_process';

export class ServiceManager {
  private readonly isThere: boolean;
  /** Each message waits for the one before: their order is what they mean. */
  private sent: Promise<void> = Promise.resolve();

  constructor(environment: NodeJS.ProcessEnv) {
    this.isThere = (environment['NOTIFY_SOCKET'] ?? '') !== '';
  }

  /** Serves, with the config that it has read last. The main process is this one: it may have taken over from another. */
  ready(): Promise<void> {
    return this.notify('READY=1', `MAINPID=${process.pid}`);
  }

  /** Reads its config anew; to be followed by {@link ready}, however that ends. */
  reloading(): Promise<void> {
    return this.notify('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }

  stopping(): Promise<void> {
    return this.notify('STOPPING=1');
  }

  /** Resolves when the message has left, or cannot. */
  private notify(...assignments: string[]): Promise<void> {
    if (this.isThere) this.sent = this.sent.then(() => send(assignments));
    return this.sent;
  }
}

function send(assignments: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const program = spawn('systemd-notify', assignments, { stdio: 'ignore', timeout: 5_000 });
    program.once('error', () => resolve());
    program.once('exit', () => resolve());
  });
}
