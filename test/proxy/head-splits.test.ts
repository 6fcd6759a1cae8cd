// Heads that come in pieces: wherever a request or an answer is split, it is read as the same one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitFor } from '../fixtures/wait-for.js';
import { withOrigin } from './origin.js';
import { chunkedPost, get, ok, simpleConfig, withWorker } from './stage.js';

const request = chunkedPost('/split?a=b', ['he', 'llo'], 'X-Sum: 5\r\n', 'Cookie: a=b; c=d\r\nX-Empty:\r\n');

test('a request split in two at every byte', { timeout: 60_000 }, () =>
  withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(body)) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      for (let at = 1; at < request.length; at++) {
        client.send(request.slice(0, at));
        const { bytesRead } = client.socket;
        await nextTurn();
        await nextTurn();
        assert.equal(client.socket.bytesRead, bytesRead);
        client.send(request.slice(at));
        assert.equal((await client.readResponse()).body, 'hello', `split at ${at}`);
      }
      for (const { head, body, trailers } of origin.requests) {
        assert.equal(head, origin.requests[0]!.head);
        assert.deepEqual({ body, trailers }, { body: 'hello', trailers: 'X-Sum: 5\r\n' });
      }
    }),
  ),
);

test('an answer split in two at every byte', { timeout: 60_000 }, () => {
  const answer =
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n';
  return withOrigin({}, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      for (let at = 1; at < answer.length; at++) {
        client.send(get('/'));
        await waitFor('the request', () => origin.requests.length === at);
        const { connection } = origin.requests.at(-1)!;
        connection.write(answer.slice(0, at));
        await nextTurn();
        await nextTurn();
        connection.write(answer.slice(at));
        const response = await client.readResponse();
        assert.equal(response.status, 200);
        assert.equal(response.fields.get('x-a'), 'b');
        assert.equal(response.body, 'abcde', `split at ${at}`);
      }
      assert.equal(origin.accepted, 1);
    }),
  );
});

test('a request and its answer that come byte by byte', { timeout: 60_000 }, () =>
  withOrigin(
    {
      onRequest: async ({ connection }) => {
        for (const byte of ok('hello')) {
          connection.write(byte);
          await nextTurn();
        }
      },
    },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        for (const byte of request) {
          client.send(byte);
          await nextTurn();
        }
        assert.equal((await client.readResponse()).body, 'hello');
        assert.equal(origin.requests[0]!.body, 'hello');
      }),
  ),
);
