// Sessions that are learned, over two workers: whichever worker has a request, it finds the server that has the session.
// Every server knows its own sessions only, so a request that is led astray shows in its answer.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { RawClient, type RawResponse } from '../fixtures/raw-client.js';
import { type ScriptedServer, startScriptedServer } from '../fixtures/scripted-server.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { connectAndGet, connectToEach, workerOf, workerPids } from './worker-processes.js';

const SESSIONS = 5_000;
const CONNECTIONS = 8;

/** Gives everybody without a session one, and answers 404 to a session that it has not given. */
class SessionServer {
  private readonly sessions = new Set<string>();

  private constructor(
    readonly name: string,
    readonly server: ScriptedServer,
  ) {}

  static async start(name: string): Promise<SessionServer> {
    const scripted = await startScriptedServer((connection, head) => started.answer(connection, head));
    const started = new SessionServer(name, scripted);
    return started;
  }

  private answer(connection: Socket, head: string): void {
    const session = /^cookie: SID=(\S+)/im.exec(head)?.[1] ?? '';
    if (/^GET \/new /.test(head)) {
      const given = randomBytes(16).toString('hex');
      this.sessions.add(given);
      this.send(connection, 200, `Set-Cookie: SID=${given}; Path=/; HttpOnly\r\n`);
    } else {
      this.send(connection, session === '' || this.sessions.has(session) ? 200 : 404, '');
    }
  }

  private send(connection: Socket, status: number, fields: string): void {
    connection.write(`HTTP/1.1 ${status} x\r\nContent-Length: ${this.name.length}\r\n${fields}\r\n${this.name}`);
  }
}

function get(target: string, fields: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: limpet.test\r\n${fields}\r\n`;
}

async function ask(client: RawClient, target: string, fields: string): Promise<RawResponse> {
  client.send(get(target, fields));
  return client.readResponse();
}

/** Runs `each` for all numbers below `count`, on one connection of each list at a time. */
async function spread(
  [first, second]: readonly [RawClient[], RawClient[]],
  count: number,
  each: (number: number, one: RawClient, other: RawClient) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (index: number): Promise<void> => {
    while (next < count) {
      const number = next++;
      // Turn about, so that each worker is the first for half of them.
      if (number % 2 === 0) await each(number, first[index]!, second[index]!);
      else await each(number, second[index]!, first[index]!);
    }
  };
  await Promise.all(first.map((_, index) => lane(index)));
}

suite('learned sessions over two workers', { timeout: 180_000 }, () => {
  let servers: SessionServer[];
  before(async () => {
    servers = await Promise.all(['a', 'b', 'c'].map((name) => SessionServer.start(name)));
  });
  after(() => Promise.all(servers.map(({ server }) => server.close())));

  async function withLimpet(sticky: Record<string, unknown>, action: (limpet: LimpetProcess) => Promise<void>): Promise<void> {
    const limpet = await startLimpet({
      workers: 2,
      accessLog: 'off',
      listeners: {
        web: { address: '127.0.0.1:0', upstream: 'app', trustedProxies: ['127.0.0.1'], timeouts: { idle: '10m' } },
        raw: { address: '127.0.0.1:0', mode: 'tcp', upstream: 'app' },
      },
      upstreams: { app: { servers: servers.map(({ name, server }) => ({ name, address: server.address })), sticky } },
    });
    try {
      await action(limpet);
    } finally {
      await limpet.kill();
    }
  }

  /** Kills the first worker, and gives connections that its replacement holds. */
  async function connectToReplacement(limpet: LimpetProcess, count: number): Promise<RawClient[]> {
    const [killed] = workerPids(limpet);
    process.kill(killed!, 'SIGKILL');
    await waitFor('the replacement', () => workerPids(limpet)[0] !== killed);
    const [clients, others] = await connectToEach(limpet, count);
    for (const client of others) client.destroy();
    return clients;
  }

  test(`${SESSIONS} sessions by cookie, each next request at the other worker: none astray, also after a worker was killed`, async () => {
    await withLimpet({ policy: 'app-cookie', name: 'SID' }, async (limpet) => {
      const lanes = await connectToEach(limpet, CONNECTIONS);
      assert.deepEqual([workerOf(limpet, lanes[0][0]!), workerOf(limpet, lanes[1][0]!)], [0, 1]);
      const homes: { cookie: string; server: string }[] = [];
      const astray: string[] = [];
      const visit = async (number: number, client: RawClient): Promise<void> => {
        const { cookie, server } = homes[number]!;
        const { status, body } = await ask(client, '/', cookie);
        if (status !== 200 || body !== server) astray.push(`${number} of ${server} at ${body}: ${status}`);
      };
      await spread(lanes, SESSIONS, async (number, one, other) => {
        const { body, fields } = await ask(one, '/new', '');
        homes[number] = { cookie: `Cookie: ${fields.get('set-cookie')!.split(';')[0]}\r\n`, server: body };
        await visit(number, other);
        await visit(number, one);
      });
      assert.deepEqual(astray, []);
      for (const { name } of servers) assert.ok(homes.filter(({ server }) => server === name).length > SESSIONS / 4, name);
      for (const client of lanes[0]) client.destroy();
      const replaced = await connectToReplacement(limpet, 4);
      await spread([replaced, lanes[1]], 400, async (number, one, other) => {
        await visit(number, one);
        await visit(number, other);
      });
      assert.deepEqual(astray, []);
      for (const client of [...replaced, ...lanes[1]]) client.destroy();
      await limpet.stop();
    });
  });

  test(`${SESSIONS} source addresses, each next request at the other worker: none astray`, async () => {
    await withLimpet({ policy: 'source' }, async (limpet) => {
      const lanes = await connectToEach(limpet, CONNECTIONS);
      const homes: string[] = [];
      const astray: string[] = [];
      const visit = async (number: number, client: RawClient): Promise<void> => {
        const { body } = await ask(client, '/', `X-Forwarded-For: 10.0.${number >> 8}.${number & 255}\r\n`);
        homes[number] ??= body;
        if (body !== homes[number]) astray.push(`${number} of ${homes[number]} at ${body}`);
      };
      await spread(lanes, SESSIONS, async (number, one, other) => {
        await visit(number, one);
        await visit(number, other);
        await visit(number, one);
      });
      assert.deepEqual(astray, []);
      for (const { name } of servers) assert.ok(homes.filter((home) => home === name).length > SESSIONS / 4, name);
      for (const client of lanes.flat()) client.destroy();
      await limpet.stop();
    });
  });

  test('one source that comes over both workers at the same time has one server', async () => {
    await withLimpet({ policy: 'source' }, async (limpet) => {
      const lanes = await connectToEach(limpet, CONNECTIONS);
      for (let number = 0; number < 200; number++) {
        const answers = await Promise.all(lanes.flat().map((client) => ask(client, '/', `X-Forwarded-For: 10.1.0.${number}\r\n`)));
        assert.equal(new Set(answers.map(({ body }) => body)).size, 1, `source ${number}`);
      }
      for (const client of lanes.flat()) client.destroy();
      await limpet.stop();
    });
  });

  test('TCP connections of one source have one server, whichever worker has them', async () => {
    await withLimpet({ policy: 'source' }, async (limpet) => {
      const from = async (localAddress: string): Promise<string> => {
        const socket = connect({ port: limpet.port('raw'), host: '127.0.0.1', localAddress });
        const client = RawClient.over(socket);
        await within('a connection', once(socket, 'connect'));
        const { body } = await ask(client, '/', '');
        client.destroy();
        return body;
      };
      const used = new Set<string>();
      for (let source = 2; source < 32; source++) {
        const bodies = await Promise.all(Array.from({ length: 8 }, () => from(`127.0.0.${source}`)));
        assert.equal(new Set(bodies).size, 1, `source ${source}: ${bodies.join()}`);
        used.add(bodies[0]!);
      }
      assert.equal(used.size, 3);
      await limpet.stop();
    });
  });

  test('session names that a client invents cost nobody his session, and bind nobody', async () => {
    await withLimpet({ policy: 'app-cookie', name: 'SID', maxSessions: 80 }, async (limpet) => {
      const client = await connectAndGet(limpet.port());
      const real: { cookie: string; body: string }[] = [];
      for (let i = 0; i < 60; i++) {
        const { body, fields } = await ask(client, '/new', '');
        const cookie = `Cookie: ${fields.get('set-cookie')!.split(';')[0]}\r\n`;
        // Confirmed by the second answer.
        assert.equal((await ask(client, '/', cookie)).body, body);
        real.push({ cookie, body });
      }
      for (let i = 0; i < 500; i++) {
        assert.equal((await ask(client, '/', `Cookie: SID=invented${i}\r\n`)).status, 404);
        assert.equal((await ask(client, '/new', '')).status, 200);
      }
      const other = await connectAndGet(limpet.port());
      for (const { cookie, body } of real) {
        const answer = await ask(other, '/', cookie);
        assert.deepEqual([answer.status, answer.body], [200, body]);
      }
      for (const each of [client, other]) each.destroy();
      await limpet.stop();
    });
  });

  test('while the supervisor does not answer, clients are served all the same, and known ones at their server', async () => {
    await withLimpet({ policy: 'app-cookie', name: 'SID' }, async (limpet) => {
      const client = await connectAndGet(limpet.port());
      const { body, fields } = await ask(client, '/new', '');
      const cookie = `Cookie: ${fields.get('set-cookie')!.split(';')[0]}\r\n`;
      // The second confirms it, the third is remembered by the worker.
      for (let i = 0; i < 2; i++) assert.equal((await ask(client, '/', cookie)).body, body);
      process.kill(limpet.pid, 'SIGSTOP');
      try {
        for (let i = 0; i < 6; i++) assert.equal((await ask(client, '/', cookie)).body, body);
        assert.equal((await ask(client, '/new', '')).status, 200);
        assert.equal((await ask(client, '/', '')).status, 200);
      } finally {
        process.kill(limpet.pid, 'SIGCONT');
      }
      client.destroy();
      await limpet.stop();
    });
  });
});
