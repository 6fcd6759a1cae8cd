// A long life in a minute: everything that may be done to a Limpet that runs, one after the other, to the same two workers
// with the same clients. What is said of reloads, drains, upgrades and dying workers holds for all of them together.
//
// The load paces itself: each client's next request waits for its last answer and a pause. On a machine that has the time
// that is 200 requests a second for each worker; on a slower one it is less, and nothing else changes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { startSessionServer } from './long-life/session-server.js';
import { type Kind, StickyClient } from './long-life/sticky-client.js';
import { upgradeRequest } from './one-scripted-server.js';
import { type ChangeableConfig, reload } from './reload-steps.js';
import { runCommand } from './run-command.js';
import { connectToEach, isRunning, workerPids, workersOf } from './worker-processes.js';

const TUNNELS = 1_000;
const RELOADS = 100;
const kinds: readonly Kind[] = ['cookie', 'app', 'source'];
const CLIENTS_OF_A_KIND = 14;
/** Longer than the test may take: nothing of what it sees is due to a deadline. */
const never = '10m';

const policies: Record<Kind, unknown> = {
  cookie: { policy: 'cookie', name: 'route' },
  app: { policy: 'app-cookie', name: 'SID' },
  source: { policy: 'source' },
};

function configFor(servers: Record<string, string>) {
  // Limits far away: every exchange and tunnel has to have its place, and none that is lost can be missed for long.
  const members = Object.entries(servers).map(([name, address]) => ({ name, address, maxConnections: TUNNELS }));
  return {
    workers: 2,
    shutdownTimeout: never,
    drainTimeout: never,
    accessLog: 'off',
    listeners: {
      web: {
        address: '127.0.0.1:0',
        trustedProxies: ['127.0.0.1'],
        routes: [...kinds.map((kind) => ({ match: { path: `/${kind}` }, upstream: kind })), { upstream: 'cookie' }],
      },
    },
    upstreams: Object.fromEntries(kinds.map((kind) => [kind, { servers: members, sticky: policies[kind] }])),
  };
}

async function openTunnel(port: number): Promise<RawClient> {
  const tunnel = await RawClient.connect(port);
  tunnel.send(upgradeRequest);
  assert.equal((await tunnel.readHead()).status, 101);
  return tunnel;
}

async function openTunnels(port: number): Promise<RawClient[]> {
  const tunnels: RawClient[] = [];
  while (tunnels.length < TUNNELS) tunnels.push(...(await Promise.all(Array.from({ length: 50 }, () => openTunnel(port)))));
  return tunnels;
}

async function allEcho(tunnels: readonly RawClient[], text: string): Promise<void> {
  for (const tunnel of tunnels) tunnel.send(text);
  for (const tunnel of tunnels) assert.equal(await tunnel.readBytes(text.length), text);
}

/** Every client has had an answer to something that it asked from now on. */
async function allAnswered(clients: readonly StickyClient[]): Promise<void> {
  const before = clients.map(({ answered }) => answered);
  await waitFor('every client to be answered', () => clients.every(({ answered }, i) => answered >= before[i]! + 2), 60_000);
}

function assertNothingLost(clients: readonly StickyClient[], when: string): void {
  assert.deepEqual(
    clients.flatMap(({ lost }) => lost),
    [],
    when,
  );
  assert.deepEqual(
    clients.flatMap(({ astray }) => astray),
    [],
    when,
  );
}

/** Each change is one that no client has to do with. */
function vary({ listeners, upstreams }: ChangeableConfig, round: number): void {
  listeners['web']!['response'] = { set: { 'X-Round': String(round) } };
  for (const { servers } of Object.values(upstreams)) servers[0] = { ...(servers[0] as object), weight: 1 + (round % 3) };
}

async function drainAndBack(limpet: LimpetProcess, clients: readonly StickyClient[], tunnels: readonly RawClient[]): Promise<void> {
  const setAdmin = (admin: string) =>
    reload(limpet, ({ upstreams }) => {
      for (const { servers } of Object.values(upstreams)) servers[1] = { ...(servers[1] as object), admin };
    });
  const newcomers = async (prefix: string): Promise<Set<string>> => {
    const coming = Array.from({ length: 24 }, (_, i) => new StickyClient(kinds[i % 3]!, `${prefix}.${i}`, limpet.port()));
    for (const client of coming) client.start();
    await allAnswered(coming);
    for (const client of coming) await client.stop();
    assertNothingLost(coming, 'newcomers');
    return new Set(coming.map(({ home }) => home));
  };
  assert.match((await setAdmin('drain')).at(-1)!, / reloaded changes=\d+$/);
  await allAnswered(clients);
  assert.deepEqual(await newcomers('10.1.0'), new Set(['a']));
  await allEcho(tunnels, 'during the drain');
  assert.match((await setAdmin('ready')).at(-1)!, / reloaded changes=\d+$/);
  assert.deepEqual(await newcomers('10.2.0'), new Set(['a', 'b']));
  await allAnswered(clients);
}

/** Kills a worker and asserts that only what it held is lost. Gives the tunnels that the other one has. */
async function killWorker(
  limpet: LimpetProcess,
  worker: number,
  clients: readonly StickyClient[],
  tunnels: readonly RawClient[],
): Promise<RawClient[]> {
  for (const client of clients) client.staysConnected = true;
  await allAnswered(clients);
  const workers = workersOf(
    limpet,
    clients.map(({ connection }) => connection as RawClient),
  );
  const isHeld = workersOf(limpet, tunnels).map((holder) => holder === worker);
  const pid = workerPids(limpet)[worker] as number;
  process.kill(pid, 'SIGKILL');
  await waitFor('the replacement', () => workerPids(limpet)[worker] !== pid, 30_000);
  const held = tunnels.filter((_, i) => isHeld[i]);
  const others = tunnels.filter((_, i) => !isHeld[i]);
  assert.ok(held.length > 0 && others.length > 0);
  await waitFor('its tunnels to end', () => held.every(({ hasEnded }) => hasEnded));
  await allAnswered(clients);
  await allEcho(others, 'not of the killed one');
  assert.deepEqual(
    clients.filter(({ lost }, i) => lost.length > (workers[i] === worker ? 1 : 0)),
    [],
  );
  // What was lost was lost with the worker: from here on it counts anew.
  for (const client of clients) {
    client.lost.length = 0;
    client.staysConnected = false;
  }
  assertNothingLost(clients, 'after a worker was killed');
  return others;
}

test('reloads, a drain, an upgrade and killed workers, under load: only a killed worker loses anything, and only what it held', {
  timeout: 240_000,
}, async () => {
  const servers = await Promise.all(['a', 'b'].map(startSessionServer));
  const limpet = await startLimpet(configFor({ a: servers[0]!.address, b: servers[1]!.address }), ['--pid-file', 'FOLDER/limpet.pid']);
  const clients = kinds.flatMap((kind, k) =>
    Array.from({ length: CLIENTS_OF_A_KIND }, (_, i) => new StickyClient(kind, `10.0.${k}.${i}`, limpet.port())),
  );
  let tunnels: RawClient[] = [];
  try {
    for (const client of clients) client.start();
    tunnels = await openTunnels(limpet.port());
    await allAnswered(clients);
    for (const kind of ['a', 'b']) assert.ok(clients.some(({ home }) => home === kind));

    for (let round = 1; round <= RELOADS; round++) {
      const lines = await reload(limpet, (config) => vary(config, round));
      assert.match(lines.at(-1)!, / reloaded changes=\d+$/);
    }
    await allAnswered(clients);
    assertNothingLost(clients, 'after the reloads');
    await allEcho(tunnels, 'after the reloads');

    await drainAndBack(limpet, clients, tunnels);
    assertNothingLost(clients, 'after the drain');

    const [code, text] = await runCommand('upgrade', '--pid-file', join(limpet.folder, 'limpet.pid'));
    assert.equal(code, 0, text);
    await waitFor('the new process to say so', () => limpet.currentPid() !== limpet.pid);
    for (let times = 0; times < 3; times++) await allAnswered(clients);
    assertNothingLost(clients, 'after the upgrade');
    await allEcho(tunnels, 'with the old process');

    const fresh = (await connectToEach(limpet, 20)).flat();
    for (const client of fresh) {
      client.send(upgradeRequest);
      assert.equal((await client.readHead()).status, 101);
    }
    const left = await killWorker(limpet, 0, clients, fresh);
    const again = (await connectToEach(limpet, 10)).flat();
    for (const client of again) {
      client.send(upgradeRequest);
      assert.equal((await client.readHead()).status, 101);
    }
    tunnels.push(...(await killWorker(limpet, 1, clients, [...left, ...again])));
    await allEcho(tunnels, 'to the end');

    for (const client of clients) await client.stop();
    for (const tunnel of tunnels) tunnel.destroy();
    await waitFor('the old process to end', () => !isRunning(limpet.pid), 30_000);
    await limpet.stop();
  } finally {
    for (const client of clients) await client.stop();
    for (const tunnel of tunnels) tunnel.destroy();
    await limpet.kill();
    await Promise.all(servers.map((server) => server.close()));
  }
});
