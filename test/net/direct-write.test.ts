// Writing to a handle: done at once, done later, and failing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type DirectWriter, writeDirectly, writesDirectly } from '../../src/net/direct-write.js';
import { waitFor } from '../fixtures/wait-for.js';
import { acceptPair, received } from './connected-pair.js';

class RecordingWriter implements DirectWriter {
  readonly ends: number[] = [];
  takeDirectEnd(error: number): void {
    this.ends.push(error);
  }
}

test('this Node can be written to directly', () => {
  assert.equal(writesDirectly, true);
});

for (const transport of ['plain', 'unix'] as const) {
  test(`what the kernel takes at once has left, text and bytes (${transport})`, async (t) => {
    const { bytes, peer } = await acceptPair(t, transport);
    const got = received(peer);
    const writer = new RecordingWriter();
    assert.equal(writeDirectly(bytes.socket, 'caf\xe9 ', writer), 0);
    assert.equal(writeDirectly(bytes.socket, Buffer.from('\x00\xff', 'latin1'), writer), 0);
    await waitFor('both', () => got.text === 'caf\xe9 \x00\xff');
    assert.deepEqual(writer.ends, []);
  });

  test(`what it does not take is told of when it has left (${transport})`, async (t) => {
    const { bytes, peer } = await acceptPair(t, transport);
    const writer = new RecordingWriter();
    const all = Buffer.alloc(8_000_000, 'a');
    const queued = writeDirectly(bytes.socket, all, writer);
    assert.ok(queued > 0 && queued < all.length);
    assert.deepEqual(writer.ends, []);
    let count = 0;
    peer.on('data', (chunk: Buffer) => (count += chunk.length));
    await waitFor('the end', () => writer.ends.length === 1);
    assert.deepEqual(writer.ends, [0]);
    await waitFor('all bytes', () => count === all.length);
    assert.equal(writeDirectly(bytes.socket, 'b', writer), 0);
  });
}

test('a text that the kernel did not take is kept whole', async (t) => {
  const { bytes, peer } = await acceptPair(t, 'plain');
  const writer = new RecordingWriter();
  assert.ok(writeDirectly(bytes.socket, 'x'.repeat(8_000_000), writer) > 0);
  const got = received(peer);
  await waitFor('all of it', () => got.text.length === 8_000_000);
  assert.ok(/^x+$/.test(got.text));
});

test('who is destroyed while something is queued hears of it once', async (t) => {
  const { bytes } = await acceptPair(t, 'plain');
  const writer = new RecordingWriter();
  assert.ok(writeDirectly(bytes.socket, Buffer.alloc(8_000_000), writer) > 0);
  bytes.destroy();
  await waitFor('the news', () => writer.ends.length === 1);
  assert.ok(writer.ends[0]! < 0);
});

test('a socket that is gone is not written to', async (t) => {
  const { bytes } = await acceptPair(t, 'plain');
  bytes.destroy();
  assert.equal(writeDirectly(bytes.socket, 'x', new RecordingWriter()), -1);
});

test('a write that libuv finishes at its second try is not over before it says so', async () => {
  // Somebody who reads at the same time may make room between two tries: that takes another thread.
  const server = net.createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const reader = new Worker(`require('node:net').connect(${port}, '127.0.0.1').resume()`, { eval: true });
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  const data = Buffer.alloc(400_000, 'x');
  let told = 0;
  let late = 0;
  for (let i = 0; i < 3_000; i++) {
    await new Promise<void>((resolve) => {
      const takeDirectEnd = (error: number): void => {
        assert.equal(error, 0);
        told++;
        resolve();
      };
      const queued = writeDirectly(socket, data, { takeDirectEnd });
      assert.ok(queued >= 0);
      if (queued === 0) resolve();
      else late++;
    });
  }
  assert.equal(told, late);
  socket.destroy();
  server.close();
  await reader.terminate();
});
