// How many may be served at a time, per server and per listener, and that places are free again afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type OriginRequest, withOrigin } from './origin.js';
import { get, ok, simpleConfig, withWorker } from './stage.js';

const upgrade = get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

test('a server gets no more exchanges than its maxConnections; the others are refused with Retry-After', () => {
  const waiting: OriginRequest[] = [];
  return withOrigin({ onRequest: (request) => void waiting.push(request) }, (origin) =>
    withWorker(simpleConfig([{ address: origin.address, maxConnections: 2 }]), async (stage) => {
      const clients = await Promise.all(Array.from({ length: 3 }, () => stage.connect()));
      for (const client of clients.slice(0, 2)) client.send(get('/'));
      await waitFor('both', () => waiting.length === 2);
      const third = clients[2]!;
      third.send(get('/'));
      const refused = await third.readResponse();
      assert.equal(refused.status, 503);
      assert.equal(refused.fields.get('retry-after'), '1');
      assert.equal(await stage.faultOf(1), 'servers-full');
      waiting[0]!.connection.write(ok('done'));
      await clients[0]!.readResponse();
      third.send(get('/'));
      await waitFor('the third', () => waiting.length === 3);
      assert.equal(stage.worker.counters.activeExchanges, 2);
      for (const { connection } of waiting.slice(1)) connection.write(ok('done'));
      await third.readResponse();
    }),
  );
});

test('a server that is full leaves the exchange to one that is not', () => {
  const waiting: OriginRequest[] = [];
  return withOrigin({ onRequest: (request) => void waiting.push(request) }, (full) =>
    withOrigin({ onRequest: ({ connection }) => connection.write(ok('other')) }, (other) =>
      withWorker(simpleConfig([{ address: full.address, maxConnections: 1 }, other.address]), async (stage) => {
        const holding = await stage.connect();
        holding.send(get('/'));
        await waitFor('one at the first', () => waiting.length === 1);
        for (let times = 0; times < 4; times++) {
          const client = await stage.connect();
          client.send(get('/'));
          assert.equal((await client.readResponse()).body, 'other');
        }
      }),
    ),
  );
});

test('tunnels count, until they end', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(switching) }, (origin) =>
    withWorker(simpleConfig([{ address: origin.address, maxConnections: 1 }]), async (stage) => {
      const first = await stage.connect();
      first.send(upgrade);
      assert.equal((await first.readHead()).status, 101);
      assert.equal(stage.worker.counters.tunnels, 1);
      const second = await stage.connect();
      second.send(upgrade);
      assert.equal((await second.readResponse()).status, 503);
      first.destroy();
      await waitFor('the tunnel to end', () => stage.worker.counters.tunnels === 0);
      const third = await stage.connect();
      third.send(upgrade);
      assert.equal((await third.readHead()).status, 101);
    }),
  ));

test('failed attempts give their place back', () =>
  withOrigin({ onRequest: ({ connection }) => connection.destroy() }, (origin) =>
    withWorker(simpleConfig([{ address: origin.address, maxConnections: 1 }]), async (stage) => {
      for (let times = 0; times < 4; times++) {
        const client = await stage.connect();
        client.send(get('/'));
        assert.equal((await client.readResponse()).status, 502);
      }
    }),
  ));

test('a client that goes gives its place back', () =>
  withOrigin({}, (origin) =>
    withWorker(simpleConfig([{ address: origin.address, maxConnections: 1 }]), async (stage) => {
      for (let times = 0; times < 3; times++) {
        const client = await stage.connect();
        client.send(get('/'));
        await waitFor('the request', () => origin.requests.length === times + 1);
        client.destroy();
        await waitFor('the place to be free', () => stage.worker.counters.activeExchanges === 0);
      }
    }),
  ));

test('connections over the maxConnections of a listener are told so, and taken again when others have gone', () =>
  withOrigin({ onRequest: ({ connection }) => connection.write(ok('served')) }, (origin) =>
    withWorker(simpleConfig([origin.address], { listener: { maxConnections: 2 } }), async (stage) => {
      const [first, second] = [await stage.connect(), await stage.connect()];
      for (const client of [first, second]) {
        client.send(get('/'));
        await client.readResponse();
      }
      const third = await stage.connect();
      third.send(get('/'));
      const refused = await third.readResponse();
      assert.equal(refused.status, 503);
      assert.equal(await third.untilEnd(), '');
      assert.equal(third.error, null);
      first.destroy();
      await waitFor('a place', async () => {
        const client = await RawClient.connect(stage.port());
        client.send(get('/'));
        const { status } = await client.readResponse();
        client.destroy();
        return status === 200;
      });
    }),
  ));

test('in TCP mode connections that are being made count as well', () =>
  withOrigin({}, (origin) =>
    withWorker(
      {
        listeners: { raw: { address: '127.0.0.1:0', mode: 'tcp', upstream: 'app' } },
        upstreams: { app: { servers: [{ address: origin.address, maxConnections: 2 }] } },
      },
      async (stage) => {
        const clients = await Promise.all(Array.from({ length: 6 }, () => stage.connect('raw')));
        await waitFor('four to be refused', () => clients.filter(({ hasEnded }) => hasEnded).length === 4);
        await waitFor('two to be taken', () => origin.accepted === 2);
        assert.equal(stage.worker.counters.tunnels, 2);
        for (const client of clients) client.destroy();
        await waitFor('the places', () => stage.worker.counters.tunnels === 0);
        const next = await stage.connect('raw');
        next.send(get('/'));
        await waitFor('it to be served', () => origin.requests.length === 1);
      },
    ),
  ));
