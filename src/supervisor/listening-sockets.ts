// Every listening socket, bound and kept here and handed to the workers that listen on them. It never accepts: what waits
// in a socket when its worker dies is answered by the next one.
import type { Config } from '../config/config.js';
import { bindProblem } from '../listener/bind-problem.js';
import type { Address } from '../net/address.js';
import { bindListeningHandles, boundAddress, type ListeningHandle } from '../net/listening-handle.js';
import { removeStaleSocket } from '../net/stale-socket-file.js';

interface Bound {
  readonly name: string;
  readonly address: Address;
  /** One for each worker, or one for all. */
  readonly handles: readonly ListeningHandle[];
}

export class ListeningSockets {
  private readonly bound: Bound[] = [];

  private constructor() {}

  /** Binds for every listener, or none: throws an Error with one clear line. */
  static async bind(listeners: Config['listeners'], workers: number): Promise<ListeningSockets> {
    const sockets = new ListeningSockets();
    for (const [name, { address }] of Object.entries(listeners)) {
      try {
        if (address.kind === 'unix') await removeStaleSocket(address.path);
        sockets.bound.push({ name, address, handles: bindListeningHandles(address, workers) });
      } catch (error) {
        sockets.close();
        throw new Error(bindProblem(name, error as NodeJS.ErrnoException));
      }
    }
    return sockets;
  }

  /** Listeners by name with the addresses that they have got. */
  addresses(): { readonly name: string; readonly address: string }[] {
    return this.bound.map(({ name, address, handles }) => ({ name, address: boundAddress(handles[0], address) }));
  }

  /** The sockets of the worker in this place, counted from 0, by listener. */
  ofWorker(index: number): { readonly listener: string; readonly handle: ListeningHandle }[] {
    return this.bound.map(({ name, handles }) => ({ listener: name, handle: handles[index % handles.length] }));
  }

  /** The workers' own hold on them remains. */
  close(): void {
    for (const { handles } of this.bound) {
      for (const handle of handles) handle.close();
    }
    this.bound.length = 0;
  }
}
