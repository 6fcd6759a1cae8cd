// The process that this one is to take over from, as this one sees it: what it has left us, and how it is told that we
// are ready, or never will be. What the predecessor does is in upgrade.ts.
import type { ListeningHandle } from '../net/listening-handle.js';
import { EmbeddedStore } from '../store/embedded-store.js';
import type { SessionChange, SessionsOfTable } from '../store/messages.js';
import type { BoundSockets } from './listening-sockets.js';
import { type MessageToPredecessor, type MessageToSuccessor, upgradeVariable } from './upgrade-messages.js';

/** Resolves with the predecessor once all of its inheritance is here, or with null: this is an ordinary start. */
export function findPredecessor(): Promise<Predecessor | null> {
  const isSuccessor = process.env[upgradeVariable] !== undefined && process.send !== undefined;
  // Not to be mistaken by what we start ourselves.
  delete process.env[upgradeVariable];
  return isSuccessor ? new Predecessor().received() : Promise.resolve(null);
}

export class Predecessor {
  pid = 0;
  ticketKeys: Buffer = Buffer.alloc(0);
  /** By key, see listening-sockets.ts. */
  readonly sockets = new Map<string, BoundSockets>();
  /** Its pid file, open here; null: it has none. */
  pidFileFd: number | null = null;
  /** null: it is of an age that hands over no sessions. */
  private sessionSecret: string | null = null;
  private sessions: SessionsOfTable[] = [];
  /** What has changed of them since. */
  private changes: SessionChange[] = [];
  private takeChange: (change: SessionChange) => void = (change) => this.changes.push(change);
  /** Messages that are to come; the first one says how many. */
  private missing = 1;

  /** Resolves when it has said all that there is to inherit. */
  received(): Promise<this> {
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('the process to take over from is gone'));
      process.on('message', (message: MessageToSuccessor, handle: unknown) => {
        try {
          this.take(message, handle as ListeningHandle | undefined);
        } catch (error) {
          reject(error);
        }
        if (this.missing > 0) return;
        process.off('disconnect', gone);
        resolve(this);
      });
      process.once('disconnect', gone);
    });
  }

  private take(message: MessageToSuccessor, handle: ListeningHandle | undefined): void {
    if (message.kind === 'session') {
      this.takeChange(message.change);
      return;
    }
    this.missing--;
    if (message.kind === 'inheritance') {
      this.pid = message.pid;
      this.ticketKeys = Buffer.from(message.ticketKeys);
      this.pidFileFd = message.pidFileFd;
      this.sessionSecret = message.sessionSecret ?? null;
      this.missing += message.sockets + (message.sessions ?? 0);
    } else if (message.kind === 'sessions') {
      this.sessions.push(message.sessions);
    } else {
      const { key, areSpread } = message;
      if (handle === undefined) throw new Error(`the socket ${key} did not reach the new process`);
      this.sockets.set(key, { handles: [...(this.sockets.get(key)?.handles ?? []), handle], areSpread });
    }
  }

  /** A store with its sessions. While both processes live, each hears what clients of the other begin. */
  createStore(): EmbeddedStore {
    if (this.sessionSecret === null) return new EmbeddedStore();
    const store = new EmbeddedStore(undefined, this.sessionSecret);
    store.takeSessions(this.sessions);
    this.sessions = [];
    const mirror = store.mirror((change) => void tellPredecessor({ kind: 'session', change }));
    if (process.connected) process.once('disconnect', () => mirror.leave());
    else mirror.leave();
    this.takeChange = (change) => mirror.take(change);
    for (const change of this.changes) mirror.take(change);
    this.changes = [];
    return store;
  }
}

/** Resolves when the predecessor has been told, or is gone. */
export function tellPredecessor(message: MessageToPredecessor): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
