// Who is slow slows the other side down, and what waits between them stays small.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../fixtures/wait-for.js';
import { queuedForClients, queuedOnEnding, takenByKernel, untilStalled } from './flow.js';
import { withOrigin } from './origin.js';
import { get, ok, simpleConfig, withWorker } from './stage.js';

const total = 48 * 1024 * 1024;
/** What the process may hold of it: one leased read, its framing, a head. The kernel's buffers on loopback take megabytes more. */
const mayWait = 300 * 1024;

/** For so long a connection that was ended is kept for its client to close it too. */
const lingerMs = 5_000;

const answers = {
  'with a length': (body: Buffer) => [`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`, body, ''] as const,
  chunked: (body: Buffer) =>
    [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'] as const,
};

for (const [framing, answer] of Object.entries(answers)) {
  test(`a client that reads nothing stops the server that answers it ${framing}`, { timeout: 60_000 }, () => {
    const parts = answer(Buffer.alloc(total));
    return withOrigin(
      {
        onRequest: ({ connection }) => {
          for (const part of parts) connection.write(part, 'latin1');
        },
      },
      (origin) =>
        withWorker(simpleConfig([origin.address]), async (stage) => {
          const client = await stage.connect();
          client.socket.pause();
          client.send(get('/'));
          await waitFor('the request', () => origin.requests.length === 1);
          const { connection } = origin.requests[0]!;
          await untilStalled(() => connection.bytesWritten - connection.writableLength);
          assert.ok(connection.writableLength > 0, 'the server could send everything');
          assert.ok(queuedForClients(stage) <= mayWait, `${queuedForClients(stage)} bytes wait`);
          assert.ok(stage.worker.counters.leases <= 4, `${stage.worker.counters.leases} leases`);
          client.socket.removeAllListeners('data');
          let received = 0;
          client.socket.on('data', (data: Buffer) => {
            received += data.length;
          });
          client.socket.resume();
          await waitFor('the whole answer', () => received > total, 30_000);
        }),
    );
  });
}

test('a server that reads nothing stops the client that sends to it', { timeout: 60_000 }, () =>
  withOrigin(
    {
      onHead: ({ connection }) => connection.pause(),
      onRequest: ({ connection, body }) => connection.write(ok(String(body.length))),
    },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const client = await stage.connect();
        client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`);
        await waitFor('the request', () => origin.requests.length === 1);
        client.send(Buffer.alloc(total));
        await untilStalled(() => client.socket.bytesWritten - client.socket.writableLength);
        assert.ok(client.socket.writableLength > 0, 'the client could send everything');
        assert.ok(stage.worker.counters.leases <= 4, `${stage.worker.counters.leases} leases`);
        origin.requests[0]!.connection.resume();
        assert.equal((await client.readResponse()).body, String(total));
      }),
  ),
);

test('other clients are served meanwhile', { timeout: 60_000 }, () =>
  withOrigin(
    { onRequest: ({ connection, target }) => connection.write(target === '/flood' ? ok('x'.repeat(total / 4)) : ok('quick')) },
    (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        const slow = await Promise.all(Array.from({ length: 4 }, () => stage.connect()));
        for (const client of slow) {
          client.socket.pause();
          client.send(get('/flood'));
        }
        await waitFor('the floods', () => origin.requests.length === 4);
        const other = await stage.connect();
        for (let times = 0; times < 20; times++) {
          other.send(get('/quick'));
          assert.equal((await other.readResponse()).body, 'quick');
        }
      }),
  ),
);

test('slow clients of connections that are to close get their answers to the end', { timeout: 60_000 }, () => {
  const lengthOf = (target: string): number => Number(target.slice(1));
  return withOrigin({ onRequest: ({ connection, target }) => connection.write(ok('x'.repeat(lengthOf(target)))) }, (origin) =>
    withWorker(simpleConfig([origin.address]), async (stage) => {
      const measuring = await stage.connect();
      measuring.socket.pause();
      measuring.send(get(`/${total}`));
      await waitFor('the request', () => origin.requests.length === 1);
      const inKernel = await untilStalled(() => takenByKernel(stage));
      measuring.destroy();
      await stage.logged(1);

      // Around what the kernel takes, so that the end of some answers waits in the process.
      const readers = Array.from({ length: 20 }, (_, index) => ({
        bodyBytes: inKernel + (index - 6) * 20_000,
        received: 0,
        hasEnded: false,
      }));
      for (const reader of readers) {
        const client = await stage.connect();
        client.socket.removeAllListeners('data').pause();
        client.send(get(`/${reader.bodyBytes}`, 'Connection: close\r\n'));
        setTimeout(() => client.socket.on('data', (data: Buffer) => void (reader.received += data.length)).resume(), lingerMs + 2_500);
        client.socket.on('close', () => void (reader.hasEnded = true)).on('end', () => void (reader.hasEnded = true));
      }
      await untilStalled(() => takenByKernel(stage));
      assert.ok(queuedOnEnding(stage) > 0, 'no end of an answer waits in the process');
      await waitFor('the ends', () => readers.every(({ hasEnded }) => hasEnded), 40_000);
      for (const { received, bodyBytes } of readers) assert.ok(received > bodyBytes, `only ${received} of ${bodyBytes} bytes came`);
    }),
  );
});
