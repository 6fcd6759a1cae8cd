// What is too large, and what the client gets for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { withOrigin } from './origin.js';
import { chunkedPost, get, ok, post, type Stage, simpleConfig, withWorker } from './stage.js';

const limits = { head: 2048, target: 256, fields: 10, body: 1000, responseHead: 2048 };

/** One answer with that status comes, then the end, and never a reset that could have swallowed it. */
async function expectRefusal(stage: Stage, text: string, status: number): Promise<void> {
  const client = await stage.connect();
  client.send(text);
  const response = await client.readResponse();
  assert.equal(response.status, status);
  assert.equal(response.fields.get('connection'), 'close');
  assert.equal(await client.untilEnd(), '');
  assert.equal(client.error, null);
}

for (const [what, text, status, code] of [
  ['a head', get('/', `X: ${'x'.repeat(2048)}\r\n`), 431, 'head-too-large'],
  ['a head that does not end', get('/', `X: ${'x'.repeat(4096)}`).slice(0, -4), 431, 'head-too-large'],
  ['a number of fields', get('/', 'X: 1\r\n'.repeat(10)), 431, 'head-too-large'],
  ['a target', get(`/${'x'.repeat(256)}`), 414, 'target-too-long'],
  ['a target that does not end', `GET /${'x'.repeat(4096)}`, 414, 'target-too-long'],
  ['a body with a length', post('/', 'x'.repeat(1001)), 413, 'body-too-large'],
  ['a body with a length that has not come', post('/', 'x'.repeat(1001)).slice(0, -1001), 413, 'body-too-large'],
  ['a chunked body', chunkedPost('/', ['x'.repeat(600), 'x'.repeat(401)]), 413, 'body-too-large'],
] as const) {
  test(`${what} over the limit is answered ${status}`, () =>
    withOrigin({}, (origin) =>
      withWorker(simpleConfig([origin.address], { listener: { limits } }), async (stage) => {
        await expectRefusal(stage, text, status);
        assert.equal(await stage.faultOf(1), code);
        await waitFor('the server to be let go of', () => origin.open.size === 0);
        assert.ok(origin.requests.every(({ isWhole }) => !isWhole));
      }),
    ));
}

for (const [what, text] of [
  ['a head', get('/', `X: ${'x'.repeat(2048 - get('/', 'X: \r\n').length)}\r\n`)],
  ['a number of fields', get('/', 'X: 1\r\n'.repeat(9))],
  ['a target', get(`/${'x'.repeat(255)}`)],
  ['a body with a length', post('/', 'x'.repeat(1000))],
  ['a chunked body', chunkedPost('/', ['x'.repeat(600), 'x'.repeat(400)])],
] as const) {
  test(`${what} just at the limit passes`, () =>
    withOrigin({ onRequest: ({ connection }) => connection.write(ok('taken')) }, (origin) =>
      withWorker(simpleConfig([origin.address], { listener: { limits } }), async (stage) => {
        const client = await stage.connect();
        client.send(text);
        assert.equal((await client.readResponse()).body, 'taken');
      }),
    ));
}

test('a chunked body that grows too large after the answer has begun is cut', () =>
  withOrigin({ onHead: ({ connection }) => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n') }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { limits } }), async (stage) => {
      const client = await stage.connect();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
      await client.readHead();
      client.send(`7d0\r\n${'x'.repeat(2000)}`);
      assert.equal(await client.untilEnd(), '');
      assert.equal(await stage.faultOf(1), 'body-too-large');
    }),
  ));

test("a route's own limit replaces the listener's", () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(ok('taken')) }, (origin) => {
    const routes = [{ match: { path: '/upload' }, upstream: 'app', limits: { body: 5000 } }, { upstream: 'app' }];
    return withWorker(simpleConfig([origin.address], { listener: { limits, routes } }), async (stage) => {
      const client = await stage.connect();
      client.send(post('/upload', 'x'.repeat(5000)));
      assert.equal((await client.readResponse()).body, 'taken');
      client.send(post('/upload', 'x'.repeat(5001)));
      assert.equal((await client.readResponse()).status, 413);
    });
  }));

test('without a limit a body may be of any length', () =>
  withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(String(body.length))) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const client = await stage.connect();
      client.send(chunkedPost('/', ['x'.repeat(3_000_000)]));
      assert.equal((await client.readResponse()).body, '3000000');
    }),
  ));

test("a server's head over the limit is a 502", () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(4096)}`) }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { limits } }), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      assert.equal((await client.readResponse()).status, 502);
      assert.equal(await stage.faultOf(1), 'bad-response-head');
    }),
  ));
