// Every listening socket of the program: bound here, or received from who started it, kept here, and handed to the
// workers that listen on them. It never accepts: what waits in a socket when its worker dies is answered by the next one.
// From one config to the next, sockets that both have stay as they are.
import type { Config, ListenerConfig } from '../config/config.js';
import { bindProblem } from '../listener/bind-problem.js';
import { formatAddress, type ListenAddress, type TcpAddress } from '../net/address.js';
import {
  adoptHandle,
  bindAnotherHandle,
  bindTcpHandles,
  bindUnixHandle,
  boundAddress,
  type ListeningHandle,
} from '../net/listening-handle.js';
import { checkUnixSocketIsFree, removeSocketFile, socketFileId } from '../net/unix-socket-file.js';
import { socketKey } from '../worker/socket-key.js';

/** The sockets of one listener. */
export interface BoundSockets {
  readonly handles: readonly ListeningHandle[];
  /** They share a port, and each worker has its own; otherwise every worker listens on all of them. */
  readonly areSpread: boolean;
}

export interface SocketSources {
  /** Sockets that are bound already, by {@link socketKey}. Those that a listener wants are taken out. */
  readonly bound: Map<string, BoundSockets>;
  /** Descriptors that systemd has passed, by name. */
  readonly systemd: Map<string, readonly number[]>;
  /** What has the numbers of the config's descriptors may be something else by now: the program has taken over from another one, or runs. */
  readonly isSuccessor: boolean;
}

interface Bound extends BoundSockets {
  name: string;
  readonly address: ListenAddress;
  /** Of the unix socket's file that goes with the socket; '' where there is none, or it is another process's to remove. */
  fileId: string;
}

/** The sockets of another config. Exactly one of the two is to be called. */
export interface SocketChange {
  /** Those that were not there before. */
  readonly opened: ListeningSockets;
  /** From now on they are the sockets; those that the config does not have are closed. */
  commit(): void;
  discard(): void;
}

export const noSources: SocketSources = { bound: new Map(), systemd: new Map(), isSuccessor: false };

export class ListeningSockets {
  private bound: Bound[] = [];

  private constructor(
    private readonly workers: number,
    private readonly systemd: SocketSources['systemd'],
  ) {}

  /** Has sockets for every listener of the config, or none: throws an Error with one clear line. */
  static async bind(config: Pick<Config, 'listeners' | 'user'>, workers: number, sources: SocketSources): Promise<ListeningSockets> {
    const sockets = new ListeningSockets(workers, sources.systemd);
    for (const [name, listener] of Object.entries(config.listeners)) {
      const { address } = listener;
      try {
        const own = await sockets.obtain(name, listener, config.user, sources);
        sockets.bound.push({ name, address, ...own });
      } catch (error) {
        sockets.close();
        throw new Error(bindProblem(name, error as NodeJS.ErrnoException));
      }
    }
    return sockets;
  }

  /** Binds what the config has and is not here. Throws an Error with one clear line, and then nothing has changed. */
  async prepare(config: Pick<Config, 'listeners' | 'user'>): Promise<SocketChange> {
    const listeners = Object.entries(config.listeners);
    const kept = new Map(this.bound.map((bound) => [socketKey(bound.name, bound.address), bound]));
    const missing = listeners.filter(([name, { address }]) => !kept.has(socketKey(name, address)));
    const sources = { bound: new Map(), systemd: this.systemd, isSuccessor: true };
    const opened = await ListeningSockets.bind({ listeners: Object.fromEntries(missing), user: config.user }, this.workers, sources).catch(
      (error: Error) => Promise.reject(this.ownPortProblem(missing) ?? error),
    );
    return {
      opened,
      discard: () => opened.close(),
      commit: () => {
        const next = [...opened.bound];
        for (const [name, { address }] of listeners) {
          const key = socketKey(name, address);
          const bound = kept.get(key);
          if (bound === undefined) continue;
          bound.name = name;
          next.push(bound);
          kept.delete(key);
        }
        this.bound = [...kept.values()];
        this.close();
        this.bound = next;
      },
    };
  }

  /** A port that is in use may be in use by us: on another address, of which the new one is a part or the whole. */
  private ownPortProblem(missing: readonly [string, ListenerConfig][]): Error | null {
    for (const [name, { address }] of missing) {
      if (address.kind !== 'tcp' || address.port === 0) continue;
      const own = this.bound.find((bound) => overlap(bound.address, address));
      if (own === undefined) continue;
      const addresses = `${formatAddress(address)} overlaps ${formatAddress(own.address)}`;
      return new Error(`listener "${name}": ${addresses}, which stays open until the new one is; restart, or take another port`);
    }
    return null;
  }

  private async obtain(
    name: string,
    { address, socketMode }: ListenerConfig,
    owner: Config['user'],
    sources: SocketSources,
  ): Promise<BoundSockets & { fileId: string }> {
    const key = socketKey(name, address);
    const given = sources.bound.get(key);
    if (given !== undefined) {
      sources.bound.delete(key);
      return { ...(given.areSpread ? this.enough(given) : given), fileId: '' };
    }
    switch (address.kind) {
      case 'tcp': {
        const handles = bindTcpHandles(address, this.workers);
        return { handles, areSpread: handles.length > 1, fileId: '' };
      }
      case 'unix': {
        await checkUnixSocketIsFree(address.path);
        const handle = bindUnixHandle(address.path, { mode: socketMode, owner });
        return { handles: [handle], areSpread: false, fileId: socketFileId(address.path) };
      }
      case 'fd':
        if (sources.isSuccessor)
          throw new Error(`${formatAddress(address)} is none of the sockets that this process has from its start; restart instead`);
        return { handles: [adopt(address.fd)], areSpread: false, fileId: '' };
      case 'systemd': {
        const fds = sources.systemd.get(address.name);
        if (fds === undefined) throw new Error(`systemd has passed no socket named "${address.name}"; ${passed(sources.systemd)}`);
        // Once they are closed, their numbers are something else's.
        sources.systemd.delete(address.name);
        return { handles: fds.map(adopt), areSpread: false, fileId: '' };
      }
    }
  }

  /** One for each worker, where more can be had. */
  private enough({ handles }: BoundSockets): BoundSockets {
    const all = [...handles];
    while (all.length < this.workers) all.push(bindAnotherHandle(handles[0]));
    return { handles: all, areSpread: true };
  }

  /** Listeners by name with the addresses that they have got. */
  addresses(): { readonly name: string; readonly address: string }[] {
    return this.bound.map(({ name, address, handles }) => ({ name, address: boundAddress(handles[0], address) }));
  }

  /** The sockets of the worker in this place, counted from 0. A listener may have several. */
  ofWorker(index: number): { readonly listener: string; readonly handle: ListeningHandle }[] {
    return this.bound.flatMap(({ name, handles, areSpread }) =>
      handles.filter((_, place) => !areSpread || place % this.workers === index).map((handle) => ({ listener: name, handle })),
    );
  }

  /** All of them, for another process to listen on. */
  all(): { readonly key: string; readonly handle: ListeningHandle; readonly areSpread: boolean }[] {
    return this.bound.flatMap(({ name, address, handles, areSpread }) =>
      handles.map((handle) => ({ key: socketKey(name, address), handle, areSpread })),
    );
  }

  /** What was received from another process is ours from now on, with the files of unix sockets. */
  takeOver(): void {
    for (const bound of this.bound) {
      if (bound.address.kind === 'unix') bound.fileId = socketFileId(bound.address.path);
    }
  }

  /** Another process has taken over the sockets with these keys: the files are that one's. */
  handOver(keys: ReadonlySet<string>): void {
    for (const bound of this.bound) {
      if (keys.has(socketKey(bound.name, bound.address))) bound.fileId = '';
    }
  }

  /** The workers' own hold on them remains. */
  close(): void {
    for (const { handles, address, fileId } of this.bound) {
      for (const handle of handles) handle.close();
      if (address.kind === 'unix' && fileId !== '') removeSocketFile(address.path, fileId);
    }
    this.bound = [];
  }
}

/** Gathers what {@link ListeningSockets.ofWorker} says. */
export function handlesByListener(sockets: readonly { readonly listener: string; readonly handle: ListeningHandle }[]) {
  const handles = new Map<string, ListeningHandle[]>();
  for (const { listener, handle } of sockets) handles.set(listener, [...(handles.get(listener) ?? []), handle]);
  return handles;
}

/** One of them is every interface of the other's port. */
function overlap(a: ListenAddress, b: TcpAddress): boolean {
  const isEvery = (host: string): boolean => host === '' || host === '0.0.0.0' || host === '::';
  return a.kind === 'tcp' && a.port === b.port && (isEvery(a.host) || isEvery(b.host));
}

function adopt(fd: number): ListeningHandle {
  try {
    return adoptHandle(fd);
  } catch (error) {
    throw new Error(`descriptor ${fd} is no listening socket (${(error as NodeJS.ErrnoException).code}); start the program with one there`);
  }
}

function passed(systemd: SocketSources['systemd']): string {
  return systemd.size === 0 ? 'it has passed none' : `it has passed ${[...systemd.keys()].map((name) => `"${name}"`).join(', ')}`;
}
