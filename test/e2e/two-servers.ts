// The stage that many tests share: two servers of one kind, in processes of their own, behind one Limpet.
import type { TestContext } from 'node:test';
import { type ChildProgram, type ChildServer, startChildServer } from '../fixtures/child-server.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';

export interface Stage {
  readonly limpet: LimpetProcess;
  readonly servers: readonly [ChildServer, ChildServer];
  /** Closes a client when the test is over and before Limpet is stopped, which would otherwise wait for it. */
  onEnd(close: () => unknown): void;
}

/** A sticky cookie with the default name, as most users have it. */
export const stickyCookie = { policy: 'cookie', name: 'route' } as const;

/** The config for an HTTP listener "web" in front of `servers`, which are named as their processes are. */
export function configFor(servers: readonly ChildServer[], upstream: Record<string, unknown>): Record<string, unknown> {
  return {
    listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
    upstreams: { app: { servers: servers.map(({ name, address }) => ({ name, address })), ...upstream } },
  };
}

/**
 * Two servers "a" and "b" behind Limpet. When the test is over the clients are closed, Limpet is stopped, its counters
 * checked, and the servers are killed.
 */
export async function startStage(t: TestContext, program: ChildProgram, upstream: Record<string, unknown>): Promise<Stage> {
  const servers = await Promise.all([startChildServer(program, 'a'), startChildServer(program, 'b')]);
  try {
    const limpet = await startLimpet(configFor(servers, upstream));
    const closings: (() => unknown)[] = [];
    t.after(async () => {
      try {
        for (const close of closings.toReversed()) await close();
        await limpet.stop();
      } finally {
        await limpet.kill();
        await Promise.all(servers.map((server) => server.kill()));
      }
    });
    return { limpet, servers, onEnd: (close) => closings.push(close) };
  } catch (error) {
    await Promise.all(servers.map((server) => server.kill()));
    throw error;
  }
}
