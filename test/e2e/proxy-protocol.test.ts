// PROXY protocol in and out over real sockets: the client that the header names is the client for forwarded fields, the
// access log and the next hop; who is not listed or sends no header gets nothing.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { startHttpOrigin } from '../fixtures/http-origin.js';
import { proxyHeaderV1, proxyHeaderV2 } from '../fixtures/proxy-header.js';
import { RawClient } from '../fixtures/raw-client.js';
import { type ConfigData, type LimpetProcess, startLimpet } from './limpet-process.js';

const request = 'GET /echo HTTP/1.1\r\nHost: limpet.test\r\n\r\n';

async function withLimpet(config: ConfigData, action: (limpet: LimpetProcess) => Promise<void>): Promise<LimpetProcess> {
  const limpet = await startLimpet(config);
  try {
    await action(limpet);
    await limpet.stop();
  } finally {
    await limpet.kill();
  }
  return limpet;
}

function configWith(address: string, proxyProtocol: object): ConfigData {
  return {
    listeners: { web: { address: '127.0.0.1:0', proxyProtocol, routes: [{ upstream: 'app' }] } },
    upstreams: { app: { servers: [address] } },
  };
}

test('in: the client that a header of version 1 or 2 names is the client', { timeout: 30_000 }, async (t) => {
  const origin = await startHttpOrigin();
  t.after(() => origin.close());
  const limpet = await withLimpet(configWith(origin.address, { from: ['127.0.0.0/8'] }), async (limpet) => {
    for (const header of [proxyHeaderV1('192.0.2.7', 5555, 80), proxyHeaderV2('192.0.2.8', 6666, 80)]) {
      const client = await RawClient.connect(limpet.port());
      client.send(header);
      for (let times = 0; times < 2; times += 1) {
        client.send(request);
        const echo = JSON.parse((await client.readResponse()).body) as { headers: Record<string, string> };
        assert.equal(echo.headers['x-forwarded-for'], header.includes('PROXY') ? '192.0.2.7' : '192.0.2.8');
      }
      client.destroy();
    }
  });
  const log = JSON.stringify(await limpet.accessLog());
  assert.match(log, /192\.0\.2\.7/);
  assert.match(log, /192\.0\.2\.8/);
});

test('in: a header that comes byte by byte, with the request right behind it, is read', { timeout: 30_000 }, async (t) => {
  const origin = await startHttpOrigin();
  t.after(() => origin.close());
  await withLimpet(configWith(origin.address, { from: ['127.0.0.0/8'] }), async (limpet) => {
    for (const header of [proxyHeaderV1('192.0.2.7', 5555, 80), proxyHeaderV2('192.0.2.7', 5555, 80)]) {
      const client = await RawClient.connect(limpet.port());
      const bytes = Buffer.concat([header, Buffer.from(request)]);
      for (const byte of bytes) await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
      assert.match((await client.readResponse()).body, /"x-forwarded-for":"192\.0\.2\.7"/);
      client.destroy();
    }
  });
});

test('in: without a header, or from an address that is not listed, the connection is closed without an answer', {
  timeout: 30_000,
}, async (t) => {
  const origin = await startHttpOrigin();
  t.after(() => origin.close());
  const expectNothing = async (limpet: LimpetProcess, bytes: (string | Buffer)[]) => {
    const client = await RawClient.connect(limpet.port());
    for (const part of bytes) client.send(part);
    assert.equal(await client.untilEnd(), '');
    client.destroy();
  };
  await withLimpet(configWith(origin.address, { from: ['127.0.0.0/8'], timeout: '300ms' }), async (limpet) => {
    await expectNothing(limpet, [request]);
    await expectNothing(limpet, []);
    await expectNothing(limpet, ['PROXY TCP4 not an address at all\r\n', request]);
    await limpet.waitForBaselineSockets();
  });
  await withLimpet(configWith(origin.address, { from: ['10.0.0.0/8'] }), async (limpet) => {
    await expectNothing(limpet, [proxyHeaderV1('192.0.2.7', 5555, 80), request]);
    await limpet.waitForBaselineSockets();
  });
});

for (const version of ['v1', 'v2'] as const) {
  test(`out: a server of an upstream with ${version} gets the client's address before anything else, one connection per client`, {
    timeout: 30_000,
  }, async (t) => {
    const received: Buffer[] = [];
    const server = createServer((connection) => {
      connection.on('error', () => undefined);
      const index = received.push(Buffer.alloc(0)) - 1;
      connection.on('data', (chunk) => {
        received[index] = Buffer.concat([received[index] as Buffer, chunk]);
        const heads = chunk.toString('latin1').split('GET /').length - 1;
        for (let head = 0; head < heads; head += 1) connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const config = {
      listeners: { web: { address: '127.0.0.1:0', proxyProtocol: { from: ['127.0.0.0/8'] }, routes: [{ upstream: 'app' }] } },
      upstreams: { app: { servers: [`127.0.0.1:${(server.address() as AddressInfo).port}`], proxyProtocol: version } },
    };
    await withLimpet(config, async (limpet) => {
      for (const [ip, port] of [
        ['192.0.2.7', 5555],
        ['192.0.2.8', 6666],
      ] as const) {
        const client = await RawClient.connect(limpet.port());
        client.send(proxyHeaderV2(ip, port, limpet.port()));
        for (let times = 0; times < 2; times += 1) {
          client.send(request);
          assert.equal((await client.readResponse()).body, 'ok');
        }
        client.destroy();
      }
    });
    assert.equal(received.length, 2, 'a connection that was opened for one client carries no other');
    assertBeginsWithSource(received[0] as Buffer, version, '192.0.2.7', 5555);
    assertBeginsWithSource(received[1] as Buffer, version, '192.0.2.8', 6666);
  });
}

function assertBeginsWithSource(bytes: Buffer, version: 'v1' | 'v2', ip: string, port: number): void {
  if (version === 'v1') {
    assert.match(
      bytes.toString('latin1'),
      new RegExp(`^PROXY TCP4 ${ip.replaceAll('.', '\\.')} 127\\.0\\.0\\.1 ${port} \\d+\r\nGET /echo `),
    );
    return;
  }
  assert.deepEqual(bytes.subarray(0, 14), proxyHeaderV2(ip, port, 0).subarray(0, 14));
  assert.deepEqual(bytes.subarray(16, 20), proxyHeaderV2(ip, port, 0).subarray(16, 20));
  assert.equal(bytes.readUInt16BE(24), port);
  const length = bytes.readUInt16BE(14);
  assert.ok(bytes.toString('latin1', 16 + length).startsWith('GET /echo '));
}
