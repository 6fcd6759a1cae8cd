// The server name in a ClientHello.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import fc from 'fast-check';
import { maxClientHelloBytes, readServerName } from '../../src/wire/client-hello.js';

/** The first bytes that a real TLS client sends. */
function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.once('data', (bytes) => {
        resolve(bytes);
        socket.destroy();
        server.close();
      });
      socket.on('error', reject);
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }).on('error', () => {});
    });
  });
}

/** The same handshake bytes in records of at most `size` bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const handshake = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < handshake.length; at += size) {
    const part = handshake.subarray(at, at + size);
    records.push(Buffer.from([0x16, 3, 1, part.length >> 8, part.length & 0xff]), part);
  }
  return Buffer.concat(records);
}

test('the name of a real client is found, in every TLS version, however the records are cut', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const hello = await helloOf({ servername: 'app.example', minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] });
    for (let end = 0; end < hello.length; end++)
      assert.equal(readServerName(hello.subarray(0, end)), null, `${version} after ${end} bytes`);
    assert.equal(readServerName(hello), 'app.example');
    assert.equal(readServerName(Buffer.concat([hello, Buffer.from('more')])), 'app.example');
    for (const size of [4, 5, 37, 100]) assert.equal(readServerName(inRecords(hello, size)), 'app.example', `records of ${size}`);
  }
});

test('a client that asks for no name gives none', async () => {
  assert.equal(readServerName(await helloOf({})), '');
});

test('what is no ClientHello gives no name at once', () => {
  for (const text of [
    'G',
    'GET / HTTP/1.1\r\n',
    '\x16\x03\x01\x00\x04\x02\x00\x00\x00',
    '\x16\x03\x01\x00\x00',
    '\x16\x03\x01\x00\x02\x01\x00',
  ]) {
    assert.equal(readServerName(Buffer.from(text, 'latin1')), '', JSON.stringify(text));
  }
});

test('a ClientHello without end is given up', () => {
  const endless = inRecords(Buffer.concat([Buffer.alloc(5), Buffer.from([1, 0xff, 0xff, 0xff]), Buffer.alloc(20_000)]), 1000);
  assert.equal(readServerName(endless.subarray(0, maxClientHelloBytes - 1)), null);
  assert.equal(readServerName(endless.subarray(0, maxClientHelloBytes)), '');
});

test('mutated hellos never throw', async () => {
  const hello = await helloOf({ servername: 'app.example' });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 5 }), fc.nat(hello.length), (edits, end) => {
      const bytes = Buffer.from(hello);
      for (const [at, value] of edits) bytes[at] = value;
      const name = readServerName(bytes.subarray(0, end));
      assert.ok(name === null || typeof name === 'string');
    }),
    { numRuns: 500 },
  );
});
