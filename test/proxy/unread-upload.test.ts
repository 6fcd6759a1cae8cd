// A server that answers an upload without reading it and closes: writing to it fails while its answer waits to be read.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { RawClient } from '../fixtures/raw-client.js';
import { withOrigin } from './origin.js';
import { chunkedPost, simpleConfig, withWorker } from './stage.js';

const times = 30;
const tooLarge = 'HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge';
const piece = Buffer.alloc(100_000, 'x');

/** Reads until there is something, and then no more. What it leaves unread makes its close a reset. */
function answerUnread(connection: Socket): void {
  connection.removeAllListeners('data').removeAllListeners('end');
  connection.once('readable', () => connection.end(tooLarge, () => connection.destroy()));
}

const uploads: Record<string, (client: RawClient) => void> = {
  'with a length': (client) => {
    client.send(`POST / HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: ${10 * piece.length}\r\n\r\n`);
    for (let sent = 0; sent < 10; sent++) client.send(piece);
  },
  chunked: (client) => client.send(chunkedPost('/', Array<string>(10).fill(piece.toString()))),
};

for (const [framing, upload] of Object.entries(uploads)) {
  test(`its answer to an upload ${framing} reaches the client ${times} times of ${times}`, { timeout: 60_000 }, () =>
    withOrigin({ onAccept: (connection) => setImmediate(answerUnread, connection) }, (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        for (let time = 0; time < times; time++) {
          const client = await stage.connect();
          upload(client);
          const response = await client.readResponse();
          assert.deepEqual([response.status, response.body], [413, 'large'], `time ${time + 1}`);
          client.destroy();
        }
        assert.equal(origin.accepted, times);
      }),
    ),
  );
}
