// Contract 1: no byte of one connection is ever readable through another's write, and none is lost. Many clients at
// once, each with a plan of its own, on one process whose reads share one buffer. LIMPET_FUZZ_SECONDS makes it run
// longer, LIMPET_FUZZ_SEED repeats the plan of a run that failed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { faults } from '../../src/core/errors.js';
import { silentLogger } from '../../src/core/logger.js';
import { leasesLent } from '../../src/net/buffer-leases.js';
import { defects, openSocketCount } from '../../src/net/byte-socket.js';
import { DescriptorBudget, descriptorLimit } from '../../src/net/descriptor-budget.js';
import { createLocalStore } from '../../src/store/local-store.js';
import { handlesByListener, ListeningSockets, noSources } from '../../src/supervisor/listening-sockets.js';
import { AccessRecorder } from '../../src/worker/access-recorder.js';
import { newTicketKeys, noRuntime, planRuntime, type Runtime } from '../../src/worker/runtime.js';
import { RuntimeChange } from '../../src/worker/runtime-change.js';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { waitFor } from '../fixtures/wait-for.js';
import { runScenario } from './whose-buffer/client.js';
import { type Origins, startOrigins } from './whose-buffer/origins.js';
import type { Target } from './whose-buffer/paced-connection.js';
import { planScenario, type Scenario } from './whose-buffer/plan.js';
import { PositionBytes } from './whose-buffer/position-bytes.js';

const CLIENTS = 200;
const SERVERS = 10;
const STALL_MS = 30_000;
const seconds = Number(process.env['LIMPET_FUZZ_SECONDS'] ?? 5);
const seed = Number(process.env['LIMPET_FUZZ_SEED'] ?? randomBytes(4).readUInt32LE());

/** One listener for each way that a scenario may take, by "kind transport"; a tunnel takes that of http. */
function configText(folder: string, origins: Origins): string {
  const listeners: Record<string, unknown> = {};
  for (const mode of ['http', 'tcp']) {
    const upstream = mode;
    const tls = { certificates: [{ cert: join(folder, 'test.crt'), key: join(folder, 'test.key') }] };
    listeners[`${mode}-plain`] = { address: '127.0.0.1:0', mode, upstream };
    listeners[`${mode}-tls`] = { address: '127.0.0.1:0', mode, upstream, tls };
    listeners[`${mode}-unix`] = { address: `unix:${join(folder, mode)}`, mode, upstream };
    listeners[`${mode}-tls-unix`] = { address: `unix:${join(folder, `${mode}-tls`)}`, mode, upstream, tls };
  }
  const upstreams = { http: { servers: origins.httpAddresses }, tcp: { servers: origins.tcpAddresses } };
  return JSON.stringify({ accessLog: 'off', listeners, upstreams });
}

async function startRuntime(folder: string, origins: Origins): Promise<{ runtime: Runtime; targets: Map<string, Target> }> {
  await certificateFiles(folder, await certificateFor('ec', 'origin.test'), 'test');
  const { config, problems } = parseConfig(configText(folder, origins), join(folder, 'proxy.config.json'));
  if (config === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  const parts = {
    logger: silentLogger,
    recorder: new AccessRecorder(),
    budget: new DescriptorBudget(descriptorLimit()),
    ticketKeys: newTicketKeys(),
    store: createLocalStore(),
  };
  const sockets = await ListeningSockets.bind(config, 1, noSources);
  const handles = handlesByListener(sockets.ofWorker(0));
  const targets = new Map<string, Target>();
  const change = await RuntimeChange.prepare(
    noRuntime,
    planRuntime(config, parts, noRuntime, () => []),
    handles,
  );
  const { runtime } = change.commit();
  for (const { name, address } of sockets.addresses()) {
    const isUnix = address.startsWith('unix:');
    targets.set(name, isUnix ? { path: address.slice(5) } : { port: Number(address.slice(address.lastIndexOf(':') + 1)) });
  }
  return { runtime, targets };
}

function targetOf(targets: Map<string, Target>, { kind, transport }: Scenario): Target {
  return targets.get(`${kind === 'tcp' ? 'tcp' : 'http'}-${transport}`) as Target;
}

test('no connection ever gets a byte of another one, and none is lost', { timeout: (seconds + 120) * 1000 }, async (t) => {
  const failures: string[] = [];
  const fail = (error: Error): void => {
    if (failures.length < 20) failures.push(error.message);
  };
  defects.report = (error) => fail(error as Error);
  const bytes = new PositionBytes(seed);
  const folder = await mkdtemp(join(tmpdir(), 'limpet-whose-'));
  const origins = await startOrigins(bytes, SERVERS, CLIENTS, fail);
  const { runtime, targets } = await startRuntime(folder, origins);
  const servers = [...runtime.upstreams.values()].flatMap(({ upstream }) => upstream.servers);
  const serverConnections = (): number => servers.reduce((sum, server) => sum + server.connections, 0);
  const endAtMs = performance.now() + seconds * 1000;
  let exchanges = 0;
  let mostLeases = 0;

  const runClient = async (client: number): Promise<void> => {
    for (let turn = 0; failures.length === 0 && (turn === 0 || performance.now() < endAtMs); turn++) {
      const scenario = planScenario(seed, client, turn);
      try {
        await runScenario(bytes, scenario, targetOf(targets, scenario), STALL_MS);
      } catch (error) {
        fail(
          new Error(
            `client ${client}, turn ${turn}: ${(error as Error).message}; ${JSON.stringify({ ...scenario, streams: scenario.streams.length })}`,
          ),
        );
      }
      exchanges += scenario.streams.length;
      mostLeases = Math.max(mostLeases, leasesLent());
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, (_, client) => runClient(client)));
    t.diagnostic(
      `seed ${seed}: ${exchanges} exchanges and tunnels over ${origins.accepted()} server connections, ${origins.mostOpen()} at a time; ${mostLeases} leases`,
    );
    assert.deepEqual(failures, [], `LIMPET_FUZZ_SEED=${seed} repeats this plan`);
    assert.ok(origins.mostOpen() >= CLIENTS, 'all clients had a server’s connection at the same time');
    assert.ok(exchanges > origins.accepted(), 'server connections were used for several clients');
    assert.ok(mostLeases > 1, 'slow readers had leases pinned');
    for (const { pools } of runtime.upstreams.values()) for (const pool of pools) pool.closeIdle();
    await waitFor('all sockets to be closed', () => openSocketCount() === 0);
    await waitFor('all leases to come back', () => leasesLent() === 0);
    assert.equal(serverConnections(), 0);
  } finally {
    for (const { listener } of runtime.entries.values()) {
      listener.stopAccepting();
      listener.cutAll(faults.shuttingDown);
    }
    origins.close();
    await rm(folder, { recursive: true, force: true });
  }
});
