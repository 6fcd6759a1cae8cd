// Which connections live on after an exchange, on both sides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { type OriginRequest, withOrigin } from './origin.js';
import { get, ok, post, simpleConfig, withWorker } from './stage.js';

const answerOk = (request: OriginRequest): void => void request.connection.write(ok(request.target));

test('requests of one client share a connection on either side', () =>
  withOrigin({ onRequest: answerOk }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      for (const target of ['/1', '/2', '/3']) {
        client.send(target === '/2' ? post(target, 'body') : get(target));
        const response = await client.readResponse();
        assert.equal(response.body, target);
        assert.equal(response.fields.get('connection'), undefined);
      }
      assert.equal(origin.accepted, 1);
    }),
  ));

test('clients one after the other share a connection to the server', () =>
  withOrigin({ onRequest: answerOk }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      for (const target of ['/1', '/2', '/3']) {
        const client = await stage.connect();
        client.send(get(target, 'Connection: close\r\n'));
        const response = await client.readResponse();
        assert.equal(response.fields.get('connection'), 'close');
        assert.equal(await client.untilEnd(), '');
        assert.equal(client.error, null);
      }
      assert.equal(origin.accepted, 1);
    }),
  ));

for (const [what, answerTo] of [
  ['a server that says close costs the client nothing', ({ connection }) => connection.end(ok('ok', 'Connection: close\r\n'))],
  [
    'a server that announces to close idle connections within a second is believed',
    ({ connection }) => connection.write(ok('ok', 'Keep-Alive: timeout=1\r\n')),
  ],
  [
    'an HTTP/1.0 server without keep-alive is asked on a connection each time',
    ({ connection }) => connection.write('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  ],
] satisfies [string, (request: OriginRequest) => void][]) {
  test(what, () =>
    withOrigin({ onRequest: answerTo }, (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        for (const target of ['/1', '/2']) {
          client.send(get(target));
          assert.equal((await client.readResponse()).body, 'ok');
        }
        assert.deepEqual([origin.accepted, origin.requests.map(({ target }) => target)], [2, ['/1', '/2']]);
      }),
    ),
  );
}

test('bytes that a server sends unasked end that connection and reach nobody', () =>
  withOrigin(
    { onRequest: ({ connection, target }) => connection.write(ok(target) + (target === '/1' ? ok('for nobody') : '')) },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        for (const target of ['/1', '/2']) {
          client.send(get(target));
          assert.equal((await client.readResponse()).body, target);
        }
        assert.equal(origin.accepted, 2);
      }),
  ));

test('no more connections than maxIdle are kept to a server', () => {
  const waiting: OriginRequest[] = [];
  return withOrigin({ onRequest: (request) => void waiting.push(request) }, (origin) =>
    withWorker(simpleConfig([origin.address], { upstream: { connectionPool: { maxIdle: 2 } } }), async (stage) => {
      const clients = await Promise.all(Array.from({ length: 5 }, () => stage.connect()));
      for (const client of clients) client.send(get('/'));
      await waitFor('five requests', () => waiting.length === 5);
      for (const request of waiting) answerOk(request);
      for (const client of clients) await client.readResponse();
      await waitFor('three connections to be closed', () => origin.open.size === 2);
      assert.equal(stage.worker.counters.serverConnections, 2);
    }),
  );
});

test('an idle connection to a server is closed when its time is over', () =>
  withOrigin({ onRequest: answerOk }, (origin) =>
    withWorker(simpleConfig([origin.address], { upstream: { connectionPool: { idleTimeout: '50ms' } } }), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      await client.readResponse();
      await waitFor('the connection to be closed', () => origin.open.size === 0);
      client.send(get('/again'));
      assert.equal((await client.readResponse()).body, '/again');
    }),
  ));

test('HTTP/1.0 clients keep their connection only if they ask for it', () =>
  withOrigin({ onRequest: answerOk }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const keeping = await stage.connect();
      for (const target of ['/1', '/2']) {
        keeping.send(`GET ${target} HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n`);
        const response = await keeping.readResponse();
        assert.equal(response.fields.get('connection'), 'keep-alive');
        assert.equal(response.body, target);
      }
      const closing = await stage.connect();
      closing.send('GET /3 HTTP/1.0\r\n\r\n');
      const response = await closing.readResponse();
      assert.equal(response.fields.get('connection'), 'close');
      assert.equal(await closing.untilEnd(), '');
      assert.match(origin.requests[2]!.head, /^GET \/3 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
    }),
  ));

test('fields of one hop do not cross to the other', () =>
  withOrigin(
    { onRequest: ({ connection }) => connection.write(ok('ok', 'Connection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=9\r\n')) },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        client.send(get('/', 'Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nProxy-Connection: close\r\nX-End: 1\r\n'));
        const response = await client.readResponse();
        for (const name of ['x-secret', 'keep-alive', 'connection']) assert.equal(response.fields.get(name), undefined, name);
        const { fields } = origin.requests[0]!;
        for (const name of ['x-hop', 'te', 'proxy-connection', 'connection']) assert.equal(fields.get(name), undefined, name);
        assert.equal(fields.get('x-end'), '1');
      }),
  ));
