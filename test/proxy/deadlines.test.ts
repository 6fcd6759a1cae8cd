// The deadline of each phase: who is late gets what is said about it, and whoever waited for them is let go of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../fixtures/wait-for.js';
import { withDeafServer } from './deaf-server.js';
import { type Origin, type OriginOptions, withOrigin } from './origin.js';
import { get, ok, post, type Stage, simpleConfig, withWorker } from './stage.js';

/** Longer than a short deadline with the coarseness of the clock added. */
const pastShortMs = 500;
const short = '150ms';

function withTimeouts(
  timeouts: Record<string, string>,
  options: OriginOptions,
  action: (stage: Stage, origin: Origin) => Promise<void>,
): Promise<void> {
  return withOrigin(options, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { timeouts } }), (stage) => action(stage, origin)),
  );
}

test('requestHead: a head that does not come whole is answered 408', () =>
  withTimeouts({ requestHead: short }, {}, async (stage) => {
    const client = await stage.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n');
    assert.equal((await client.readResponse()).status, 408);
    assert.equal(await client.untilEnd(), '');
    assert.equal(await stage.faultOf(1), 'request-timeout');
  }));

test('requestHead: a head that trickles is late as well', () =>
  withTimeouts({ requestHead: '300ms' }, {}, async (stage) => {
    const client = await stage.connect();
    const trickle = setInterval(() => client.send('X: 1\r\n'), 20);
    client.send('GET / HTTP/1.1\r\nHost: a\r\n');
    try {
      assert.equal((await client.readResponse()).status, 408);
    } finally {
      clearInterval(trickle);
    }
  }));

test('idle: a connection between two requests, or before the first, is closed without a word', () =>
  withTimeouts({ idle: short }, { onRequest: ({ connection }) => connection.write(ok('')) }, async (stage) => {
    const fresh = await stage.connect();
    const used = await stage.connect();
    used.send(get('/'));
    await used.readResponse();
    for (const client of [fresh, used]) {
      assert.equal(await client.untilEnd(), '');
      assert.equal(client.error, null);
    }
    assert.equal((await stage.logged(1)).length, 1);
  }));

test('requestBody: a body that stops is answered 408, and the server let go of', () =>
  withTimeouts({ requestBody: short }, {}, async (stage, origin) => {
    const client = await stage.connect();
    client.send(post('/', 'hello').slice(0, -1));
    assert.equal((await client.readResponse()).status, 408);
    assert.equal(await client.untilEnd(), '');
    assert.equal(await stage.faultOf(1), 'request-body-timeout');
    await waitFor('the server to be let go of', () => origin.open.size === 0);
  }));

test('requestBody: a body that trickles is in time', () =>
  withTimeouts({ requestBody: '300ms' }, { onRequest: ({ connection, body }) => connection.write(ok(body)) }, async (stage) => {
    const client = await stage.connect();
    const body = 'x'.repeat(20);
    client.send(post('/', body).slice(0, -20));
    for (const byte of body) {
      await delay(40);
      client.send(byte);
    }
    assert.equal((await client.readResponse()).body, body);
  }));

test('requestBody: a client whose server takes nothing is not the one that is late', { timeout: 30_000 }, () =>
  withTimeouts({ requestBody: short, responseHead: '1s' }, { onHead: ({ connection }) => connection.pause() }, async (stage) => {
    const client = await stage.connect();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${32 * 1024 * 1024}\r\n\r\n`);
    client.send(Buffer.alloc(32 * 1024 * 1024));
    assert.equal((await client.readResponse()).status, 504);
    assert.equal(await stage.faultOf(1), 'head-timeout');
  }),
);

test('connect: a server that does not take the connection is a 504', { timeout: 30_000 }, () =>
  withDeafServer((address) =>
    withWorker(simpleConfig([address], { listener: { timeouts: { connect: short } } }), async (stage) => {
      const client = await stage.connect();
      client.send(get('/'));
      assert.equal((await client.readResponse()).status, 504);
      assert.equal(await stage.faultOf(1), 'connect-timeout');
      client.send(get('/'));
      assert.equal((await client.readResponse()).status, 504);
    }),
  ),
);

test('connect: another server is tried', { timeout: 30_000 }, () =>
  withDeafServer((address) =>
    withOrigin({ onRequest: ({ connection, body }) => connection.write(ok(body)) }, (origin) =>
      withWorker(simpleConfig([address, origin.address], { listener: { timeouts: { connect: short } } }), async (stage) => {
        const client = await stage.connect();
        client.send(post('/', 'hello'));
        assert.equal((await client.readResponse()).body, 'hello');
        assert.equal((await stage.logged(1))[0]!['attempts'], 2);
      }),
    ),
  ),
);

test('responseHead: a silent server is a 504, and let go of', () =>
  withTimeouts({ responseHead: short }, {}, async (stage, origin) => {
    const client = await stage.connect();
    client.send(get('/'));
    assert.equal((await client.readResponse()).status, 504);
    assert.equal(await stage.faultOf(1), 'head-timeout');
    await waitFor('the server to be let go of', () => origin.open.size === 0);
  }));

test('responseHead: a server is not late while the client has not sent everything', () =>
  withTimeouts({ responseHead: short }, { onRequest: ({ connection, body }) => connection.write(ok(body)) }, async (stage) => {
    const client = await stage.connect();
    client.send(post('/', 'hello').slice(0, -1));
    await delay(pastShortMs);
    client.send('o');
    assert.equal((await client.readResponse()).body, 'hello');
  }));

test('responseBody: an answer that stops is cut', () =>
  withTimeouts(
    { responseBody: short },
    { onRequest: ({ connection }) => connection.write(ok('hello').slice(0, -1)) },
    async (stage, origin) => {
      const client = await stage.connect();
      client.send(get('/'));
      assert.equal((await client.readHead()).status, 200);
      assert.equal(await client.untilEnd(), 'hell');
      assert.equal(await stage.faultOf(1), 'response-body-timeout');
      await waitFor('the server to be let go of', () => origin.open.size === 0);
    },
  ));

test('responseBody: a server whose client takes nothing is not the one that is late', { timeout: 30_000 }, () => {
  const body = 'x'.repeat(24 * 1024 * 1024);
  return withTimeouts({ responseBody: short }, { onRequest: ({ connection }) => connection.write(ok(body)) }, async (stage) => {
    const client = await stage.connect();
    client.socket.pause();
    client.send(get('/'));
    await delay(pastShortMs * 2);
    let received = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (data: Buffer) => {
      received += data.length;
    });
    client.socket.resume();
    await waitFor('the whole answer', () => received > body.length, 20_000);
  });
});

test('send: a client that takes nothing is cut off, and the server let go of', { timeout: 30_000 }, () =>
  withTimeouts(
    { send: short },
    { onRequest: ({ connection }) => connection.write(ok('x'.repeat(24 * 1024 * 1024))) },
    async (stage, origin) => {
      const client = await stage.connect();
      client.socket.pause();
      client.send(get('/'));
      assert.equal(await stage.faultOf(1), 'client-stalled');
      await waitFor('the server to be let go of', () => origin.open.size === 0);
    },
  ),
);

test("a route's deadlines replace the listener's", () =>
  withOrigin({}, (origin) => {
    const routes = [
      { match: { path: '/poll' }, upstream: 'app' },
      { upstream: 'app', timeouts: { responseHead: short } },
    ];
    return withWorker(simpleConfig([origin.address], { listener: { routes } }), async (stage) => {
      const [polling, other] = [await stage.connect(), await stage.connect()];
      polling.send(get('/poll'));
      await waitFor('the poll', () => origin.requests.length === 1);
      other.send(get('/'));
      assert.equal((await other.readResponse()).status, 504);
      origin.requests[0]!.connection.write(ok('h'));
      assert.equal((await polling.readResponse()).body, 'h');
    });
  }));
