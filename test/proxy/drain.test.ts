// How a worker ends: what is under way is finished, nothing new begins, and at the deadline the rest is cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { idleClients } from './flow.js';
import { type OriginRequest, withOrigin } from './origin.js';
import { get, ok, post, type Stage, simpleConfig, withWorker } from './stage.js';

/** Long enough that nothing here may reach it. */
const longMs = 20_000;
const upgrade = get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

function withSlowServer(action: (stage: Stage, waiting: OriginRequest[]) => Promise<void>): Promise<void> {
  const waiting: OriginRequest[] = [];
  return withOrigin({ onRequest: (request) => void waiting.push(request) }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { timeouts: { idle: '1h' } } }), (stage) => action(stage, waiting)),
  );
}

test('idle connections end at once, and new ones are not accepted', () =>
  withSlowServer(async (stage, waiting) => {
    const [fresh, used] = [await stage.connect(), await stage.connect()];
    used.send(get('/'));
    await waitFor('the request', () => waiting.length === 1);
    waiting[0]!.connection.write(ok(''));
    await used.readResponse();
    await within('the drain', stage.worker.drain(longMs), 2_000);
    for (const client of [fresh, used]) assert.equal(await client.untilEnd(), '');
    await assert.rejects(RawClient.connect(stage.port()));
    assert.deepEqual(Object.values(stage.worker.counters), [0, 0, 0, 0, 0]);
  }));

test('an exchange under way is finished and told that the connection closes', () =>
  withSlowServer(async (stage, waiting) => {
    const client = await stage.connect();
    client.send(get('/'));
    await waitFor('the request', () => waiting.length === 1);
    const drained = stage.worker.drain(longMs);
    waiting[0]!.connection.write(ok('finished'));
    const response = await client.readResponse();
    assert.equal(response.body, 'finished');
    assert.equal(response.fields.get('connection'), 'close');
    assert.equal(await client.untilEnd(), '');
    await within('the drain', drained, 2_000);
  }));

test('a request whose head is half there is served', () =>
  withSlowServer(async (stage, waiting) => {
    const client = await stage.connect();
    client.send('GET / HTTP/1.1\r\n');
    await waitFor('the head to be begun', () => idleClients(stage) === 0);
    const drained = stage.worker.drain(longMs);
    client.send('Host: a\r\n\r\n');
    await waitFor('the request', () => waiting.length === 1);
    waiting[0]!.connection.write(ok('served'));
    assert.equal((await client.readResponse()).body, 'served');
    await within('the drain', drained, 2_000);
  }));

test('a body under way is taken to its end', () =>
  withSlowServer(async (stage, waiting) => {
    const client = await stage.connect();
    client.send(post('/', 'hello').slice(0, -1));
    await waitFor('the connection to the server', () => stage.worker.counters.serverConnections === 1);
    const drained = stage.worker.drain(longMs);
    client.send('o');
    await waitFor('the request', () => waiting.length === 1);
    waiting[0]!.connection.write(ok(waiting[0]!.body));
    assert.equal((await client.readResponse()).body, 'hello');
    await within('the drain', drained, 2_000);
  }));

test('a connection whose answer had begun before closes when that is complete', () =>
  withSlowServer(async (stage, waiting) => {
    const client = await stage.connect();
    client.send(get('/'));
    await waitFor('the request', () => waiting.length === 1);
    waiting[0]!.connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst');
    assert.equal((await client.readHead()).fields.get('connection'), undefined);
    const drained = stage.worker.drain(longMs);
    waiting[0]!.connection.write(' last');
    assert.equal(await client.untilEnd(), 'first last');
    await within('the drain', drained, 2_000);
  }));

test('the end of an answer that a slow client has still to take is not lost', { timeout: 30_000 }, () =>
  withSlowServer(async (stage, waiting) => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => stage.connect()));
    for (const client of clients) {
      client.socket.pause();
      client.send(get('/'));
    }
    await waitFor('the requests', () => waiting.length === clients.length);
    const lengths = waiting.map(({ connection }, index) => {
      const length = 3_400_000 + index * 150_000;
      connection.write(ok('x'.repeat(length)));
      return length;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const drained = stage.worker.drain(longMs);
    for (const client of clients) client.socket.resume();
    const received = await Promise.all(
      clients.map(async (client) => {
        const { length } = await client.untilEnd();
        client.destroy();
        return length;
      }),
    );
    assert.deepEqual(
      received.map((length) => length - ok('x'.repeat(1_000_000)).length + 1_000_000).toSorted((a, b) => a - b),
      lengths,
    );
    await within('the drain', drained, 2_000);
  }),
);

test('at the deadline exchanges that wait are answered 503, answers that have begun are cut, and tunnels closed', () =>
  withOrigin(
    {
      onRequest: ({ connection, target, fields }) => {
        if (fields.has('upgrade')) connection.write(switching);
        else if (target === '/begun') connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst');
      },
    },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const [waiting, begun, tunnel, half] = [await stage.connect(), await stage.connect(), await stage.connect(), await stage.connect()];
        waiting.send(get('/waiting'));
        begun.send(get('/begun'));
        tunnel.send(upgrade);
        half.send('GET / HT');
        await begun.readThrough('first');
        assert.equal((await tunnel.readHead()).status, 101);
        await waitFor('all at the server', () => origin.requests.length === 3);
        await within('the drain', stage.worker.drain(200), 3_000);
        assert.equal((await waiting.readResponse()).status, 503);
        assert.equal(await begun.untilEnd(), '');
        assert.equal(await tunnel.untilEnd(), '', 'something was written into the tunnel');
        assert.equal(await half.untilEnd(), '');
        const faults = (await stage.logged(3)).map((line) => line['fault']);
        assert.deepEqual(faults, ['shutting-down', 'shutting-down', 'shutting-down']);
        assert.deepEqual(Object.values(stage.worker.counters), [0, 0, 0, 0, 0]);
      }),
  ));

test('a second word ends it at once', () =>
  withSlowServer(async (stage, waiting) => {
    const client = await stage.connect();
    client.send(get('/'));
    await waitFor('the request', () => waiting.length === 1);
    const drained = stage.worker.drain(longMs);
    stage.worker.cutAll();
    assert.equal((await client.readResponse()).status, 503);
    client.destroy();
    await within('the drain', drained, 2_000);
  }));

test('a client that does not close its side cannot hold up the end beyond the deadline', { timeout: 30_000 }, () =>
  withSlowServer(async (stage, waiting) => {
    const client = await stage.connect();
    client.send(get('/'));
    await waitFor('the request', () => waiting.length === 1);
    const drained = stage.worker.drain(200);
    // Bytes behind the request make the close a lingering one, and the client ignores it.
    client.send(get('/behind'));
    assert.equal((await client.readResponse()).status, 503);
    await within('the drain', drained, 3_000);
  }),
);
