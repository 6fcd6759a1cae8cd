// One place among those that a server may have at a time over all workers: asked for, held, and given back. Of which server
// decides selection; who does not get one goes elsewhere or is refused, which selection decides too.
import type { Quota, StoreAsker } from '../store/store.js';
import type { Server } from './server.js';

/** `asked`: the answer is not here. */
export const leaseState = { none: 0, asked: 1, held: 2 } as const;
export type LeaseState = (typeof leaseState)[keyof typeof leaseState];

export interface LeaseWaiter {
  /** The server has no place left. */
  refuse(server: Server): void;
  /** The answer is here, be it within the question. */
  wake(lease: ServerLease): void;
}

export class ServerLease implements StoreAsker<boolean> {
  state: LeaseState = leaseState.none;
  /** Whose place it is. Meaningless in the state `none`. */
  server: Server | null = null;
  /** Where it is given back to: the server's own may have changed since. */
  private quota: Quota | null = null;

  constructor(private readonly waiter: LeaseWaiter) {}

  /** Takes a place at a server that has a quota, or asks for one. The answer may come at once. */
  take(server: Server, quota: Quota): void {
    this.server = server;
    this.quota = quota;
    if (quota.take()) {
      this.state = leaseState.held;
    } else {
      this.state = leaseState.asked;
      quota.ask(this);
    }
  }

  onStoreAnswer(isGranted: boolean): void {
    this.state = isGranted ? leaseState.held : leaseState.none;
    if (!isGranted) this.waiter.refuse(this.server as Server);
    this.waiter.wake(this);
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (this.state !== leaseState.asked) return;
    this.state = leaseState.none;
    this.quota?.forget(this);
  }

  holdsAt(server: Server): boolean {
    return this.state === leaseState.held && this.server === server;
  }

  /** What was held is over; what was asked is not wanted any more. */
  end(): void {
    this.abandon();
    if (this.state === leaseState.held) this.quota?.give();
    this.state = leaseState.none;
  }
}
