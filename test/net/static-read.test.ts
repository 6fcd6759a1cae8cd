// Reading without streams: that Node's inside is found, and that all works without it.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { readsAcceptedStatically } from '../../src/net/static-read.js';
import { certificateFor } from '../fixtures/certificates.js';
import { waitFor } from '../fixtures/wait-for.js';
import { acceptPair, received, type Transport, transports } from './connected-pair.js';

test('this Node lets accepted sockets be read statically', () => {
  assert.equal(readsAcceptedStatically, true);
});

for (const transport of transports) {
  test(`all reads of a connection go to one buffer until bulk comes (${transport})`, async (t) => {
    const { reader, peer } = await acceptPair(t, transport);
    const buffers = new Set<Buffer>();
    reader.take = (buffer) => void buffers.add(buffer);
    for (const text of ['one', 'two', 'three']) {
      const before = reader.receivedBytes;
      peer.write(text);
      await waitFor(text, () => reader.receivedBytes === before + text.length);
    }
    assert.equal(buffers.size, 1);
    assert.equal(reader.text, 'onetwothree');
  });
}

/** As on a Node that has no such method. */
function hideStaticReads(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: { useUserBuffer?: unknown } };
  handle.useUserBuffer = undefined;
}

for (const transport of ['plain', 'tls', 'unix'] satisfies Transport[]) {
  test(`without it, connections are read by events, paused and resumed (${transport})`, async (t) => {
    const { bytes, reader, peer } = await acceptPair(t, transport, hideStaticReads);
    reader.take = () => bytes.pause();
    const total = 12_000_000;
    peer.write(Buffer.alloc(total, 'x'));
    await waitFor('the first bytes', () => bytes.isPaused);
    assert.ok(reader.receivedBytes < total);
    reader.take = () => {};
    bytes.resume();
    await waitFor('the rest', () => reader.receivedBytes === total);
    const got = received(peer);
    peer.end();
    await waitFor('the end', () => reader.hasEnded);
    bytes.writeText('bye');
    bytes.end();
    await waitFor('our end', () => got.hasEnded);
    assert.equal(got.text, 'bye');
  });
}

test('without it, a connection is handed over to a TLS server all the same', async (t) => {
  const certificate = await certificateFor('ec', 'pair.test');
  const server = tls.createServer({ cert: certificate.cert, key: certificate.key }, (secure) => secure.pipe(secure));
  const { bytes, reader, peer } = await acceptPair(t, 'plain', hideStaticReads);
  reader.take = (buffer, start, end) => void server.emit('connection', bytes.handOver(buffer, start, end));
  const secure = tls.connect({ socket: peer, rejectUnauthorized: false });
  t.after(() => secure.destroy());
  const got = received(secure);
  secure.write('through TLS');
  await waitFor('the echo', () => got.text === 'through TLS');
});
