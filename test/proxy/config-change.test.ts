// Another config in the place of the one that runs, within one worker: what it has learned of servers, and what is open,
// goes on where the new config means the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusedPort } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { idleClients } from './flow.js';
import { type Origin, type OriginRequest, withOrigin } from './origin.js';
import { get, ok, type Stage, simpleConfig, withWorker } from './stage.js';

const answer = ({ connection, fields }: OriginRequest): void => void connection.write(ok(fields.get('x-forwarded-for') ?? ''));

async function ask(stage: Stage, target = '/', listener = 'web'): Promise<{ status: number; body: string }> {
  const client = await stage.connect(listener);
  client.send(get(target));
  const { status, body } = await client.readResponse();
  client.destroy();
  return { status, body };
}

const targets = ({ requests }: Origin): string => requests.map(({ target }) => target).join(' ');

test('idle connections to a server are used on, and closed when fewer are to be kept', () =>
  withOrigin({ onRequest: answer }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      await ask(stage);
      await stage.change(simpleConfig([origin.address], { upstream: { balance: 'least-connections' } }));
      await ask(stage);
      assert.equal(origin.accepted, 1);
      await stage.change(simpleConfig([origin.address], { upstream: { connectionPool: { maxIdle: 0 } } }));
      await waitFor('the idle connection to be closed', () => origin.open.size === 0);
      await ask(stage);
      await waitFor('the new one to be closed', () => origin.open.size === 0);
      assert.equal(origin.accepted, 2);
    }),
  ));

test('a server that is down stays so, and one at another address under its name is a new one', () =>
  withOrigin({ onRequest: answer }, async (origin) => {
    const dead = `127.0.0.1:${await unusedPort()}`;
    const config = (address: string, weight = 1) =>
      simpleConfig(
        [
          { name: 'a', address: origin.address },
          { name: 'b', address, weight },
        ],
        { upstream: { health: { passive: { failures: 1, downFor: '1h' } } } },
      );
    await withWorker(config(dead), async (stage) => {
      const downs = (): number => stage.lines.filter(({ message }) => message === 'Server is down').length;
      for (let times = 0; times < 2; times++) assert.equal((await ask(stage)).status, 200);
      assert.equal(downs(), 1);
      await stage.change(config(dead, 5));
      for (let times = 0; times < 4; times++) assert.equal((await ask(stage)).status, 200);
      assert.equal(downs(), 1);
      assert.ok(
        (await stage.logged(6)).slice(2).every(({ attempts }) => attempts === 1),
        'b was tried',
      );
      await withOrigin({ onRequest: answer }, async (alive) => {
        await stage.change(config(alive.address, 5));
        for (let times = 0; times < 4; times++) await ask(stage);
        assert.ok(alive.requests.length >= 3);
      });
    });
  }));

test('what a server has under way counts on towards its limit', () =>
  withOrigin({ onRequest: (request) => request.target !== '/held' && answer(request) }, (origin) =>
    withWorker(simpleConfig([{ address: origin.address, maxConnections: 2 }]), async (stage) => {
      const held = await stage.connect();
      held.send(get('/held'));
      await waitFor('the request', () => origin.requests.length === 1);
      await stage.change(simpleConfig([{ address: origin.address, maxConnections: 1 }]));
      assert.equal((await ask(stage)).status, 503);
      origin.requests[0]!.connection.write(ok('at last'));
      assert.equal((await held.readResponse()).body, 'at last');
      assert.equal((await ask(stage)).status, 200);
      assert.equal(stage.worker.counters.activeExchanges, 0);
    }),
  ));

test('the turns of the servers go on where they were', () =>
  withOrigin({ onRequest: answer }, (a) =>
    withOrigin({ onRequest: answer }, async (b) => {
      const config = (round: number) =>
        simpleConfig([a.address, b.address], { listener: { response: { set: { 'X-Round': String(round) } } } });
      await withWorker(config(0), async (stage) => {
        for (let round = 1; round <= 6; round++) {
          await ask(stage, `/${round}`);
          await stage.change(config(round));
        }
        assert.deepEqual([targets(a), targets(b)], ['/1 /3 /5', '/2 /4 /6']);
      });
    }),
  ));

test('servers that come and go do not get what was another one’s: each client keeps its own', () =>
  withOrigin({ onRequest: ({ connection }) => void connection.write(ok('a')) }, (a) =>
    withOrigin({ onRequest: ({ connection }) => void connection.write(ok('b')) }, (b) =>
      withOrigin({ onRequest: ({ connection }) => void connection.write(ok('c')) }, async (c) => {
        const named = { a: { name: 'a', address: a.address }, b: { name: 'b', address: b.address }, c: { name: 'c', address: c.address } };
        const config = (...names: (keyof typeof named)[]) =>
          simpleConfig(
            names.map((name) => named[name]),
            { upstream: { sticky: { policy: 'cookie' } } },
          );
        await withWorker(config('a', 'b'), async (stage) => {
          const cookies = new Map<string, string>();
          const collect = async (count: number): Promise<void> => {
            for (let times = 0; times < count; times++) {
              const client = await stage.connect();
              client.send(get('/'));
              const { body, fields } = await client.readResponse();
              cookies.set(body, fields.get('set-cookie')!.split(';')[0]!);
              client.destroy();
            }
          };
          const check = async (...names: string[]): Promise<void> => {
            for (const name of names) {
              const client = await stage.connect();
              client.send(get('/', `Cookie: ${cookies.get(name)}\r\n`));
              const { body, fields } = await client.readResponse();
              assert.deepEqual([body, fields.get('set-cookie')], [name, undefined]);
              client.destroy();
            }
          };
          await collect(4);
          await stage.change(config('c', 'b'));
          await collect(4);
          await check('b', 'c');
          await stage.change(config('a', 'b', 'c'));
          await collect(6);
          await check('a', 'b', 'c');
          assert.equal(new Set(cookies.values()).size, 3);
        });
      }),
    ),
  ));

test('whom to trust is asked anew on a connection that is open', () =>
  withOrigin({ onRequest: answer }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { trustedProxies: ['127.0.0.1'] } }), async (stage) => {
      const client = await stage.connect();
      const forwarded = async (): Promise<string> => {
        client.send(get('/', 'X-Forwarded-For: 203.0.113.9\r\n'));
        return (await client.readResponse()).body;
      };
      assert.equal(await forwarded(), '203.0.113.9, 127.0.0.1');
      await stage.change(simpleConfig([origin.address]));
      assert.equal(await forwarded(), '127.0.0.1');
      await stage.change(simpleConfig([origin.address], { listener: { trustedProxies: ['127.0.0.0/8'] } }));
      assert.equal(await forwarded(), '203.0.113.9, 127.0.0.1');
    }),
  ));

test('a listener keeps its socket under another name and in another mode', () =>
  withOrigin({ onRequest: answer }, async (origin) => {
    const address = `127.0.0.1:${await unusedPort()}`;
    const upstreams = { app: { servers: [origin.address] } };
    await withWorker({ listeners: { web: { address, upstream: 'app' } }, upstreams }, async (stage) => {
      const http = await stage.connect();
      http.send(get('/'));
      await http.readResponse();
      await waitFor('it to be idle', () => idleClients(stage) === 1);
      await stage.change({ listeners: { line: { address, mode: 'tcp', upstream: 'app' } }, upstreams });
      const line = await stage.connect();
      line.send('GET /as-it-is HTTP/1.1\r\nHost: limpet.test\r\n\r\n');
      assert.equal((await line.readResponse()).body, '');
      http.send(get('/'));
      assert.equal((await http.readResponse()).fields.get('connection'), 'close');
      assert.equal(await http.untilEnd(), '');
      line.destroy();
      await waitFor('the line in the log', async () => (await stage.logged(3)).some(({ listener }) => listener === 'line'));
      assert.equal(stage.lines.filter(({ message }) => message === 'listening').length, 1);
    });
  }));

test('a config that cannot be used changes nothing, and what was opened for it is closed', () =>
  withOrigin({ onRequest: answer }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const config = simpleConfig([origin.address], { upstream: { sticky: { policy: 'cookie' } } });
      await assert.rejects(stage.change({ ...config, accessLog: { to: '/dev/null/access.log' } }), /^Error: cannot open the log/);
      const client = await stage.connect();
      client.send(get('/'));
      assert.equal((await client.readResponse()).fields.get('set-cookie'), undefined);
    }),
  ));
