// What becomes of a connection after a 101: every byte passes, in both directions, until both have ended.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { type Origin, type OriginRequest, withOrigin } from './origin.js';
import { get, ok, type Stage, simpleConfig, withWorker } from './stage.js';

const upgrade = get('/chat', 'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n');
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: b\r\n\r\n';

/** A server that switches and then sends back what it gets; its own reader sees nothing more of the connection. */
function echo({ connection }: OriginRequest): void {
  connection.removeAllListeners('data').removeAllListeners('end');
  connection.on('data', (data: Buffer) => connection.write(data));
  connection.on('end', () => connection.end('bye'));
  connection.write(switching);
}

function withTunnelServer(
  onRequest: (request: OriginRequest) => void,
  action: (stage: Stage, origin: Origin) => Promise<void>,
  listener: Record<string, unknown> = {},
): Promise<void> {
  return withOrigin({ onRequest }, (origin) => withWorker(simpleConfig([origin.address], { listener }), (stage) => action(stage, origin)));
}

test('the handshake passes with its fields, and the tunnel is counted', () =>
  withTunnelServer(echo, async (stage, origin) => {
    const client = await stage.connect();
    client.send(upgrade);
    const head = await client.readHead();
    assert.equal(head.status, 101);
    assert.deepEqual(
      ['connection', 'upgrade', 'sec-websocket-accept'].map((name) => head.fields.get(name)),
      ['Upgrade', 'websocket', 'b'],
    );
    const { fields } = origin.requests[0]!;
    assert.deepEqual([fields.get('connection'), fields.get('upgrade'), fields.get('sec-websocket-key')], ['Upgrade', 'websocket', 'a']);
    assert.equal(stage.worker.counters.tunnels, 1);
    assert.equal(stage.worker.counters.activeExchanges, 0);
    client.send('hello');
    assert.equal(await client.readBytes(5), 'hello');
    client.end();
    assert.equal(await client.untilEnd(), 'bye');
    const [line] = await stage.logged(1);
    assert.deepEqual([line!['status'], line!['fault']], [101, null]);
  }));

test('nothing is lost of what comes right behind the heads', () =>
  withTunnelServer(
    (request) => {
      echo(request);
      request.connection.write('welcome ');
    },
    async (stage) => {
      const client = await stage.connect();
      client.send(`${upgrade}early`);
      await client.readHead();
      assert.equal(await client.readBytes(13), 'welcome early');
    },
  ));

test('what a client has sent before it ended reaches the server, also when the end comes first to be seen', () =>
  withTunnelServer(
    ({ connection }) => {
      let text = '';
      connection.removeAllListeners('data').removeAllListeners('end');
      connection.on('data', (data: Buffer) => {
        text += data.toString();
      });
      connection.on('end', () => connection.end(`got ${text}`));
      setTimeout(() => connection.write(switching), 100);
    },
    async (stage) => {
      const client = await stage.connect();
      client.send(`${upgrade}all I have`);
      client.end();
      await client.readHead();
      assert.equal(await client.untilEnd(), 'got all I have');
    },
    { abortOnClose: false },
  ));

test('a refused upgrade is the ordinary answer that it is', () =>
  withTunnelServer(
    ({ connection }) => connection.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'),
    async (stage, origin) => {
      const client = await stage.connect();
      client.send(upgrade);
      const response = await client.readResponse();
      assert.deepEqual([response.status, response.body], [403, 'no']);
      assert.equal(await client.untilEnd(), '');
      assert.equal(stage.worker.counters.tunnels, 0);
      assert.equal(origin.requests.length, 1);
    },
  ));

test('a 101 that nobody asked for is a 502', () =>
  withTunnelServer(echo, async (stage, origin) => {
    const client = await stage.connect();
    client.send(get('/'));
    assert.equal((await client.readResponse()).status, 502);
    assert.equal(await stage.faultOf(1), 'unasked-upgrade');
    await waitFor('the server to be let go of', () => origin.open.size === 0);
  }));

test('an upgrade that the route does not allow goes on as a plain request', () =>
  withTunnelServer(
    ({ connection, fields }) => connection.write(ok(`upgrade ${fields.get('upgrade')}`)),
    async (stage) => {
      const client = await stage.connect();
      client.send(get('/', 'Connection: Upgrade\r\nUpgrade: other\r\n'));
      assert.equal((await client.readResponse()).body, 'upgrade undefined');
    },
  ));

test('a reset of either side is passed on as one', async () => {
  await withTunnelServer(echo, async (stage, origin) => {
    const client = await stage.connect();
    client.send(upgrade);
    await client.readHead();
    const { connection } = origin.requests[0]!;
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => connection.once('error', resolve));
    client.reset();
    assert.equal((await failed).code, 'ECONNRESET');
    assert.equal(await stage.faultOf(1), 'tunnel-client-reset');
  });
  await withTunnelServer(echo, async (stage, origin) => {
    const client = await stage.connect();
    client.send(upgrade);
    await client.readHead();
    origin.requests[0]!.connection.resetAndDestroy();
    await client.untilEnd();
    assert.equal((client.error as NodeJS.ErrnoException | null)?.code, 'ECONNRESET');
    assert.equal(await stage.faultOf(1), 'tunnel-reset');
  });
});

test('tunnelIdle: a tunnel without a byte ends, one with a byte now and then does not', () =>
  withTunnelServer(
    echo,
    async (stage) => {
      const [quiet, busy] = [await stage.connect(), await stage.connect()];
      for (const client of [quiet, busy]) {
        client.send(upgrade);
        await client.readHead();
      }
      const beat = setInterval(() => busy.send('.'), 50);
      try {
        await quiet.untilEnd();
        assert.equal(await stage.faultOf(1), 'tunnel-idle');
        await busy.until(({ pending }) => pending.length >= 15);
        assert.equal(busy.hasEnded, false);
      } finally {
        clearInterval(beat);
      }
      busy.end();
      await busy.untilEnd();
    },
    { timeouts: { tunnelIdle: '250ms' } },
  ));

test('halfClosed: the other side has so long to follow', () =>
  withTunnelServer(
    ({ connection }) => {
      connection.removeAllListeners('data').removeAllListeners('end').resume();
      connection.write(switching);
    },
    async (stage) => {
      const client = await stage.connect();
      client.send(upgrade);
      await client.readHead();
      client.end();
      await client.untilEnd();
      assert.equal(await stage.faultOf(1), 'tunnel-half-closed');
      await waitFor('the server to be let go of', () => stage.worker.counters.serverConnections === 0);
    },
    { timeouts: { halfClosed: '150ms' } },
  ));

test('a slow side of a tunnel slows the other down', { timeout: 30_000 }, () =>
  withTunnelServer(echo, async (stage) => {
    const client = await stage.connect();
    client.send(upgrade);
    await client.readHead();
    const bytes = Buffer.alloc(16 * 1024 * 1024, 'x');
    client.socket.pause();
    client.send(bytes);
    await waitFor('the tunnel to be full', () => client.socket.writableLength > 0 && stage.worker.counters.leases <= 2);
    let received = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (data: Buffer) => {
      received += data.length;
    });
    client.socket.resume();
    await waitFor('all of it to be back', () => received === bytes.length, 20_000);
  }),
);

// The same in TCP mode, where there is no head.

function withTcp(origin: Origin, more: Record<string, unknown>, action: (stage: Stage) => Promise<void>): Promise<void> {
  const upstream = { servers: [origin.address], ...more };
  return withWorker({ listeners: { raw: { address: '127.0.0.1:0', mode: 'tcp', upstream: 'app' } }, upstreams: { app: upstream } }, action);
}

test('in TCP mode what a client sends and ends at once arrives, behind the PROXY protocol header', () => {
  let text = '';
  const onAccept = (connection: Socket): void => {
    connection.removeAllListeners('end');
    connection.on('data', (data: Buffer) => {
      text += data.toString();
    });
    connection.on('end', () => connection.end('answer'));
  };
  return withOrigin({ onAccept }, (origin) =>
    withTcp(origin, { proxyProtocol: 'v1' }, async (stage) => {
      const client = await stage.connect('raw');
      client.send('all I have');
      client.end();
      assert.equal(await client.untilEnd(), 'answer');
      assert.match(text, /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\nall I have$/);
      text = '';
      const silent = await stage.connect('raw');
      silent.end();
      assert.equal(await silent.untilEnd(), 'answer');
      assert.match(text, /^PROXY TCP4 [^\r]*\r\n$/);
    }),
  );
});
