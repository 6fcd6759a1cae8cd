// Servers that vanish in each phase of an exchange: the client gets a 502 as long as no answer has begun, and a cut
// connection afterwards, never an answer that looks whole. Nothing stays behind.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { type Script, unusedPort } from '../fixtures/scripted-server.js';
import { startLimpet } from './limpet-process.js';
import { switchingProtocols, upgradeRequest, withScriptedServer } from './one-scripted-server.js';

const getRequest = 'GET / HTTP/1.1\r\nHost: limpet.test\r\n\r\n';
const postRequest = 'POST / HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: 1000000\r\n\r\nonly the beginning';

type Vanish = (connection: Socket) => void;
const manners: Record<string, Vanish> = {
  closes: (connection) => connection.end(),
  resets: (connection) => connection.resetAndDestroy(),
};

/** Sends `text` and, once the kernel has it, vanishes: a reset any earlier could overtake the text. */
function sendAndVanish(connection: Socket, text: string, vanish: Vanish): void {
  connection.write(text, 'latin1', () => setTimeout(vanish, 50, connection));
}

test('a server that refuses the connection is a 502', { timeout: 30_000 }, async () => {
  const port = await unusedPort();
  const limpet = await startLimpet({
    listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
    upstreams: { app: { servers: [`127.0.0.1:${port}`] } },
  });
  try {
    for (const request of [getRequest, 'POST / HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: 4\r\n\r\nbody', upgradeRequest]) {
      const client = await RawClient.connect(limpet.port());
      client.send(request);
      const { status } = await client.readResponse();
      assert.ok(status === 502 || status === 503, `${request.split('\r\n', 1)[0]} was answered ${status}`);
      client.destroy();
    }
    await limpet.waitForBaselineSockets();
    await limpet.stop();
  } finally {
    await limpet.kill();
  }
});

for (const [manner, vanish] of Object.entries(manners)) {
  test(`a server that ${manner} right after it accepted is a 502`, { timeout: 30_000 }, async () => {
    await withScriptedServer(
      () => undefined,
      async ({ limpet }) => {
        for (const request of [getRequest, postRequest, upgradeRequest]) await expectBadGateway(limpet.port(), request);
      },
      { onAccept: vanish },
    );
  });

  const beforeTheAnswer: Record<string, string> = {
    'before its head': '',
    'in its status line': 'HTTP/1.1 20',
    'in its head': 'HTTP/1.1 200 OK\r\nContent-Type: text/pl',
    'after an interim answer': 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n',
  };
  for (const [phase, text] of Object.entries(beforeTheAnswer)) {
    test(`a server that ${manner} ${phase} is a 502`, { timeout: 30_000 }, async () => {
      const script: Script = (connection) => sendAndVanish(connection, text, vanish);
      await withScriptedServer(script, async ({ limpet }) => {
        for (const request of [getRequest, postRequest]) await expectBadGateway(limpet.port(), request);
      });
    });
  }

  test(`a server that ${manner} in the head of its 101 is a 502`, { timeout: 30_000 }, async () => {
    const script: Script = (connection) => sendAndVanish(connection, 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso', vanish);
    await withScriptedServer(script, async ({ limpet }) => expectBadGateway(limpet.port(), upgradeRequest));
  });

  const cutBodies: Record<string, string> = {
    'in a body with a length': 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this',
    'in a chunk': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly this',
    'between chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n',
  };
  for (const [phase, text] of Object.entries(cutBodies)) {
    test(`when a server ${manner} ${phase} the client sees a cut answer, not a whole one`, { timeout: 30_000 }, async () => {
      const script: Script = (connection) => sendAndVanish(connection, text, vanish);
      await withScriptedServer(script, async ({ limpet }) => {
        const client = await RawClient.connect(limpet.port());
        client.send(getRequest);
        const head = await client.readHead();
        assert.equal(head.status, 200);
        const rest = await client.untilEnd();
        assert.match(rest, /only this/);
        assert.doesNotMatch(rest, /\r\n0\r\n/, 'the last chunk would say that this is all');
        client.destroy();
      });
    });
  }

  test(`when a server ${manner} in a tunnel the client's side ends`, { timeout: 30_000 }, async () => {
    const script: Script = (connection) => sendAndVanish(connection, `${switchingProtocols}first words`, vanish);
    await withScriptedServer(script, async ({ limpet }) => {
      const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.connect(limpet.port())));
      for (const client of clients) client.send(upgradeRequest);
      for (const client of clients) {
        assert.equal((await client.readHead()).status, 101);
        assert.equal(await client.untilEnd(), 'first words');
        client.end();
        client.destroy();
      }
    });
  });
}

test('a body without a length ends where the server closes, and is whole', { timeout: 30_000 }, async () => {
  const script: Script = (connection) => connection.end('HTTP/1.1 200 OK\r\n\r\nall of it');
  await withScriptedServer(script, async ({ limpet }) => {
    const client = await RawClient.connect(limpet.port());
    client.send(getRequest);
    assert.equal((await client.readResponse()).body, 'all of it');
    client.destroy();
  });
});

test('a server that closes a kept-alive connection just as it is used again costs no client an answer', { timeout: 60_000 }, async () => {
  const script: Script = (connection) => {
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', () => connection.end());
  };
  await withScriptedServer(script, async ({ limpet }) => {
    const client = await RawClient.connect(limpet.port());
    for (let times = 0; times < 100; times += 1) {
      client.send(getRequest);
      assert.equal((await client.readResponse()).status, 200);
    }
    client.destroy();
  });
});

async function expectBadGateway(port: number, request: string): Promise<void> {
  const client = await RawClient.connect(port);
  client.send(request);
  const response = await client.readResponse();
  assert.equal(response.status, 502, `${request.split('\r\n', 1)[0]} was answered ${response.status}`);
  client.destroy();
}
