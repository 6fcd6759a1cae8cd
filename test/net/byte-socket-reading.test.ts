// What a ByteSocket tells its reader, how it pauses, ends and resets, and how it is handed over.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { ByteSocket, defects, openSocketCount } from '../../src/net/byte-socket.js';
import { certificateFor } from '../fixtures/certificates.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { acceptPair, RecordingReader, received, transports } from './connected-pair.js';

for (const transport of transports) {
  test(`nothing is read while it is paused, and nothing is lost (${transport})`, async (t) => {
    const { bytes, reader, peer } = await acceptPair(t, transport);
    reader.take = () => bytes.pause();
    const total = 12_000_000;
    peer.write(Buffer.alloc(total, 'x'));
    await waitFor('the first bytes', () => bytes.isPaused);
    const other = await acceptPair(t, transport);
    other.peer.write('meanwhile');
    await waitFor('another connection to be read', () => other.reader.text === 'meanwhile');
    const before = reader.receivedBytes;
    // TLS gives at most what it had decrypted: one read of the socket below.
    assert.ok(before <= 1024 * 1024, `${before} bytes came`);
    reader.take = () => {};
    bytes.resume();
    await waitFor('the rest', () => reader.receivedBytes === total);
    // From outside, between two reads.
    bytes.pause();
    peer.write('!');
    other.peer.write(' and again');
    await waitFor('the other connection', () => other.reader.text === 'meanwhile and again');
    assert.equal(reader.receivedBytes, total);
    bytes.resume();
    await waitFor('one more byte', () => reader.receivedBytes === total + 1);
  });

  test(`each direction ends by itself (${transport})`, async (t) => {
    const { bytes, reader, peer } = await acceptPair(t, transport);
    const got = received(peer);
    bytes.writeText('our last');
    bytes.end();
    await waitFor('our end', () => got.hasEnded);
    assert.equal(got.text, 'our last');
    peer.write('their last');
    peer.end();
    await waitFor('their end', () => reader.closed !== null);
    assert.equal(reader.text, 'their last');
    assert.equal(reader.hasEnded, true);
    assert.equal(reader.closed?.error, null);
  });

  test(`after their end we may still write (${transport})`, async (t) => {
    const { bytes, reader, peer } = await acceptPair(t, transport);
    const got = received(peer);
    peer.end('done');
    await waitFor('their end', () => reader.hasEnded);
    assert.equal(reader.closed, null);
    bytes.writeText('answer');
    bytes.end();
    await waitFor('our end', () => got.hasEnded && reader.closed !== null);
    assert.equal(got.text, 'answer');
  });

  for (const when of ['at once', 'after our end']) {
    test(`a reset closes the connection ${when} (${transport})`, async (t) => {
      const { bytes, reader } = await acceptPair(t, transport);
      const open = openSocketCount();
      if (when === 'after our end') {
        bytes.writeText('whole');
        bytes.end();
      }
      await Promise.resolve();
      bytes.reset();
      await waitFor('the close', () => reader.closed !== null);
      assert.equal(openSocketCount(), open - 1);
    });
  }
}

test('a reset is seen as one by the other side', async (t) => {
  const { bytes, peer } = await acceptPair(t, 'plain');
  let code = '';
  peer.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? ''));
  peer.resume();
  bytes.reset();
  await waitFor('the error', () => code === 'ECONNRESET');
});

test('a reset that comes together with bytes is no orderly end', async (t) => {
  const server = net.createServer((socket) => {
    // Both in one turn, so that they are found together.
    socket.once('data', () => {
      socket.write('part');
      socket.resetAndDestroy();
    });
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reader = new RecordingReader();
  const { port } = server.address() as net.AddressInfo;
  const bytes = ByteSocket.connecting((onread) => net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, onread }), reader);
  bytes.writeText('go');
  await waitFor('the close', () => reader.closed !== null);
  assert.equal(reader.text, 'part');
  assert.equal(reader.hasEnded, false);
  assert.equal((reader.closed?.error as NodeJS.ErrnoException | null)?.code, 'ECONNRESET');
});

test('a connection that we open reads what the other side says first, and tells why it failed', async (t) => {
  const server = net.createServer((socket) => socket.end('220 ready'));
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connectTo = (port: number): RecordingReader => {
    const reader = new RecordingReader();
    ByteSocket.connecting((onread) => net.connect({ port, host: '127.0.0.1', onread }), reader);
    return reader;
  };
  const greeted = connectTo((server.address() as net.AddressInfo).port);
  await waitFor('the greeting', () => greeted.hasEnded);
  assert.equal(greeted.text, '220 ready');
  const refused = connectTo(await unusedPort());
  await waitFor('the refusal', () => refused.closed !== null);
  assert.equal((refused.closed?.error as NodeJS.ErrnoException | null)?.code, 'ECONNREFUSED');
});

test('a defect in a reader ends its connection and no other', async (t) => {
  const reported: unknown[] = [];
  t.mock.method(defects, 'report', (error: unknown) => reported.push(error));
  const broken = await acceptPair(t, 'plain');
  const sound = await acceptPair(t, 'plain');
  const defect = new Error('a defect');
  broken.reader.take = () => {
    throw defect;
  };
  broken.peer.write('trigger');
  await waitFor('the close', () => broken.reader.closed !== null);
  assert.deepEqual(reported, [defect]);
  const got = received(sound.peer);
  sound.reader.take = () => sound.bytes.writeText('still here');
  sound.peer.write('hello');
  await waitFor('the answer', () => got.text === 'still here');
});

test('a defect at the end of a connection is reported too', async (t) => {
  const reported: unknown[] = [];
  t.mock.method(defects, 'report', (error: unknown) => reported.push(error));
  const { reader, peer } = await acceptPair(t, 'plain');
  const defect = new Error('a defect');
  reader.onEnd = () => {
    throw defect;
  };
  peer.end();
  await waitFor('the close', () => reader.closed !== null);
  assert.deepEqual(reported, [defect]);
});

test('a connection is handed over with every byte that was read, to a TLS server', async (t) => {
  const certificate = await certificateFor('ec', 'pair.test');
  const server = tls.createServer({ cert: certificate.cert, key: certificate.key }, (secure) => secure.pipe(secure));
  const { bytes, reader, peer } = await acceptPair(t, 'plain');
  const open = openSocketCount();
  reader.take = (buffer, start, end) => void server.emit('connection', bytes.handOver(buffer, start, end));
  const secure = tls.connect({ socket: peer, rejectUnauthorized: false });
  t.after(() => secure.destroy());
  const got = received(secure);
  secure.write('through TLS');
  await waitFor('the echo', () => got.text === 'through TLS');
  assert.equal(openSocketCount(), open - 1, 'it is no ByteSocket any more');
  assert.equal(reader.closed, null);
});
