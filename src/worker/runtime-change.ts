// From one Runtime to the next, in two steps: everything that may fail is done beside what runs; then either the new one is
// put in place whole, within one turn, or nothing has happened. What is left of the old one is leaving.ts.
import { faults } from '../core/errors.js';
import { bindProblem } from '../listener/bind-problem.js';
import type { Listener } from '../listener/listener.js';
import type { ListeningHandle } from '../net/listening-handle.js';
import type { Server } from '../upstream/server.js';
import { takeOver } from './compile-upstreams.js';
import type { Entry, Runtime, RuntimePlan } from './runtime.js';

/** A server that the new config does not have any more. */
export interface RemovedServer {
  readonly upstream: string;
  readonly server: Server;
}

/** What was put in place, and what that has left over. */
export interface ChangedRuntime {
  readonly runtime: Runtime;
  readonly removedListeners: readonly Listener[];
  readonly removedServers: readonly RemovedServer[];
}

export class RuntimeChange {
  private constructor(
    private readonly running: Runtime,
    private readonly plan: RuntimePlan,
    private readonly opened: readonly Listener[],
  ) {}

  /**
   * Listens where the plan has new listeners, which serve at once: so nobody who comes is refused. `handles`: their bound
   * sockets by name. Rejects with one clear line, and then nothing has changed.
   */
  static async prepare(
    running: Runtime,
    plan: RuntimePlan,
    handles: ReadonlyMap<string, readonly ListeningHandle[]>,
  ): Promise<RuntimeChange> {
    const opened: Listener[] = [];
    for (const [key, { listener, options }] of plan.listeners) {
      if (running.entries.has(key)) continue;
      listener.change(options);
      opened.push(listener);
      try {
        await listener.listen(handles.get(options.name) ?? []);
      } catch (error) {
        closeAll(opened);
        throw new Error(bindProblem(options.name, error as NodeJS.ErrnoException));
      }
    }
    return new RuntimeChange(running, plan, opened);
  }

  /** Nothing has happened. */
  discard(): void {
    closeAll(this.opened);
  }

  commit(): ChangedRuntime {
    const { running, plan } = this;
    takeOver(plan.upstreams);
    const entries = new Map<string, Entry>();
    for (const [key, { listener, current, service, options }] of plan.listeners) {
      const before = running.entries.get(key)?.current;
      // In tcp mode now: who came in http mode is answered once more.
      if (before !== undefined && before !== current) drain(before);
      if (current !== null && service !== null) current.service = service;
      listener.change(options);
      entries.set(key, { listener, current });
    }
    const removedListeners: Listener[] = [];
    for (const [key, { listener, current }] of running.entries) {
      if (entries.has(key)) continue;
      listener.stopAccepting();
      drain(current);
      removedListeners.push(listener);
    }
    return { runtime: { entries, upstreams: plan.upstreams }, removedListeners, removedServers: this.removeServers() };
  }

  private removeServers(): RemovedServer[] {
    const removed: RemovedServer[] = [];
    for (const [name, { upstream, pools }] of this.running.upstreams) {
      const kept = this.plan.upstreams.get(name)?.upstream.servers ?? [];
      for (const server of upstream.servers) {
        if (kept.includes(server)) continue;
        pools[server.index]!.resize(0);
        removed.push({ upstream: name, server });
      }
    }
    return removed;
  }
}

/** Each connection ends with its next answer. The idle ones are not closed: whose client is just asking would lose its request. */
function drain(current: Entry['current']): void {
  if (current !== null) current.isDraining = true;
}

function closeAll(opened: readonly Listener[]): void {
  for (const listener of opened) {
    listener.stopAccepting();
    listener.cutAll(faults.takenOut);
  }
}
