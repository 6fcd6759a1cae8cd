// When a request is tried again, and when it must not be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { unusedPort } from '../fixtures/scripted-server.js';
import { type Origin, type OriginOptions, withOrigin } from './origin.js';
import { chunkedPost, get, ok, post, type Stage, simpleConfig, withWorker } from './stage.js';

/** Answers the first request of each connection, and treats the second one as told. */
function secondRequest(treat: (connection: Origin['requests'][number]['connection']) => void): OriginOptions {
  const served = new Set<unknown>();
  return {
    onRequest: ({ connection, target, body }) => {
      if (served.has(connection)) treat(connection);
      else connection.write(ok(`${target} ${body}`));
      served.add(connection);
    },
  };
}

const closes = secondRequest((connection) => connection.destroy());

async function ask(stage: Stage, text: string): Promise<{ status: number; body: string }> {
  const client = await stage.connect();
  client.send(text);
  const { status, body } = await client.readResponse();
  client.destroy();
  return { status, body };
}

test('a server that refuses the connection: the next one gets the request, body and all', async () => {
  const refused = `127.0.0.1:${await unusedPort()}`;
  await withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(body)) }, (origin) =>
    withWorker(simpleConfig([refused, origin.address]), async (stage) => {
      assert.deepEqual(await ask(stage, post('/', 'hello')), { status: 200, body: 'hello' });
      assert.deepEqual(await ask(stage, chunkedPost('/', ['hel', 'lo'])), { status: 200, body: 'hello' });
      const [first] = await stage.logged(1);
      assert.equal(first!['attempts'], 2);
      assert.equal(first!['fault'], null);
    }),
  );
});

test('all servers refuse: 502 after as many as may be tried', async () => {
  const servers = await Promise.all(Array.from({ length: 5 }, async () => `127.0.0.1:${await unusedPort()}`));
  await withWorker(simpleConfig(servers), async (stage) => {
    assert.equal((await ask(stage, get('/'))).status, 502);
    const [line] = await stage.logged(1);
    assert.equal(line!['attempts'], 3);
    assert.equal(line!['fault'], 'connect-refused');
  });
});

test('a reused connection that the server has closed: a GET is sent once more, on a fresh one', () =>
  withOrigin(closes, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      assert.equal((await ask(stage, get('/1'))).status, 200);
      assert.deepEqual(await ask(stage, get('/2')), { status: 200, body: '/2 ' });
      assert.deepEqual(
        origin.requests.map(({ target, connectionNumber }) => `${target} ${connectionNumber}`),
        ['/1 1', '/2 1', '/2 2'],
      );
    }),
  ));

test('a reused connection that the server has closed: a POST is a 502, never sent twice', () =>
  withOrigin(closes, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      assert.equal((await ask(stage, get('/1'))).status, 200);
      assert.equal((await ask(stage, post('/2', 'once'))).status, 502);
      assert.equal(origin.requests.length, 2);
      assert.equal(await stage.faultOf(2), 'server-closed');
    }),
  ));

test('a POST goes on a fresh connection where the idle one has not just been used', () =>
  withOrigin(closes, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      assert.equal((await ask(stage, get('/1'))).status, 200);
      await delay(1_100);
      assert.deepEqual(await ask(stage, post('/2', 'once')), { status: 200, body: '/2 once' });
      assert.equal(origin.requests[1]!.connectionNumber, 2);
    }),
  ));

const withPuts = { retries: { methods: ['GET', 'PUT'], replay: '64KiB' } };

for (const [what, text] of [
  ['a body with a length', post('/2', 'x'.repeat(40_000)).replace('POST', 'PUT')],
  ['a chunked body', chunkedPost('/2', ['x'.repeat(30_000), 'x'.repeat(10_000)], 'X-Sum: 1\r\n').replace('POST', 'PUT')],
] as const) {
  test(`a method that may be repeated is sent again with ${what}`, () =>
    withOrigin(closes, (origin) =>
      withWorker(simpleConfig([origin.address], { upstream: withPuts }), async (stage) => {
        assert.equal((await ask(stage, get('/1'))).status, 200);
        assert.deepEqual(await ask(stage, text), { status: 200, body: `/2 ${'x'.repeat(40_000)}` });
        assert.deepEqual(origin.requests[2]!.trailers, origin.requests[1]!.trailers);
      }),
    ));
}

test('what is sent again is the whole body, also when its end comes only then', () =>
  withOrigin(
    {
      onRequest: ({ connection, body }) => connection.write(ok(body)),
      onHead: ({ connection, target, connectionNumber }) => {
        if (target === '/2' && connectionNumber === 1) connection.once('data', () => connection.destroy());
      },
    },
    (origin) =>
      withWorker(simpleConfig([origin.address], { upstream: withPuts }), async (stage) => {
        assert.equal((await ask(stage, get('/1'))).status, 200);
        const client = await stage.connect();
        client.send('PUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n');
        for (const piece of ['one', 'two', 'six']) {
          await delay(50);
          client.send(piece);
        }
        assert.equal((await client.readResponse()).body, 'onetwosix');
        assert.equal(origin.requests.at(-1)!.connectionNumber, 2);
      }),
  ));

test('a body that was too long to keep is not sent again', () =>
  withOrigin(closes, (origin) =>
    withWorker(simpleConfig([origin.address], { upstream: withPuts }), async (stage) => {
      assert.equal((await ask(stage, get('/1'))).status, 200);
      assert.equal((await ask(stage, post('/2', 'x'.repeat(70_000)).replace('POST', 'PUT'))).status, 502);
      assert.equal(origin.requests.length, 2);
    }),
  ));

test('a fresh connection that closes without an answer is a 502: the server may have done its work', () =>
  withOrigin({ onRequest: ({ connection }) => connection.destroy() }, (first) =>
    withOrigin({ onRequest: ({ connection }) => connection.write(ok('second')) }, (second) =>
      withWorker(simpleConfig([first.address, second.address]), async (stage) => {
        assert.equal((await ask(stage, get('/'))).status, 502);
        assert.deepEqual([first.requests.length, second.requests.length], [1, 0]);
      }),
    ),
  ));

const closing: OriginOptions = { onRequest: ({ connection }) => connection.destroy() };
const failing = {
  closed: closing,
  'closed in the middle of its head': { onRequest: ({ connection }) => connection.end('HTTP/1.1 2') },
  timeout: {},
  'bad-head': { onRequest: ({ connection }) => connection.write('junk\r\n\r\n') },
} satisfies Record<string, OriginOptions>;
const answering: OriginOptions = { onRequest: ({ connection, body }) => connection.write(ok(`second ${body}`)) };
const impatient = { listener: { timeouts: { responseHead: '200ms' } } };

for (const [failure, options] of Object.entries(failing)) {
  const on = failure.split(' ')[0]!;
  const others = ['closed', 'timeout', 'bad-head'].filter((other) => other !== on);

  test(`${failure}: what "on" names sends a request to the next server, and a request of another method nowhere`, () =>
    withOrigin(options, (first) =>
      withOrigin(answering, (second) => {
        const upstream = { retries: { on: [on], methods: ['GET', 'PUT'] } };
        return withWorker(simpleConfig([first.address, second.address], { upstream, ...impatient }), async (stage) => {
          // Servers take turns: one of two requests goes to the first one first.
          const twice = async (text: string) => [await ask(stage, text), await ask(stage, text)];
          const put = chunkedPost('/', ['bo', 'dy']).replace('POST', 'PUT');
          for (const { status, body } of await twice(get('/'))) assert.deepEqual([status, body], [200, 'second ']);
          for (const { status, body } of await twice(put)) assert.deepEqual([status, body], [200, 'second body']);
          const posts = await twice(post('/', 'once'));
          assert.deepEqual(posts.map(({ status }) => status).sort(), [200, on === 'timeout' ? 504 : 502]);
          const attempts = (await stage.logged(6)).map((line) => line['attempts'] as number);
          assert.deepEqual(
            [attempts.slice(0, 2).sort(), attempts.slice(2, 4).sort(), attempts.slice(4)],
            [
              [1, 2],
              [1, 2],
              [1, 1],
            ],
          );
        });
      }),
    ));

  test(`${failure}: what "on" does not name does not`, () =>
    withOrigin(options, (first) =>
      withOrigin(answering, (second) =>
        withWorker(
          simpleConfig([first.address, second.address], { upstream: { retries: { on: others } }, ...impatient }),
          async (stage) => {
            assert.equal((await ask(stage, get('/'))).status, on === 'timeout' ? 504 : 502);
            assert.equal(second.requests.length, 0);
          },
        ),
      ),
    ));
}

test('a client that was bound to a server that fails so is bound to the next one, at once', () => {
  let failing = '';
  const called = (name: string): OriginOptions => ({
    onRequest: ({ connection }) => (name === failing ? connection.destroy() : connection.write(ok(name))),
  });
  return withOrigin(called('a'), (a) =>
    withOrigin(called('b'), (b) => {
      const upstream = { retries: { on: ['closed'], pause: '10s' }, sticky: { policy: 'cookie', name: 'route' } };
      return withWorker(simpleConfig([a.address, b.address], { upstream }), async (stage) => {
        const client = await stage.connect();
        client.send(get('/'));
        const first = await client.readResponse();
        const cookie = first.fields.get('set-cookie')!.split(';')[0]!;
        client.destroy();
        failing = first.body;
        const again = await stage.connect();
        again.send(get('/', `Cookie: ${cookie}\r\n`));
        const second = await again.readResponse();
        assert.deepEqual([second.status, second.body], [200, first.body === 'a' ? 'b' : 'a']);
        assert.notEqual(second.fields.get('set-cookie')!.split(';')[0], cookie);
        const [, line] = await stage.logged(2);
        // The first of them was a race: it went on the connection of the request before.
        assert.ok(Number(line!['attempts']) <= 3);
      });
    }),
  );
});

test('behind a detour that a response led to, too', () =>
  withOrigin(answering, (shown) =>
    withOrigin(failing.closed, (first) =>
      withOrigin(answering, (second) => {
        const routes = [
          { match: { path: '/other' }, upstream: 'other' },
          { responseRules: [{ deny: { status: 503 } }], errorPages: [{ status: [503], target: '/other' }], upstream: 'shown' },
        ];
        const servers = [first.address, { address: second.address, backup: true }];
        const upstreams = { shown: { servers: [shown.address] }, other: { servers, retries: { on: ['closed'] } } };
        return withWorker({ listeners: { web: { address: '127.0.0.1:0', routes } }, upstreams }, async (stage) => {
          assert.equal((await ask(stage, get('/'))).body, 'second ');
          assert.deepEqual([shown.requests.length, first.requests.length, second.requests.length], [1, 1, 1]);
        });
      }),
    ),
  ));

test('a server that fails by what "on" names is taken out, and the last failure is told when there is no other', () =>
  withOrigin(failing['bad-head'], (first) =>
    withOrigin(failing.closed, (second) => {
      const upstream = { retries: { on: ['closed', 'bad-head'] }, health: { passive: { failures: 2, window: '10s', downFor: '10s' } } };
      return withWorker(simpleConfig([first.address, second.address], { upstream }), async (stage) => {
        assert.equal((await ask(stage, get('/'))).status, 502);
        assert.equal((await ask(stage, get('/'))).status, 502);
        assert.equal((await ask(stage, get('/'))).status, 503);
        assert.deepEqual([first.requests.length, second.requests.length], [2, 2]);
      });
    }),
  ));

test('a reused connection on which an answer had begun is not repeated', () =>
  withOrigin(
    secondRequest((connection) => connection.end('HTTP/1.1 2')),
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        assert.equal((await ask(stage, get('/1'))).status, 200);
        assert.equal((await ask(stage, get('/2'))).status, 502);
        assert.equal(origin.requests.length, 2);
      }),
  ));

test('an answer of 5xx is an answer, and passed on', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy') }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      assert.deepEqual(await ask(stage, get('/')), { status: 503, body: 'busy' });
      assert.equal(origin.requests.length, 1);
    }),
  ));
