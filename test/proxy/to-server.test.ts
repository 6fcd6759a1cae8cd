// How requests go to servers: version, connections used once, bodies that are awaited whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawClient } from '../fixtures/raw-client.js';
import { type Origin, withOrigin } from './origin.js';
import { ok, type Stage, withWorker } from './stage.js';

function withHop(
  toServer: Record<string, unknown>,
  action: (client: RawClient, origin: Origin, stage: Stage) => Promise<void>,
  limits: Record<string, unknown> = {},
): Promise<void> {
  return withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(body)) }, (origin) =>
    withWorker(
      {
        listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app', toServer }], limits } },
        upstreams: { app: { servers: [origin.address] } },
      },
      async (stage) => action(await stage.connect(), origin, stage),
    ),
  );
}

const chunked = 'POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';

test('HTTP/1.0 towards servers: a connection each time, and a length in place of chunks', () =>
  withHop({ httpVersion: '1.0' }, async (client, origin) => {
    for (let i = 0; i < 2; i++) {
      client.send(chunked);
      assert.equal((await client.readResponse('POST')).body, 'abcde');
    }
    const [request] = origin.requests;
    assert.match(request!.head, / HTTP\/1.0\r/);
    assert.equal(request!.fields.get('content-length'), '5');
    assert.equal(request!.fields.get('transfer-encoding'), undefined);
    assert.equal(request!.fields.get('connection'), 'close');
    assert.equal(origin.accepted, 2);
  }));

test('without keepAlive every request has a connection of its own', () =>
  withHop({ keepAlive: false }, async (client, origin) => {
    for (let i = 0; i < 2; i++) {
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.equal((await client.readResponse('GET')).status, 200);
    }
    assert.match(origin.requests[0]!.head, / HTTP\/1.1\r/);
    assert.equal(origin.requests[0]!.fields.get('connection'), 'close');
    assert.equal(origin.accepted, 2);
  }));

test('a body that is awaited whole: no server hears of the request before, and Expect is answered by us', () =>
  withHop({ buffer: '1KiB' }, async (client, origin) => {
    client.send('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
    assert.equal((await client.readHead()).status, 100);
    client.send('ab');
    assert.equal(origin.accepted, 0);
    client.send('cd');
    assert.equal((await client.readResponse('POST')).body, 'abcd');
    assert.equal(origin.requests[0]!.fields.get('expect'), undefined);
  }));

test('a longer body goes on as it comes if it has a length, and is refused if it has none', () =>
  withHop({ buffer: 4 }, async (client, origin) => {
    client.send('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde');
    assert.equal((await client.readResponse('POST')).body, 'abcde');
    client.send(chunked);
    assert.equal((await client.readResponse('POST')).status, 413);
    assert.equal(origin.requests.length, 1);
  }));

test('a client that vanishes while its body is awaited leaves nothing behind', () =>
  withHop({ buffer: '1KiB' }, async (client, origin, stage) => {
    client.send('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab');
    client.destroy();
    const [line] = await stage.logged(1);
    assert.equal(line!['fault'], 'client-gone');
    assert.equal(origin.accepted, 0);
  }));

test('error pages stand in place of refusals: of a dead server, of a rule, of no route', () =>
  withWorker(
    {
      listeners: {
        web: {
          address: '127.0.0.1:0',
          errorPages: [{ status: [403, 404], respond: { status: 200, body: 'outer ${path}' } }],
          routes: [
            { match: { path: '/dead' }, errorPages: [{ status: [502, 503], respond: { status: 503, body: 'inner' } }], upstream: 'dead' },
            { match: { path: '/denied' }, deny: true },
          ],
        },
      },
      upstreams: { dead: { servers: ['127.0.0.1:1'], retries: { bound: 1, pause: '0ms' } } },
    },
    async (stage) => {
      const answers: string[] = [];
      for (const target of ['/dead', '/denied', '/none']) {
        const client = await stage.connect();
        client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
        const { status, body } = await client.readResponse('GET');
        answers.push(`${status} ${body}`);
      }
      assert.deepEqual(answers, ['503 inner', '200 outer /denied', '200 outer /none']);
      assert.deepEqual(
        (await stage.logged(3)).map((line) => line['fault']),
        ['connect-refused', 'denied', 'no-route'],
      );
    },
  ));
