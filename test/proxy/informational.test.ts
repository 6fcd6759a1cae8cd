// Interim answers: passed on to clients that can know them, never mistaken for the answer; and Expect: 100-continue.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { withOrigin } from './origin.js';
import { get, ok, post, simpleConfig, withWorker } from './stage.js';

const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';

test('each of them is passed on, before the answer', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(`HTTP/1.1 102 Processing\r\n\r\n${hints}${ok('done')}`) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      assert.equal((await client.readHead()).status, 102);
      const hinted = await client.readHead();
      assert.equal(hinted.status, 103);
      assert.equal(hinted.fields.get('link'), '</a.css>; rel=preload');
      for (const name of ['content-length', 'transfer-encoding', 'connection']) assert.equal(hinted.fields.get(name), undefined);
      assert.equal((await client.readResponse()).body, 'done');
    }),
  ));

test('one goes on before there is an answer', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(hints) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      assert.equal((await client.readHead()).status, 103);
      origin.requests[0]!.connection.write(ok('done'));
      assert.equal((await client.readResponse()).body, 'done');
    }),
  ));

test('an HTTP/1.0 client gets none', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(hints + ok('done')) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send('GET / HTTP/1.0\r\n\r\n');
      assert.equal((await client.readHead()).status, 200);
    }),
  ));

test('too many of them are a 502', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(hints.repeat(100) + ok('done')) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      assert.equal((await client.readResponse()).status, 502);
      assert.equal(await stage.faultOf(1), 'too-many-informational');
    }),
  ));

const expecting = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';

test('the server gives leave to send the body, and the connection lives on', () =>
  withOrigin(
    {
      onHead: ({ connection, fields }) => {
        if (fields.has('expect')) connection.write('HTTP/1.1 100 Continue\r\n\r\n');
      },
      onRequest: ({ connection, body }) => connection.write(ok(body)),
    },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        client.send(expecting);
        assert.equal((await client.readHead()).status, 100);
        client.send('hello');
        assert.equal((await client.readResponse()).body, 'hello');
        client.send(get('/'));
        assert.equal((await client.readResponse()).status, 200);
      }),
  ));

test('a client that was refused the body is closed, because what it sends next has two readings', () =>
  withOrigin({ onHead: ({ connection }) => connection.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n') }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(expecting);
      const response = await client.readResponse();
      assert.equal(response.status, 417);
      assert.equal(response.fields.get('connection'), 'close');
      assert.equal(await client.untilEnd(), '');
      await waitFor('the server to be let go of, as it was owed a body', () => origin.open.size === 0);
    }),
  ));

test('a client that does not wait for the leave is served', () =>
  withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(body)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(post('/', 'hello', 'Expect: 100-continue\r\n'));
      assert.equal((await client.readResponse()).body, 'hello');
      client.send(get('/'));
      assert.equal((await client.readResponse()).status, 200);
    }),
  ));

test('any other expectation is refused', () =>
  withOrigin({}, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/', 'Expect: a miracle\r\n'));
      assert.equal((await client.readResponse()).status, 417);
      assert.equal(origin.requests.length, 0);
    }),
  ));
