// A WebSocket handshake that the server answers with something else than a 101 is an ordinary exchange: the answer
// arrives whole, cookie included, whatever its framing, and nothing leaks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { answerWith, upgradeRequest, withScriptedServer } from './one-scripted-server.js';

const refusals: Record<string, { text: string; status: number; body: string }> = {
  'a 403 with a length': { text: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\ngo away', status: 403, body: 'go away' },
  'a chunked 426': {
    text: 'HTTP/1.1 426 Upgrade Required\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n',
    status: 426,
    body: 'not here',
  },
  'a 200 until it closes': { text: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na page', status: 200, body: 'a page' },
  'an empty 401': {
    text: 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWWW-Authenticate: Basic realm=x\r\n\r\n',
    status: 401,
    body: '',
  },
};

for (const [name, { text, status, body }] of Object.entries(refusals)) {
  test(`a handshake answered with ${name} gets that answer`, { timeout: 30_000 }, async () => {
    await withScriptedServer(
      (connection) => (text.includes('Connection: close') ? connection.end(text) : connection.write(text)),
      async ({ limpet, server }) => {
        for (let times = 0; times < 10; times += 1) {
          const client = await RawClient.connect(limpet.port());
          client.send(upgradeRequest);
          const response = await client.readResponse();
          assert.equal(response.status, status);
          assert.equal(response.body, body);
          assert.match(response.fields.get('set-cookie') ?? '', /^route=/);
          client.destroy();
        }
        assert.match(server.heads[0] ?? '', /\r\nUpgrade: websocket\r\n/i);
      },
    );
  });
}

test('bytes that follow a handshake at once are held until the 101 and then reach the server, in order', { timeout: 30_000 }, async () => {
  await withScriptedServer(
    (connection, _head, rest) => {
      assert.equal(rest.length, 0, 'nothing may reach the server before it has agreed');
      connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nserver first');
      connection.on('data', (chunk) => connection.write(chunk));
    },
    async ({ limpet }) => {
      const client = await RawClient.connect(limpet.port());
      client.send(`${upgradeRequest}client first`);
      assert.equal((await client.readHead()).status, 101);
      client.send(' and more');
      assert.equal(await client.readBytes(33), 'server firstclient first and more');
      client.destroy();
    },
  );
});

test('after a refused handshake the bytes that followed it are not taken for a request', { timeout: 30_000 }, async () => {
  await withScriptedServer(
    (connection) => connection.write(answerWith('no')),
    async ({ limpet, server }) => {
      const client = await RawClient.connect(limpet.port());
      client.send(`${upgradeRequest}GET /smuggled HTTP/1.1\r\nHost: limpet.test\r\n\r\n`);
      assert.equal((await client.readResponse()).body, 'no');
      assert.equal(await client.untilEnd(), '');
      assert.equal(server.heads.length, 1);
      client.destroy();
    },
  );
});
