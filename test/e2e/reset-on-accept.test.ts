// A server that resets connections the moment it has accepted them, often enough that the reset overtakes the request
// at every point: between connecting and writing, in the write, behind it. Only two processes bring that about.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { upgradeRequest, withScriptedServer } from './one-scripted-server.js';

const requests = [
  'GET / HTTP/1.1\r\nHost: limpet.test\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: 1000000\r\n\r\nonly the beginning',
  upgradeRequest,
];
const clientsAtATime = 4;
const requestsEach = 450;

test('every request to a server that resets at once is answered 502', { timeout: 60_000 }, () =>
  withScriptedServer(
    () => undefined,
    async ({ limpet }) => {
      const askMany = async (): Promise<void> => {
        for (let index = 0; index < requestsEach; index++) {
          const client = await RawClient.connect(limpet.port());
          client.send(requests[index % requests.length]!);
          assert.equal((await client.readResponse()).status, 502);
          client.destroy();
        }
      };
      await Promise.all(Array.from({ length: clientsAtATime }, askMany));
    },
    { onAccept: (connection) => void connection.resetAndDestroy() },
  ),
);
