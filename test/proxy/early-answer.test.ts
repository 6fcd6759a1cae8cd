// Answers that come while the request's body is still on its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { type OriginOptions, withOrigin } from './origin.js';
import { get, ok, simpleConfig, withWorker } from './stage.js';

const denying = { web: { address: '127.0.0.1:0', routes: [{ match: { path: '/denied' }, deny: true }, { upstream: 'app' }] } };

/** A POST is answered at its head, a GET as usual. */
const answersEarly: OriginOptions = {
  onHead: ({ connection, method }) => {
    if (method === 'POST') connection.write(ok('early'));
  },
  onRequest: ({ connection, method }) => {
    if (method === 'GET') connection.write(ok('next'));
  },
};

function headOf(target: string, length: number): string {
  return `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
}

test('the answer goes to the client at once, the rest of the body nowhere, and the client keeps its connection', () =>
  withOrigin(answersEarly, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(`${headOf('/', 1_000)}begin`);
      assert.equal((await client.readResponse()).body, 'early');
      await waitFor('the server to be let go of', () => origin.open.size === 0);
      client.send('x'.repeat(995) + get('/next'));
      assert.equal((await client.readResponse()).body, 'next');
      assert.equal(origin.requests[0]!.body.length, 5);
    }),
  ));

test('the same with a chunked body', () =>
  withOrigin(answersEarly, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n');
      assert.equal((await client.readResponse()).body, 'early');
      client.send(`a\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n${get('/next')}`);
      assert.equal((await client.readResponse()).body, 'next');
    }),
  ));

test('Limpet itself answers early in the same way', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(ok('next')) }, (origin) =>
    withWorker({ listeners: denying, upstreams: { app: { servers: [origin.address] } } }, async (stage) => {
      const client = await stage.connect();
      client.send(headOf('/denied', 1_000));
      assert.equal((await client.readResponse()).status, 403);
      client.send('x'.repeat(1_000) + get('/next'));
      assert.equal((await client.readResponse()).body, 'next');
      assert.equal(origin.requests.length, 1);
    }),
  ));

test('a client that goes on sending more than is worth reading still gets the answer, then the end', () =>
  withOrigin({}, (origin) =>
    withWorker({ listeners: denying, upstreams: { app: { servers: [origin.address] } } }, async (stage) => {
      const client = await stage.connect();
      client.send(headOf('/denied', 10_000_000));
      client.send(Buffer.alloc(400_000));
      assert.equal((await client.readResponse()).status, 403);
      await client.untilEnd();
      assert.equal(client.error, null);
    }),
  ));

test('a client that sends no more of the body is closed after timeouts.requestBody', () =>
  withOrigin({}, (origin) =>
    withWorker(
      {
        listeners: { web: { ...denying.web, timeouts: { requestBody: '100ms' } } },
        upstreams: { app: { servers: [origin.address] } },
      },
      async (stage) => {
        const client = await stage.connect();
        client.send(headOf('/denied', 1_000));
        assert.equal((await client.readResponse()).status, 403);
        assert.equal(await client.untilEnd(), '');
      },
    ),
  ));

test('a server that answers while it reads gets the whole body, and its connection is used again', () =>
  withOrigin(
    {
      onHead: ({ connection, method }) => {
        if (method === 'POST') connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n');
      },
      onRequest: ({ connection, method, body }) => {
        connection.write(method === 'POST' ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : ok('next'));
      },
    },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        client.send(`${headOf('/', 10)}12345`);
        await client.readHead();
        assert.equal(await client.readChunk(), 'early');
        client.send('67890');
        assert.equal(await client.readChunk(), '1234567890');
        assert.equal(await client.readChunk(), '');
        client.send(get('/next'));
        assert.equal((await client.readResponse()).body, 'next');
        assert.equal(origin.accepted, 1);
      }),
  ));

test('the answer of a server that closes without reading the body arrives', () =>
  withOrigin(
    { onHead: ({ connection }) => connection.end('HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge') },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        for (let times = 0; times < 10; times++) {
          const client = await stage.connect();
          client.send(headOf('/', 1_000_000) + 'x'.repeat(100_000));
          const response = await client.readResponse();
          assert.equal(response.status, 413);
          assert.equal(response.body, 'large');
          client.destroy();
        }
      }),
  ));
