// Rules that answer in place of a server's response: one answer, nothing of the server's, and both connections in a state
// that is known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { type Origin, type OriginOptions, withOrigin } from './origin.js';
import { ok, type Stage, withWorker } from './stage.js';

const failed = { test: [{ value: '${response.status}', atLeast: 500 }] };

function withRules(
  responseRules: readonly unknown[],
  options: OriginOptions,
  action: (stage: Stage, origin: Origin) => Promise<void>,
  upstream: Record<string, unknown> = {},
): Promise<void> {
  return withOrigin(options, (origin) =>
    withWorker(
      {
        listeners: {
          web: {
            address: '127.0.0.1:0',
            responseRules,
            routes: [{ match: { path: '/own' }, respond: { status: 500, body: 'own' } }, { upstream: 'app' }],
          },
        },
        upstreams: { app: { servers: [origin.address], ...upstream } },
      },
      async (stage) => action(stage, origin),
    ),
  );
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const failure = (body: string, length = body.length) => `HTTP/1.1 500 Bad\r\nX-Inside: 1\r\nContent-Length: ${length}\r\n\r\n${body}`;

test('the client gets the answer and nothing of the response, whose rest is not read', () =>
  withRules(
    [{ when: failed, respond: { status: 503, body: 'sorry ${response.status}', headers: { 'X-Was': '${response.header.x-inside}' } } }],
    { onRequest: ({ connection }) => connection.write(failure('secret', 1_000_000)) },
    async (stage, origin) => {
      const client = await stage.connect();
      for (let i = 1; i <= 2; i++) {
        client.send(get);
        const response = await client.readResponse('GET');
        assert.deepEqual([response.status, response.body], [503, 'sorry 500']);
        assert.equal(response.fields.get('x-was'), '1');
        assert.equal(response.fields.get('x-inside'), undefined);
        await waitFor('the connection to the server to be closed', () => origin.open.size === 0);
        assert.equal(origin.accepted, i);
      }
      assert.equal((await stage.logged(2))[0]!['status'], 503);
    },
  ));

test('what a server says in chunks, in one piece with its head, is dropped with it', () =>
  withRules(
    [{ when: failed, deny: { status: 404 } }],
    { onRequest: ({ connection }) => connection.write('HTTP/1.1 500 Bad\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecret\r\n0\r\n\r\n') },
    async (stage) => {
      const client = await stage.connect();
      client.send(get + get);
      for (let i = 0; i < 2; i++)
        assert.deepEqual(await client.readResponse('GET').then(({ status, body }) => [status, body]), [404, '404 Not Found\n']);
      assert.equal(await stage.faultOf(1), 'denied');
    },
  ));

test('to HEAD the answer has no body', () =>
  withRules(
    [{ when: failed, respond: { status: 503, body: 'sorry' } }],
    { onRequest: ({ connection }) => connection.write(failure('', 6)) },
    async (stage) => {
      const client = await stage.connect();
      client.send(`HEAD / HTTP/1.1\r\nHost: x\r\n\r\n${get}`);
      const head = await client.readResponse('HEAD');
      assert.deepEqual([head.status, head.fields.get('content-length'), head.body], [503, '5', '']);
      assert.equal((await client.readResponse('GET')).body, 'sorry');
    },
  ));

test('a request body that is still on its way is dropped, and the next request is read', () =>
  withRules(
    [{ when: failed, redirect: { to: '/later', status: 303 } }],
    {
      onHead: ({ connection, target }) => void (target === '/early' && connection.write(failure('no'))),
      onRequest: ({ connection, target }) => void (target !== '/early' && connection.write(ok('fine'))),
    },
    async (stage) => {
      const client = await stage.connect();
      client.send('POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
      const response = await client.readResponse('POST');
      assert.deepEqual([response.status, response.fields.get('location')], [303, '/later']);
      client.send(`defghij${get}`);
      assert.equal((await client.readResponse('GET')).body, 'fine');
    },
  ));

test('an upgrade that a rule refuses after the 101 becomes no tunnel', () =>
  withRules(
    [{ when: { test: [{ value: '${response.status}', is: '101' }] }, deny: true }],
    {
      onRequest: ({ connection }) =>
        connection.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframes'),
    },
    async (stage, origin) => {
      const client = await stage.connect();
      client.send('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nearly');
      const all = await client.untilEnd();
      assert.match(all, /^HTTP\/1.1 403 /);
      assert.equal(all.includes('frames'), false);
      await waitFor('the connection to the server to be closed', () => origin.open.size === 0);
    },
  ));

test('an answer of our own is edited and not replaced', () =>
  withRules(
    [
      { of: 'server', response: { set: { 'X-Of': 'server' } } },
      { of: 'limpet', response: { set: { 'X-Of': 'limpet' } } },
      { when: failed, respond: { status: 500, body: 'again' } },
      { response: { set: { 'X-Status': '${response.status}' } } },
    ],
    { onRequest: ({ connection, target }) => connection.write(target === '/bad' ? failure('bad') : ok('fine')) },
    async (stage) => {
      const client = await stage.connect();
      const ask = async (target: string) => {
        client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
        const { body, fields } = await client.readResponse('GET');
        return [body, fields.get('x-of'), fields.get('x-status')];
      };
      assert.deepEqual(await ask('/'), ['fine', 'server', '200']);
      assert.deepEqual(await ask('/own'), ['own', 'limpet', '500']);
      assert.deepEqual(await ask('/bad'), ['again', 'limpet', '500']);
    },
  ));

test('"stop" in a list inside ends that list alone', () =>
  withRules(
    [{ of: 'server', rules: [{ stop: true }, { response: { set: { 'X-Inner': '1' } } }] }, { response: { set: { 'X-Outer': '1' } } }],
    { onRequest: ({ connection }) => connection.write(ok('fine')) },
    async (stage) => {
      const client = await stage.connect();
      client.send(get);
      const { fields } = await client.readResponse('GET');
      assert.deepEqual([fields.get('x-inner'), fields.get('x-outer')], [undefined, '1']);
    },
  ));

test('who is answered in place of a server is bound to none', () =>
  withRules(
    [{ when: failed, deny: true }],
    { onRequest: ({ connection, target }) => connection.write(target === '/bad' ? failure('bad') : ok('fine')) },
    async (stage) => {
      const client = await stage.connect();
      client.send('GET /bad HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.equal((await client.readResponse('GET')).fields.get('set-cookie'), undefined);
      client.send(get);
      assert.match((await client.readResponse('GET')).fields.get('set-cookie') ?? '', /^route=/);
    },
    { sticky: { policy: 'cookie' } },
  ));
