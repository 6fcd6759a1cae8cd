// A connection that waits until it is known whether the listener's limit has a place for it. Nothing is read from it.
import type { Socket } from 'node:net';
import type { Quota, StoreAsker } from '../store/store.js';

export interface PlaceUser {
  /** The answer is here: the place is taken, or there is none. Called once, unless the waiter was abandoned. */
  onPlace(waiter: PlaceWaiter, isGranted: boolean): void;
}

export class PlaceWaiter implements StoreAsker<boolean> {
  constructor(
    readonly socket: Socket,
    readonly quota: Quota,
    private readonly user: PlaceUser,
  ) {}

  /** The answer may come at once. */
  ask(): void {
    this.quota.ask(this);
  }

  onStoreAnswer(isGranted: boolean): void {
    this.user.onPlace(this, isGranted);
  }

  /** Nobody waits any more. */
  abandon(): void {
    this.quota.forget(this);
    this.socket.destroy();
  }
}
