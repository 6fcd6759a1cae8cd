// TCP mode over real sockets: bytes both ways untouched, half-close in either direction, the next server when one does
// not take the connection, and nothing left behind when either side vanishes.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { RawClient } from '../fixtures/raw-client.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';

interface TcpServer {
  readonly address: string;
  readonly connections: Socket[];
  readonly server: Server;
}

async function startTcpServer(onConnection: (connection: Socket) => void): Promise<TcpServer> {
  const connections: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    connections.push(connection);
    connection.on('error', () => undefined);
    onConnection(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections, server };
}

/** Limpet in TCP mode in front of these servers; afterwards the servers let go and nothing may be left. */
async function withTcpListener(servers: string[], ours: TcpServer[], action: (limpet: LimpetProcess) => Promise<void>): Promise<void> {
  try {
    const limpet = await startLimpet({
      listeners: { raw: { address: '127.0.0.1:0', mode: 'tcp', upstream: 'line' } },
      upstreams: { line: { servers } },
    });
    try {
      await action(limpet);
      for (const connection of ours.flatMap((server) => server.connections)) connection.destroy();
      await limpet.waitForBaselineSockets();
      await limpet.stop();
    } finally {
      await limpet.kill();
    }
  } finally {
    for (const { server, connections } of ours) {
      for (const connection of connections) connection.destroy();
      server.close();
    }
  }
}

test('TCP mode carries bytes both ways unchanged, more than any buffer holds', { timeout: 60_000 }, async () => {
  const echo = await startTcpServer((connection) => connection.pipe(connection));
  await withTcpListener([echo.address], [echo], async (limpet) => {
    const sent = randomBytes(20_000_000);
    const client = await RawClient.connect(limpet.port('raw'));
    const hash = createHash('sha256');
    let received = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      received += chunk.length;
    });
    client.socket.end(sent);
    await client.untilEnd(30_000);
    assert.equal(received, sent.length);
    assert.equal(hash.digest('hex'), createHash('sha256').update(sent).digest('hex'));
  });
});

test('in TCP mode the server may speak first', { timeout: 30_000 }, async () => {
  const greeter = await startTcpServer((connection) => connection.write('220 ready\r\n'));
  await withTcpListener([greeter.address], [greeter], async (limpet) => {
    const client = await RawClient.connect(limpet.port('raw'));
    assert.equal(await client.readThrough('\r\n'), '220 ready\r\n');
    client.destroy();
  });
});

test('in TCP mode a client that ends its side still gets the whole answer', { timeout: 30_000 }, async () => {
  const answersAtTheEnd = await startTcpServer((connection) => {
    let received = '';
    connection.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    connection.on('end', () => connection.end(`you said ${received}`));
  });
  await withTcpListener([answersAtTheEnd.address], [answersAtTheEnd], async (limpet) => {
    const client = await RawClient.connect(limpet.port('raw'));
    client.send('all of it');
    client.end();
    assert.equal(await client.untilEnd(), 'you said all of it');
  });
});

test('in TCP mode a server that ends its side still gets what the client says', { timeout: 30_000 }, async () => {
  let received = '';
  const endsFirst = await startTcpServer((connection) => {
    connection.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    connection.end('bye');
  });
  await withTcpListener([endsFirst.address], [endsFirst], async (limpet) => {
    const client = await RawClient.connect(limpet.port('raw'));
    assert.equal(await client.untilEnd(), 'bye');
    client.send('one more thing');
    client.end();
    await waitFor('the server to hear it', () => received === 'one more thing');
    await waitFor('the server to hear the end', () => endsFirst.connections[0]?.readableEnded);
  });
});

test('in TCP mode a server that refuses the connection is passed over, every time', { timeout: 30_000 }, async () => {
  const good = await startTcpServer((connection) => connection.end('good'));
  const dead = `127.0.0.1:${await unusedPort()}`;
  await withTcpListener([dead, good.address], [good], async (limpet) => {
    for (let times = 0; times < 10; times += 1) {
      const client = await RawClient.connect(limpet.port('raw'));
      assert.equal(await client.untilEnd(), 'good');
      client.end();
    }
  });
});

test('in TCP mode, with no server to connect to, the client is closed', { timeout: 30_000 }, async () => {
  await withTcpListener([`127.0.0.1:${await unusedPort()}`], [], async (limpet) => {
    let text = '';
    const code = await new Promise<string>((resolve) => {
      const client = connect(limpet.port('raw'), '127.0.0.1').setEncoding('latin1');
      client.on('data', (piece) => (text += piece));
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      client.once('end', () => client.destroy());
      client.once('close', () => resolve(''));
    });
    assert.equal(text, '');
    // It may be closed before it has noticed that it was connected, which Node then tells as an error of connecting.
    assert.ok(code === '' || code === 'ECONNRESET', code);
  });
});

test('in TCP mode a reset on either side ends the other', { timeout: 30_000 }, async () => {
  const echo = await startTcpServer((connection) => connection.pipe(connection));
  await withTcpListener([echo.address], [echo], async (limpet) => {
    for (const side of ['client', 'server'] as const) {
      const client = await RawClient.connect(limpet.port('raw'));
      client.send('hello');
      assert.equal(await client.readBytes(5), 'hello');
      const connection = echo.connections.at(-1) as Socket;
      if (side === 'client') {
        client.reset();
        await waitFor('the server side to end', () => connection.destroyed || connection.readableEnded);
      } else {
        connection.resetAndDestroy();
        await client.untilEnd();
        client.destroy();
      }
    }
  });
});
