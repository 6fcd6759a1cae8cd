// What a new config has taken out and what is still in use: listeners with connections, servers with exchanges and
// tunnels. It goes on until it is done or until its time is over, and is then ended.
import { faults } from '../core/errors.js';
import type { Listener } from '../listener/listener.js';
import type { Server } from '../upstream/server.js';
import type { RemovedServer } from './runtime-change.js';

/** How long the answers of exchanges that were cut have to leave. */
export const CUT_GRACE_MS = 1_000;

/** What left at one change. */
interface Group {
  readonly listeners: readonly Listener[];
  readonly servers: Set<RemovedServer>;
  timer: NodeJS.Timeout;
}

export class Leaving {
  private readonly groups = new Set<Group>();

  /** `running`: the listeners that have connections to the servers besides. */
  constructor(private readonly running: () => readonly Listener[]) {}

  get listeners(): Listener[] {
    return [...this.groups].flatMap(({ listeners }) => listeners);
  }

  get servers(): Server[] {
    return [...this.groups].flatMap(({ servers }) => [...servers].map(({ server }) => server));
  }

  serversOf(upstream: string): Server[] {
    return [...this.groups]
      .flatMap(({ servers }) => [...servers].filter((removed) => removed.upstream === upstream))
      .map(({ server }) => server);
  }

  /** They are given `deadlineMs` from now on. */
  add(listeners: readonly Listener[], servers: readonly RemovedServer[], deadlineMs: number): void {
    this.forgetIdle();
    if (listeners.length + servers.length === 0) return;
    const group: Group = { listeners, servers: new Set(servers), timer: setTimeout(() => this.cut(group), deadlineMs) };
    group.timer.unref();
    this.groups.add(group);
  }

  /** The servers are in the config again. */
  takeBack(servers: ReadonlySet<Server>): void {
    for (const group of this.groups) {
      for (const removed of group.servers) if (servers.has(removed.server)) group.servers.delete(removed);
    }
  }

  private cut(group: Group): void {
    this.cutNow(group);
    group.timer = setTimeout(() => {
      this.cutNow(group);
      this.groups.delete(group);
    }, CUT_GRACE_MS);
    group.timer.unref();
  }

  private cutNow({ listeners, servers }: Group): void {
    for (const listener of listeners) listener.cutAll(faults.takenOut);
    const removed = new Set([...servers].map(({ server }) => server));
    for (const listener of [...this.running(), ...this.listeners]) listener.cutAt(removed, faults.takenOut);
  }

  private forgetIdle(): void {
    for (const group of this.groups) {
      if (!group.listeners.every((listener) => listener.isEmpty)) continue;
      for (const removed of group.servers) if (removed.server.load + removed.server.connections === 0) group.servers.delete(removed);
      if (group.servers.size > 0) continue;
      clearTimeout(group.timer);
      this.groups.delete(group);
    }
  }
}
