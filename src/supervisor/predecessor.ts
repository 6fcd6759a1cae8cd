// The process that this one is to take over from, as this one sees it: what it has left us, and how it is told that we
// are ready, or never will be. What the predecessor does is in upgrade.ts.
import type { ListeningHandle } from '../net/listening-handle.js';
import type { BoundSockets } from './listening-sockets.js';
import { type MessageToPredecessor, type MessageToSuccessor, upgradeVariable } from './upgrade-messages.js';

export interface Predecessor {
  readonly pid: number;
  readonly ticketKeys: Buffer;
  /** By key, see listening-sockets.ts. */
  readonly sockets: Map<string, BoundSockets>;
  /** Its pid file, open here; null: it has none. */
  readonly pidFileFd: number | null;
}

/** Resolves with the predecessor once all of its inheritance is here, or with null: this is an ordinary start. */
export function findPredecessor(): Promise<Predecessor | null> {
  const isSuccessor = process.env[upgradeVariable] !== undefined && process.send !== undefined;
  // Not to be mistaken by what we start ourselves.
  delete process.env[upgradeVariable];
  return isSuccessor ? receiveInheritance() : Promise.resolve(null);
}

function receiveInheritance(): Promise<Predecessor> {
  return new Promise((resolve, reject) => {
    let inheritance: Extract<MessageToSuccessor, { kind: 'inheritance' }>;
    let received = 0;
    const sockets = new Map<string, BoundSockets>();
    const gone = (): void => reject(new Error('the process to take over from is gone'));
    const take = (message: MessageToSuccessor, handle: ListeningHandle | undefined): void => {
      if (message.kind === 'inheritance') inheritance = message;
      else if (handle === undefined) reject(new Error(`the socket ${message.key} did not reach the new process`));
      else {
        received++;
        const { key, areSpread } = message;
        sockets.set(key, { handles: [...(sockets.get(key)?.handles ?? []), handle], areSpread });
      }
      if (received < inheritance.sockets) return;
      process.off('message', take as (message: unknown) => void);
      process.off('disconnect', gone);
      const { pid, ticketKeys, pidFileFd } = inheritance;
      resolve({ pid, ticketKeys: Buffer.from(ticketKeys), sockets, pidFileFd });
    };
    process.on('message', take as (message: unknown) => void);
    process.once('disconnect', gone);
  });
}

/** Resolves when the predecessor has been told, or is gone. It hears nothing after that. */
export function tellPredecessor(message: MessageToPredecessor): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) {
      resolve();
      return;
    }
    process.send(message, undefined, undefined, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}
