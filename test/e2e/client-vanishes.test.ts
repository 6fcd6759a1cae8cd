// Clients that vanish in each phase of an exchange, by a reset and by an ordinary close, ten at a time: the server is
// let go of, other clients are served, no socket stays behind, all counters return to zero.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import type { Script } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { answerWith, switchingProtocols, upgradeRequest, withScriptedServer } from './one-scripted-server.js';

interface Phase {
  readonly name: string;
  /** What the server does with a connection of the clients that vanish. */
  readonly server: Script;
  /** What the client sends before it vanishes. */
  readonly sends: string;
  /** What the client has seen before it vanishes. */
  readonly sees: RegExp;
  /** Whether the server has been reached when the client vanishes. */
  readonly reachesServer: boolean;
}

/** More than all the buffers on the way hold, so that a client that reads no further blocks everything behind it. */
const bytesOfBody = 40_000_000;
const flood = Buffer.alloc(bytesOfBody, 'x');
const silent: Script = () => undefined;

const phases: Phase[] = [
  { name: 'before it sends anything', server: silent, sends: '', sees: /^$/, reachesServer: false },
  {
    name: 'while it sends the head',
    server: silent,
    sends: 'GET / HTTP/1.1\r\nHost: limpet.test\r\nX-Half: ',
    sees: /^$/,
    reachesServer: false,
  },
  {
    name: 'while it sends a body with a length',
    server: silent,
    sends: `POST / HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: ${bytesOfBody}\r\n\r\n${'x'.repeat(1_000)}`,
    sees: /^$/,
    reachesServer: true,
  },
  {
    name: 'while it sends a chunked body',
    server: silent,
    sends: 'POST / HTTP/1.1\r\nHost: limpet.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n100\r\nhalf a chunk',
    sees: /^$/,
    reachesServer: true,
  },
  {
    name: 'while it waits for the answer',
    server: silent,
    sends: 'GET / HTTP/1.1\r\nHost: limpet.test\r\n\r\n',
    sees: /^$/,
    reachesServer: true,
  },
  {
    name: 'in the middle of an answer that trickles',
    server: (connection) => connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytesOfBody}\r\n\r\nfirst part`),
    sends: 'GET / HTTP/1.1\r\nHost: limpet.test\r\n\r\n',
    sees: /first part$/,
    reachesServer: true,
  },
  {
    name: 'in the middle of an answer that floods',
    server: (connection) => {
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytesOfBody}\r\n\r\n`);
      connection.write(flood);
    },
    sends: 'GET / HTTP/1.1\r\nHost: limpet.test\r\n\r\n',
    sees: /\r\n\r\nxxx/,
    reachesServer: true,
  },
  { name: 'while its handshake waits', server: silent, sends: upgradeRequest, sees: /^$/, reachesServer: true },
  {
    name: 'in a quiet tunnel',
    server: (connection) => connection.write(switchingProtocols),
    sends: upgradeRequest,
    sees: /^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/,
    reachesServer: true,
  },
  {
    name: 'in a tunnel that floods',
    server: (connection) => {
      connection.write(switchingProtocols);
      connection.write(flood);
    },
    sends: upgradeRequest,
    sees: /\r\n\r\nxxx/,
    reachesServer: true,
  },
];

const atATime = 10;

/** Requests with this path are answered, whatever the phase does with others. */
const plainRequest = 'GET /plain HTTP/1.1\r\nHost: limpet.test\r\nConnection: close\r\n\r\n';

for (const phase of phases) {
  for (const manner of ['reset', 'close'] as const) {
    test(`clients that ${manner} ${phase.name} leave nothing behind`, { timeout: 60_000 }, async () => {
      const script: Script = (connection, head, rest) => {
        if (head.startsWith('GET /plain ')) connection.write(answerWith('plain'));
        else phase.server(connection, head, rest);
      };
      await withScriptedServer(script, async ({ limpet, server }) => {
        const clients = await Promise.all(Array.from({ length: atATime }, () => RawClient.connect(limpet.port())));
        for (const client of clients) {
          client.socket.on('data', () => {
            if (phase.sees.test(client.received)) client.socket.pause();
          });
          client.send(phase.sends);
        }
        if (phase.reachesServer) await waitFor('the server to see them all', () => server.heads.length === atATime);
        await Promise.all(clients.map((client) => client.until(({ received }) => phase.sees.test(received))));
        for (const client of clients) vanish(client.socket, manner);
        await waitFor('the server to be let go of', () => server.openConnections() === 0);
        const other = await RawClient.connect(limpet.port());
        other.send(plainRequest);
        assert.equal((await other.readResponse()).body, 'plain');
        other.destroy();
      });
    });
  }
}

function vanish(socket: Socket, manner: 'reset' | 'close'): void {
  if (manner === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}
