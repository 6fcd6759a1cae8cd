// Requests that a client sends without waiting for answers: answered one after the other, in their order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { type OriginRequest, withOrigin } from './origin.js';
import { chunkedPost, get, ok, post, simpleConfig, withWorker } from './stage.js';

test('the next request reaches a server only when the answer before it is complete', () => {
  const waiting: OriginRequest[] = [];
  return withOrigin({ onRequest: (request) => void waiting.push(request) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/1') + get('/2') + get('/3'));
      for (const target of ['/1', '/2', '/3']) {
        await waitFor(`${target} at the server`, () => waiting.at(-1)?.target === target);
        const { connection } = waiting.at(-1)!;
        connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target[0]}`);
        await client.readThrough('\r\n\r\n/');
        assert.equal(waiting.at(-1)!.target, target);
        connection.write(target.slice(1));
        assert.equal(await client.readBytes(1), target.slice(1));
      }
    }),
  );
});

test('bodies of all kinds between them are told apart', () =>
  withOrigin({ onRequest: ({ connection, target, body }) => connection.write(ok(`${target} ${body}`)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(post('/1', 'one') + chunkedPost('/2', ['t', 'wo'], 'X-Sum: 2\r\n') + get('/3') + post('/4', '') + chunkedPost('/5', []));
      for (const body of ['/1 one', '/2 two', '/3 ', '/4 ', '/5 ']) assert.equal((await client.readResponse()).body, body);
    }),
  ));

test('a thousand requests at once are answered, each with its own answer', () =>
  withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(target)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      const targets = Array.from({ length: 1_000 }, (_, index) => `/${index}`);
      client.send(targets.map((target) => get(target)).join(''));
      for (const target of targets) assert.equal((await client.readResponse()).body, target);
    }),
  ));

test('a thousand requests for answers of Limpet itself do not nest', () =>
  withWorker(
    { listeners: { web: { address: '127.0.0.1:0', routes: [{ respond: { status: 200, body: '${path}' } }] } }, upstreams: {} },
    async (stage) => {
      const client = await stage.connect();
      const targets = Array.from({ length: 1_000 }, (_, index) => `/${index}`);
      client.send(targets.map((target) => get(target)).join(''));
      for (const target of targets) assert.equal((await client.readResponse()).body, target);
    },
  ));

test('a client that asks to close gets no answer to what it sends behind that', () =>
  withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(target)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/1', 'Connection: close\r\n') + get('/2'));
      assert.equal((await client.readResponse()).body, '/1');
      assert.equal(await client.untilEnd(), '');
      assert.equal(client.error, null);
      assert.equal(origin.requests.length, 1);
    }),
  ));

test('a client that has sent all and ended its side is answered, where the listener says so', () =>
  withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(target)) }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { abortOnClose: false } }), async (stage) => {
      const client = await stage.connect();
      client.send(get('/1') + get('/2') + get('/3'));
      client.end();
      for (const target of ['/1', '/2', '/3']) assert.equal((await client.readResponse()).body, target);
      assert.equal(await client.untilEnd(), '');
      assert.equal(client.error, null);
    }),
  ));

test('a client that has sent a body and ended its side before a server was there is answered, unless the body is not whole', () =>
  withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(body)) }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { abortOnClose: false } }), async (stage) => {
      // Each is the first on its connection to the server, which is not there yet when the client has ended.
      for (const request of [post('/', 'body'), chunkedPost('/', ['bo', 'dy'])]) {
        const client = await stage.connect();
        client.socket.end(request);
        assert.equal((await client.readResponse()).body, 'body');
        await client.untilEnd();
        for (const connection of origin.open) connection.destroy();
      }
      const client = await stage.connect();
      client.socket.end(post('/', 'body').slice(0, -1));
      assert.equal(await client.untilEnd(), '');
      assert.equal(await stage.faultOf(3), 'client-gone');
    }),
  ));
