// What routes do to exchanges that pass through a worker: answers of Limpet's own, edits on the way there and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { type Origin, withOrigin } from './origin.js';
import { get, ok, post, type Stage, withWorker } from './stage.js';

function withRoutes(
  routes: unknown[],
  action: (stage: Stage, origin: Origin) => Promise<void>,
  more: { listener?: Record<string, unknown>; upstream?: Record<string, unknown> } = {},
): Promise<void> {
  return withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(target, 'X-From: server\r\nServer: x\r\n')) }, (origin) =>
    withWorker(
      {
        listeners: { web: { address: '127.0.0.1:0', routes, ...more.listener } },
        upstreams: { app: { servers: [origin.address], ...more.upstream } },
      },
      (stage) => action(stage, origin),
    ),
  );
}

test('a host with the dot of an absolute name is the same host', () =>
  withRoutes([{ match: { host: 'limpet.test' }, redirect: { to: 'https://${host}/' } }, { deny: true }], async (stage) => {
    const client = await stage.connect();
    for (const [host, location] of [
      ['Limpet.test.', 'https://limpet.test/'],
      ['limpet.test.:80', 'https://limpet.test/'],
    ] as const) {
      client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      assert.equal((await client.readResponse()).fields.get('location'), location);
    }
  }));

test('respond, redirect and deny answer without a server, and the connection lives on', () =>
  withRoutes(
    [
      { match: { path: '/text' }, respond: { body: 'zażółć ${query}', headers: { 'X-Client': '${client.ip}' } } },
      { match: { path: '/none' }, respond: { status: 204 } },
      { match: { path: '/moved' }, redirect: { to: 'https://${host}/new${query}', status: 308 } },
      { match: { path: '/denied' }, deny: true },
      { match: { path: '/gone' }, deny: { status: 410 } },
      { match: { host: 'limpet.test' }, upstream: 'app' },
    ],
    async (stage, origin) => {
      const client = await stage.connect();
      const ask = async (target: string, method = 'GET') => {
        client.send(`${method} ${target} HTTP/1.1\r\nHost: limpet.test\r\n\r\n`);
        return client.readResponse(method);
      };
      const text = await ask('/text?a=b');
      assert.equal(Buffer.from(text.body, 'latin1').toString(), 'zażółć ?a=b');
      assert.equal(text.fields.get('x-client'), '127.0.0.1');
      assert.match(text.fields.get('date')!, / GMT$/);
      const head = await ask('/text?a=b', 'HEAD');
      assert.equal(head.fields.get('content-length'), text.fields.get('content-length'));
      const none = await ask('/none');
      assert.equal(none.status, 204);
      assert.equal(none.fields.get('content-length'), undefined);
      const moved = await ask('/moved?a=b');
      assert.equal(moved.status, 308);
      assert.equal(moved.fields.get('location'), 'https://limpet.test/new?a=b');
      assert.equal((await ask('/denied')).status, 403);
      assert.equal((await ask('/gone')).status, 410);
      assert.equal((await ask('/served')).body, '/served');
      client.send('GET / HTTP/1.1\r\nHost: other.test\r\n\r\n');
      assert.equal((await client.readResponse()).status, 404);
      assert.equal(origin.requests.length, 1);
      const faults = (await stage.logged(8)).map((line) => line['fault']);
      assert.deepEqual(faults, [null, null, null, null, 'denied', 'denied', null, 'no-route']);
    },
  ));

test('deny "close" closes without an answer, behind those that came before, and with a body under way', () =>
  withRoutes(
    [
      { match: { path: '/close' }, deny: 'close' },
      { rules: [{ when: { path: '/rule' }, deny: 'close' }], upstream: 'app' },
    ],
    async (stage, origin) => {
      for (const [before, closing] of [
        ['', get('/close')],
        ['', get('/rule')],
        [get('/served'), get('/close')],
        ['', 'POST /close HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: 100000\r\n\r\npart'],
      ] as const) {
        const client = await stage.connect();
        client.send(before);
        if (before !== '') assert.equal((await client.readResponse()).status, 200);
        client.send(closing);
        await waitFor('the connection to be closed', () => client.hasEnded);
        assert.equal(client.received.split('HTTP/1.1 ').length - 1, before === '' ? 0 : 1);
      }
      assert.equal(origin.requests.length, 1);
      assert.deepEqual(
        (await stage.logged(5)).map((line) => line['fault']),
        ['closed-by-rule', 'closed-by-rule', null, 'closed-by-rule', 'closed-by-rule'],
      );
    },
  ));

test('edits of requests: listener, then route, then upstream', () =>
  withRoutes(
    [{ request: { set: { 'X-Order': '${header.x-order}, route' } }, upstream: 'app' }],
    async (stage, origin) => {
      const client = await stage.connect();
      client.send(get('/', 'X-Secret: 1\r\nx-order: client\r\nX-Kept: 1\r\n'));
      await client.readResponse();
      const { fields } = origin.requests[0]!;
      assert.equal(fields.get('x-order'), 'client, listener, route, upstream');
      assert.equal(fields.get('x-secret'), undefined);
      assert.equal(fields.get('x-kept'), '1');
      assert.equal(fields.get('x-client'), '127.0.0.1');
    },
    {
      listener: {
        request: { set: { 'X-Order': '${header.x-order}, listener' }, remove: ['X-Secret'], add: { 'X-Client': '${client.ip}' } },
      },
      upstream: { request: { set: { 'X-Order': '${header.x-order}, upstream' } } },
    },
  ));

test("edits of responses apply to the server's answers and to Limpet's own", () =>
  withRoutes(
    [
      { match: { path: '/own' }, respond: { body: 'own' }, response: { set: { 'X-Route': 'own' } } },
      { upstream: 'app', response: { remove: ['Server'], set: { 'X-Route': '${server.address}' } } },
    ],
    async (stage, origin) => {
      const client = await stage.connect();
      client.send(get('/'));
      const served = await client.readResponse();
      assert.equal(served.fields.get('server'), undefined);
      assert.equal(served.fields.get('x-from'), 'server');
      assert.equal(served.fields.get('x-route'), origin.address);
      assert.equal(served.fields.get('x-all'), '200');
      client.send(get('/own'));
      const own = await client.readResponse();
      assert.equal(own.fields.get('x-route'), 'own');
      assert.equal(own.fields.get('x-all'), '200');
      client.send('GET /bad path HTTP/1.1\r\nHost: a\r\n\r\n');
      const refused = await client.readResponse();
      assert.equal(refused.status, 400);
      assert.equal(refused.fields.get('x-all'), '400');
    },
    { listener: { response: { set: { 'X-All': '${response.status}' } } } },
  ));

test('edits do not last beyond their exchange', () =>
  withRoutes(
    [{ match: { path: '/edited' }, request: { add: { 'X-Added': '1' }, remove: ['X-Sent'] }, upstream: 'app' }, { upstream: 'app' }],
    async (stage, origin) => {
      const client = await stage.connect();
      for (const target of ['/edited', '/plain']) {
        client.send(post(target, 'body', 'X-Sent: 1\r\n'));
        await client.readResponse();
      }
      const [edited, plain] = origin.requests;
      assert.deepEqual([edited!.fields.get('x-added'), edited!.fields.get('x-sent')], ['1', undefined]);
      assert.deepEqual([plain!.fields.get('x-added'), plain!.fields.get('x-sent')], [undefined, '1']);
    },
  ));

test('what a client sends cannot become a field of its own through an edit', () =>
  withRoutes([{ redirect: { to: '/${header.x-to}${target}' } }], async (stage) => {
    const client = await stage.connect();
    client.send(get('/%0d%0aSet-Cookie:%20a=b', 'X-To: a\tb\r\n'));
    const response = await client.readResponse();
    assert.equal(response.fields.get('set-cookie'), undefined);
    assert.match(response.fields.get('location')!, /^[\x21-\x7e]+$/);
  }));
