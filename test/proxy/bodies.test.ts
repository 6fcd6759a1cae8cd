// Bodies both ways in each framing, trailers, and answers that have no body whatever their fields say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawClient } from '../fixtures/raw-client.js';
import { withOrigin } from './origin.js';
import { chunkedPost, get, ok, post, simpleConfig, withWorker } from './stage.js';

/** Runs with a client in front of a server that answers `text`, and ends the connection then if `ends`. */
function withAnswer(text: string, ends: boolean, action: (client: RawClient) => Promise<void>): Promise<void> {
  return withOrigin({ onRequest: ({ connection }) => (ends ? connection.end(text) : connection.write(text)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => action(await stage.connect())),
  );
}

test('a body with a length arrives with its length', () =>
  withAnswer(ok('hello'), false, async (client) => {
    client.send(get('/'));
    const response = await client.readResponse();
    assert.equal(response.fields.get('content-length'), '5');
    assert.equal(response.body, 'hello');
  }));

test('a chunked body arrives chunked, with the trailers that may be there', () =>
  withAnswer(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\nContent-Length: 3\r\n\r\n',
    false,
    async (client) => {
      client.send(get('/'));
      const head = await client.readHead();
      assert.equal(head.fields.get('transfer-encoding'), 'chunked');
      assert.equal(head.fields.get('content-length'), undefined);
      const rest = await client.readThrough('\r\n\r\n');
      assert.match(rest, /\r\n0\r\nX-Sum: 11\r\n\r\n$/);
      assert.equal(rest.replaceAll(/\r?\n?[0-9a-f]+\r\n/g, '').includes('hello'), true);
      assert.equal(client.pending, '');
    },
  ));

test('a body that ends with the connection arrives chunked, and the client keeps its own connection', () =>
  withAnswer('HTTP/1.1 200 OK\r\n\r\nhello', true, async (client) => {
    for (let times = 0; times < 2; times++) {
      client.send(get('/'));
      const response = await client.readResponse();
      assert.equal(response.fields.get('transfer-encoding'), 'chunked');
      assert.equal(response.body, 'hello');
    }
  }));

test('to an HTTP/1.0 client a chunked body goes without chunks and trailers, and ends with the connection', () =>
  withAnswer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n', false, async (client) => {
    client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    const response = await client.readResponse();
    assert.equal(response.fields.get('transfer-encoding'), undefined);
    assert.equal(response.fields.get('connection'), 'close');
    assert.equal(response.body, 'hello');
    assert.equal(client.error, null);
  }));

test('an empty body is empty in each framing', async () => {
  for (const [text, ends] of [
    [ok(''), false],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\n\r\n', true],
  ] as const) {
    await withAnswer(text, ends, async (client) => {
      for (let times = 0; times < 2; times++) {
        client.send(get('/'));
        assert.equal((await client.readResponse()).body, '');
      }
    });
  }
});

for (const [what, method, text, length] of [
  ['HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', '5'],
  ['HEAD of a chunked body', 'HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', undefined],
  ['HEAD of a body of unknown length', 'HEAD', 'HTTP/1.1 200 OK\r\n\r\n', undefined],
  ['204', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', undefined],
  ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '5'],
] as const) {
  test(`${what} has no body, and the answer behind it is not mistaken for one`, () =>
    withAnswer(text, false, async (client) => {
      for (let times = 0; times < 2; times++) {
        client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
        const response = await client.readResponse(method);
        assert.equal(response.fields.get('content-length'), length);
      }
      assert.equal(client.pending, '');
    }));
}

test('request bodies reach the server in their framing, with trailers', () =>
  withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(target)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(post('/length', 'hello'));
      await client.readResponse();
      client.send(chunkedPost('/chunked', ['hel', 'lo'], 'X-Sum: 5\r\nHost: evil\r\n', 'Trailer: X-Sum\r\n'));
      await client.readResponse();
      const [length, chunked] = origin.requests;
      assert.equal(length!.fields.get('content-length'), '5');
      assert.equal(length!.body, 'hello');
      assert.equal(chunked!.fields.get('transfer-encoding'), 'chunked');
      assert.equal(chunked!.fields.get('content-length'), undefined);
      assert.equal(chunked!.body, 'hello');
      assert.equal(chunked!.trailers, 'X-Sum: 5\r\n');
    }),
  ));

test('a long body passes both ways unchanged', () =>
  withOrigin({ onRequest: ({ connection, body }) => connection.write(Buffer.from(ok(body), 'latin1')) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const body = Array.from({ length: 400_000 }, (_, index) => String.fromCharCode((index * 31 + (index >> 8)) & 0xff)).join('');
      const client = await stage.connect();
      for (const request of [post('/length', body), chunkedPost('/chunked', [body.slice(0, 200_000), body.slice(200_000)])]) {
        client.send(request);
        assert.ok((await client.readResponse()).body === body);
      }
    }),
  ));

test('each piece of an answer goes on at once', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n') }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      await client.readHead();
      const { connection } = origin.requests[0]!;
      for (const piece of ['o', 'h', 'a["message"]']) {
        connection.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
        assert.equal(await client.readChunk(), piece);
      }
      connection.write('0\r\n\r\n');
      assert.equal(await client.readChunk(), '');
    }),
  ));
