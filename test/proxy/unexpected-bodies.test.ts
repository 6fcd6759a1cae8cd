// Bodies of methods for which a body means nothing: some servers never read one, and take it for the next request.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { withOrigin } from './origin.js';
import { get, ok, post, simpleConfig, withWorker } from './stage.js';

const hidden = 'GET /hidden HTTP/1.1\r\nHost: limpet.test\r\n\r\n';

/** Knows no bodies: whatever stands behind a head is the next one. Answers in order, the hidden request only when the second has come behind it. */
async function withServerThatReadsNoBodies(action: (address: string, accepted: () => number) => Promise<void>): Promise<void> {
  let accepted = 0;
  const open = new Set<Socket>();
  const server = createServer((connection) => {
    accepted++;
    open.add(connection);
    connection.on('error', () => undefined).on('close', () => open.delete(connection));
    let pending = '';
    connection.on('data', (data: Buffer) => {
      pending += data.toString('latin1');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const [, method, target] = /([A-Z]+) (\/\S*)/.exec(pending.slice(0, end)) ?? [];
        if (target === '/hidden' && !pending.includes('/second')) return;
        pending = pending.slice(end + 4);
        if (target !== undefined) connection.write(method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n' : ok(target));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await action(`127.0.0.1:${(server.address() as AddressInfo).port}`, () => accepted);
  } finally {
    for (const connection of open) connection.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

const framings = {
  'with a length': `Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
  chunked: `Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
};

for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
  for (const [framing, rest] of Object.entries(framings)) {
    test(`${method} with a body ${framing}: what the server makes of it is nobody else's answer`, () =>
      withServerThatReadsNoBodies((address, accepted) =>
        withWorker(simpleConfig([address]), async (stage) => {
          const [first, second] = [await stage.connect(), await stage.connect()];
          first.send(`${method} /first HTTP/1.1\r\nHost: limpet.test\r\n${rest}`);
          assert.equal((await first.readResponse(method)).status, 200);
          second.send(get('/second'));
          assert.equal((await second.readResponse()).body, '/second');
          assert.equal(accepted(), 2);
        }),
      ));
  }
}

for (const [what, text] of [
  ['POST with a body', post('/1', 'hello')],
  ['PUT with a body', post('/1', 'hello').replace('POST', 'PUT')],
  ['GET without a body', get('/1')],
  ['DELETE with an empty body', post('/1', '').replace('POST', 'DELETE')],
] as const) {
  test(`${what}: the connection to the server serves the next request`, () =>
    withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(target)) }, (origin) =>
      withWorker(simpleConfig([origin.address]), async (stage) => {
        for (const [asked, body] of [
          [text, '/1'],
          [get('/2'), '/2'],
        ] as const) {
          const client = await stage.connect();
          client.send(asked);
          assert.equal((await client.readResponse()).body, body);
        }
        assert.equal(origin.accepted, 1);
      }),
    ));
}
