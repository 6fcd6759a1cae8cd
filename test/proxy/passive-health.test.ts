// What makes a server count as down, and what a client can bring about, which must not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusedPort } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type Origin, type OriginRequest, withOrigin } from './origin.js';
import { get, ok, type Stage, simpleConfig, withWorker } from './stage.js';

/** More than it takes for two servers in turn to be down. */
const times = 8;
const twoReadings = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n';
const upgrade = get('/bad', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n');

/** Two servers of the same kind, each request on a connection of its own. */
function withTwo(
  onRequest: (request: OriginRequest) => void,
  action: (stage: Stage, origins: readonly Origin[]) => Promise<void>,
): Promise<void> {
  return withOrigin({ onRequest }, (a) =>
    withOrigin({ onRequest }, (b) =>
      withWorker(
        simpleConfig([a.address, b.address], {
          listener: { timeouts: { responseHead: '100ms' } },
          upstream: { connectionPool: { maxIdle: 0 }, health: { passive: { failures: 3, downFor: '1m' } } },
        }),
        (stage) => action(stage, [a, b]),
      ),
    ),
  );
}

async function statusOf(stage: Stage, text: string): Promise<number> {
  const client = await stage.connect();
  client.send(text);
  const { status } = await client.readResponse();
  client.destroy();
  return status;
}

function serversDown(stage: Stage): unknown[] {
  return stage.lines.filter(({ message }) => message === 'Server is down').map(({ fields }) => fields['server']);
}

const byClients: [what: string, treat: (request: OriginRequest) => void, text: string, status: number][] = [
  ['handshakes that servers drop', ({ connection }) => connection.destroy(), upgrade, 502],
  ['handshakes that servers end', ({ connection }) => connection.end(), upgrade, 502],
  ['a path that runs into timeouts.responseHead', () => undefined, get('/bad'), 504],
  ['answers that cannot be read', ({ connection }) => connection.write('garbage\r\n\r\n'), get('/bad'), 502],
  ['answers whose body has two readings', ({ connection }) => connection.write(twoReadings), get('/bad'), 502],
  ['answers of 500', ({ connection }) => connection.write('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'), get('/bad'), 500],
];

for (const [what, treat, text, status] of byClients) {
  test(`${what} take no server down`, () =>
    withTwo(
      (request) => (request.target === '/bad' ? treat(request) : request.connection.write(ok('well'))),
      async (stage, origins) => {
        const statuses = await Promise.all(Array.from({ length: times }, () => statusOf(stage, text)));
        assert.deepEqual(new Set(statuses), new Set([status]));
        assert.deepEqual(
          origins.map(({ requests }) => requests.length),
          [times / 2, times / 2],
        );
        assert.deepEqual(serversDown(stage), []);
        assert.equal(await statusOf(stage, get('/')), 200);
      },
    ));
}

test('connections that cannot be made take a server down', async () => {
  const refused = `127.0.0.1:${await unusedPort()}`;
  await withOrigin({ onRequest: ({ connection }) => connection.write(ok('well')) }, (origin) =>
    withWorker(simpleConfig([refused, origin.address], { upstream: { health: { passive: { failures: 3 } } } }), async (stage) => {
      for (let asked = 0; asked < times; asked++) assert.equal(await statusOf(stage, get('/')), 200);
      assert.deepEqual(serversDown(stage), [refused]);
      const tries = (await stage.logged(times)).map((line) => line['attempts']);
      assert.equal(tries.filter((count) => count === 2).length, 3);
    }),
  );
});

test('a server that closes without an answer and answers nobody is down', () =>
  withTwo(
    ({ connection }) => connection.destroy(),
    async (stage, origins) => {
      for (let asked = 0; asked < times; asked++) await statusOf(stage, get('/bad'));
      assert.deepEqual(
        origins.map(({ requests }) => requests.length),
        [3, 3],
      );
      assert.deepEqual(new Set(serversDown(stage)), new Set(origins.map(({ address }) => address)));
    },
  ));

test('a server that closes without an answer while it answers others is not', () => {
  const held: OriginRequest[] = [];
  return withTwo(
    (request) => {
      if (request.target === '/bad') held.push(request);
      else request.connection.write(ok('well'));
    },
    async (stage, origins) => {
      for (let asked = 1; asked <= times; asked++) {
        const status = statusOf(stage, get('/bad'));
        await waitFor('the request at its server', () => held.length === asked);
        const answering = origins.find(({ requests }) => requests.includes(held.at(-1)!))!;
        const before = answering.requests.length;
        while (answering.requests.length === before) assert.equal(await statusOf(stage, get('/good')), 200);
        held.at(-1)!.connection.destroy();
        assert.equal(await status, 502);
      }
      assert.deepEqual(serversDown(stage), []);
    },
  );
});
