// What one worker knows of a server, the others know: how busy it is, and whether it is down.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RawClient } from '../fixtures/raw-client.js';
import { type ScriptedServer, startScriptedServer } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { clientsOfEachWorker, get, greeting } from './clients-of-workers.js';
import { CountingServer } from './counting-server.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { answerWith, upgradeRequest } from './one-scripted-server.js';
import { workerPids } from './worker-processes.js';

const web = { address: '127.0.0.1:0', routes: [greeting, { upstream: 'app' }] };

async function withLimpet(upstream: Record<string, unknown>, action: (limpet: LimpetProcess) => Promise<void>): Promise<void> {
  const limpet = await startLimpet({
    workers: 2,
    shutdownTimeout: '1s',
    errorLog: { level: 'debug' },
    listeners: { web },
    upstreams: { app: upstream },
  });
  try {
    await action(limpet);
  } finally {
    await limpet.kill();
  }
}

async function openTunnel(client: RawClient): Promise<void> {
  client.send(upgradeRequest);
  assert.equal((await client.readHead()).status, 101);
}

suite('what two workers know of servers', { timeout: 120_000 }, () => {
  /** Sends ten requests at a time until all go to the server that has ten less: a worker that knows only of its own takes turns. */
  async function untilKnown(clients: readonly RawClient[], less: CountingServer, more: CountingServer): Promise<void> {
    const ten = clients.slice(0, 10);
    await waitFor('it to be known where there is less', async () => {
      const before = [less.active, more.active] as const;
      for (const client of ten) client.send(get('/'));
      await waitFor('the requests', () => less.active + more.active === before[0] + before[1] + 10);
      const isKnown = more.active === before[1];
      for (const server of [less, more]) server.answer(10);
      for (const client of ten) await client.readResponse();
      return isKnown;
    });
  }

  async function withTwoServers(action: (limpet: LimpetProcess, a: CountingServer, b: CountingServer) => Promise<void>): Promise<void> {
    const [a, b] = [await CountingServer.start(), await CountingServer.start()];
    try {
      await withLimpet({ servers: [a.address, b.address], balance: 'least-connections' }, (limpet) => action(limpet, a, b));
    } finally {
      await a.close();
      await b.close();
    }
  }

  /** Ten tunnels to `b` and none to `a`. */
  async function makeUneven(clients: readonly RawClient[], a: CountingServer, b: CountingServer): Promise<void> {
    const atA: RawClient[] = [];
    for (const client of clients) {
      const before = a.active;
      await openTunnel(client);
      if (a.active > before) atA.push(client);
    }
    assert.deepEqual([atA.length, a.active, b.active], [10, 10, 10]);
    for (const client of atA) client.destroy();
    await waitFor('those to be gone', () => a.active === 0);
  }

  test('least-connections evens out what the other worker has made uneven', () =>
    withTwoServers(async (limpet, a, b) => {
      const [first, second] = await clientsOfEachWorker(limpet, 20);
      await makeUneven(first, a, b);
      await untilKnown(second, a, b);
      for (const client of second.slice(10)) await openTunnel(client);
      assert.deepEqual([a.active, b.active], [10, 10]);
      for (const client of [...first, ...second]) client.destroy();
      await limpet.stop();
    }));

  test('what a killed worker had does not count any more', () =>
    withTwoServers(async (limpet, a, b) => {
      const [first, second] = await clientsOfEachWorker(limpet, 30);
      const [pid] = workerPids(limpet);
      await makeUneven(first.slice(0, 20), a, b);
      await untilKnown(second, a, b);
      for (const client of second.slice(10, 20)) await openTunnel(client);
      assert.deepEqual([a.active, b.active], [10, 10]);
      process.kill(pid!, 'SIGKILL');
      await waitFor('those of the killed one to be gone', () => b.active === 0);
      await untilKnown(second, b, a);
      for (const client of second.slice(20)) await openTunnel(client);
      assert.deepEqual([a.active, b.active], [10, 10]);
      for (const client of [...first, ...second]) client.destroy();
      await waitFor('a replacement', () => workerPids(limpet)[0] !== pid);
      await limpet.stop();
    }));

  async function withDeadServer(
    passive: Record<string, unknown>,
    action: (limpet: LimpetProcess, dead: ScriptedServer, revive: () => void) => Promise<void>,
  ): Promise<void> {
    let isDead = true;
    const dead = await startScriptedServer((connection) => (isDead ? connection.destroy() : connection.write(answerWith('revived'))));
    const well = await startScriptedServer((connection) => connection.write(answerWith('well')));
    const servers = [
      { name: 'dead', address: dead.address },
      { name: 'well', address: well.address },
    ];
    const upstream = { servers, health: { passive }, retries: { methods: [] }, connectionPool: { maxIdle: 0 } };
    try {
      await withLimpet(upstream, (limpet) =>
        action(limpet, dead, () => {
          isDead = false;
        }),
      );
    } finally {
      await dead.close();
      await well.close();
    }
  }

  const ask = async (client: RawClient): Promise<string> => {
    client.send(get('/'));
    const { status, body } = await client.readResponse();
    return status === 200 ? body : String(status);
  };

  const linesOf = (limpet: LimpetProcess, pattern: RegExp): string[] => limpet.output().filter((line) => pattern.test(line));

  test('a server that one worker has found dead, no other asks again, nor one that comes later', async () => {
    await withDeadServer({ failures: 1, window: '10s', downFor: '1h' }, async (limpet, dead) => {
      const [first, second] = await clientsOfEachWorker(limpet, 20);
      const pids = workerPids(limpet);
      const answers = [await ask(first[0]!), await ask(first[1]!)];
      assert.deepEqual(answers.sort(), ['502', 'well']);
      await waitFor('the other to learn of it', () => linesOf(limpet, / debug Server is down, as was learned .*worker=2$/).length === 1);
      for (const client of [...first.slice(1), ...second]) assert.equal(await ask(client), 'well');
      assert.equal(dead.accepted(), 1);
      assert.equal(linesOf(limpet, / warn Server is down upstream=app server=dead .*worker=1$/).length, 1);
      assert.equal(linesOf(limpet, / warn Server is down /).length, 1);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await waitFor('the replacements', () => workerPids(limpet).every((pid, index) => pid !== pids[index]));
      const later = await clientsOfEachWorker(limpet, 5);
      for (const client of later.flat()) assert.equal(await ask(client), 'well');
      assert.equal(dead.accepted(), 1);
      for (const client of [...first, ...second, ...later.flat()]) client.destroy();
      await limpet.stop();
    });
  });

  test('when its time is over both ask it again', async () => {
    await withDeadServer({ failures: 1, window: '10s', downFor: '300ms' }, async (limpet, dead, revive) => {
      const [first, second] = await clientsOfEachWorker(limpet, 2);
      const [client, other] = [first[0]!, second[0]!];
      await waitFor('one to find it', async () => (await ask(client)) === '502');
      await waitFor('the other to learn of it', () => linesOf(limpet, / Server is down.* worker=2$/).length > 0);
      revive();
      for (const one of [client, other]) await waitFor('it to be asked again', async () => (await ask(one)) === 'revived');
      assert.ok(dead.accepted() >= 3);
      for (const one of [...first, ...second]) one.destroy();
      await limpet.stop();
    });
  });
});
