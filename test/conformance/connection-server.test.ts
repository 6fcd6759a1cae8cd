// What the wire rules mean for a connection to a server: malformed answers become 502, what cannot be finished is cut
// so that the client notices, and no answer ever reaches somebody else's request.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type LimpetProcess, startLimpet } from '../e2e/limpet-process.js';
import { RawClient } from '../fixtures/raw-client.js';
import { type ScriptedServer, startScriptedServer } from '../fixtures/scripted-server.js';

const ok = 'HTTP/1.1 200 OK\r\n';

/** Answers that no reader may trust: the client gets 502. */
const malformed: Readonly<Record<string, string>> = {
  'not HTTP': 'hello, world\r\n\r\n',
  'HTTP/0.9': '<html></html>\r\n\r\n',
  'a bare CR in a field': `${ok}X: a\rSet-Cookie: b=c\r\nContent-Length: 0\r\n\r\n`,
  'bare LF': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'a folded line': `${ok}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`,
  'a space before a colon': `${ok}Content-Length : 0\r\n\r\n`,
  'two lengths': `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`,
  'a length beside chunked': `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunked from HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'another coding': `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'a head too large': `${ok}X: ${'x'.repeat(128 * 1024)}\r\n\r\n`,
  'too many informational answers': `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(200)}${ok}Content-Length: 0\r\n\r\n`,
};

/** Raw answers by target, and how the connection goes on: kept, ended or reset. */
const answers: Readonly<Record<string, readonly [text: string, then: 'keep' | 'end' | 'reset']>> = {
  '/cut-length': [`${ok}Content-Length: 10\r\n\r\nhello`, 'end'],
  '/cut-chunked': [`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, 'end'],
  '/cut-by-reset': [`${ok}\r\nhello`, 'reset'],
  '/bad-chunk': [`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`, 'keep'],
  '/until-close': [`${ok}\r\nhello`, 'end'],
  '/surplus': [`${ok}Content-Length: 2\r\n\r\nok${ok}Content-Length: 7\r\n\r\npoisons`, 'keep'],
  '/fresh': [`${ok}Content-Length: 5\r\n\r\nfresh`, 'keep'],
  '/head': [`${ok}Content-Length: 5\r\n\r\n`, 'keep'],
  '/no-content': ['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 'keep'],
  '/not-modified': ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 'keep'],
  '/hints': [`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`, 'keep'],
  '/chunks': [`${ok}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\nContent-Length: 9\r\n\r\n`, 'keep'],
};

function answer(connection: Socket, head: string): void {
  const target = decodeURIComponent(head.split(' ')[1]!);
  const [text, then] = answers[target] ?? [malformed[target.slice(1)]!, 'end'];
  if (then === 'end') connection.end(text, 'latin1');
  else if (then === 'reset') connection.write(text, 'latin1', () => connection.resetAndDestroy());
  else connection.write(text, 'latin1');
}

describe('a connection to a server', () => {
  let server: ScriptedServer;
  let limpet: LimpetProcess;

  before(async () => {
    server = await startScriptedServer((connection, head) => {
      answer(connection, head);
      let received = '';
      connection.on('data', (data: Buffer) => {
        received += data.toString('latin1');
        for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
          answer(connection, received.slice(0, end));
          received = received.slice(end + 4);
        }
      });
    });
    limpet = await startLimpet({
      listeners: { web: { address: '127.0.0.1:0', upstream: 'app' } },
      upstreams: { app: { servers: [server.address], health: { passive: 'off' } } },
    });
  });

  after(async () => {
    await server?.close();
    await limpet?.stop();
  });

  async function withAnswer(target: string, action: (client: RawClient) => Promise<void>, line = `GET ${target} HTTP/1.1`): Promise<void> {
    const client = await RawClient.connect(limpet.port('web'));
    try {
      client.send(`${line}\r\nHost: a\r\n\r\n`);
      await action(client);
    } finally {
      client.destroy();
    }
  }

  for (const name of Object.keys(malformed)) {
    test(`${name} is a 502`, () =>
      withAnswer(`/${encodeURIComponent(name)}`, async (client) => {
        assert.equal((await client.readResponse()).status, 502);
      }));
  }

  for (const target of ['/cut-length', '/cut-chunked', '/bad-chunk', '/cut-by-reset']) {
    test(`an answer that does not come to its end is cut: ${target}`, () =>
      withAnswer(target, async (client) => {
        assert.equal((await client.readHead()).status, 200);
        const body = await client.untilEnd();
        assert.ok(!body.includes('0\r\n\r\n'), `it looks complete: ${body}`);
      }));
  }

  test('an answer until the close goes on in chunks', () =>
    withAnswer('/until-close', async (client) => {
      const response = await client.readResponse();
      assert.equal(response.fields.get('transfer-encoding'), 'chunked');
      assert.equal(response.body, 'hello');
    }));

  test('an answer until the close goes on until the close to HTTP/1.0', () =>
    withAnswer(
      '/until-close',
      async (client) => {
        const response = await client.readResponse();
        assert.equal(response.fields.get('transfer-encoding'), undefined);
        assert.equal(response.body, 'hello');
      },
      'GET /until-close HTTP/1.0',
    ));

  test('bytes behind an answer are nobody else’s answer', async () => {
    await withAnswer('/surplus', async (client) => {
      assert.equal((await client.readResponse()).body, 'ok');
      client.send('GET /fresh HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal((await client.readResponse()).body, 'fresh');
    });
    await withAnswer('/fresh', async (client) => assert.equal((await client.readResponse()).body, 'fresh'));
  });

  test('HEAD, 204 and 304 have no body whatever their fields say', async () => {
    await withAnswer(
      '/head',
      async (client) => assert.equal((await client.readResponse('HEAD')).fields.get('content-length'), '5'),
      'HEAD /head HTTP/1.1',
    );
    await withAnswer('/no-content', async (client) => assert.equal((await client.readResponse()).fields.get('content-length'), undefined));
    await withAnswer('/not-modified', async (client) => assert.equal((await client.readResponse()).status, 304));
  });

  test('informational answers go on to HTTP/1.1', () =>
    withAnswer('/hints', async (client) => {
      const hints = await client.readHead();
      assert.equal(hints.status, 103);
      assert.equal(hints.fields.get('link'), '</a>');
      assert.equal((await client.readResponse()).body, 'ok');
    }));

  test('informational answers do not go on to HTTP/1.0', () =>
    withAnswer('/hints', async (client) => assert.equal((await client.readHead()).status, 200), 'GET /hints HTTP/1.0'));

  test('chunks arrive one by one, without extensions and forbidden trailers', () =>
    withAnswer('/chunks', async (client) => {
      await client.readHead();
      assert.equal(await client.readThrough('0\r\nX-Sum: 6\r\n\r\n'), '5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n');
    }));
});
