// What the wire rules mean for a whole connection from a client: what is read of it, what is answered, what reaches
// the server and what never does. Raw bytes against the running program.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type LimpetProcess, startLimpet } from '../e2e/limpet-process.js';
import { RawClient } from '../fixtures/raw-client.js';
import { RecordingServer } from './recording-server.js';

describe('a connection from a client', () => {
  let server: RecordingServer;
  let limpet: LimpetProcess;

  before(async () => {
    server = await RecordingServer.start();
    limpet = await startLimpet({
      listeners: {
        web: {
          address: '127.0.0.1:0',
          limits: { head: 2048, target: 256, fields: 20 },
          routes: [{ match: { path: '/admin/*' }, deny: true }, { upstream: 'app' }],
        },
      },
      upstreams: { app: { servers: [server.address] } },
    });
  });

  after(async () => {
    server?.close();
    await limpet?.stop();
  });

  /** Runs with a connection of its own and leaves none behind. */
  async function withClient(action: (client: RawClient) => Promise<void>): Promise<void> {
    const client = await RawClient.connect(limpet.port('web'));
    try {
      await action(client);
    } finally {
      client.destroy();
    }
  }

  /** One answer with that status comes, and then the end: no reset that could have swallowed it, no second answer. */
  async function expectRefusal(sent: string, status: number): Promise<void> {
    await withClient(async (client) => {
      client.send(sent);
      const response = await client.readResponse();
      assert.equal(response.status, status, response.head);
      assert.equal(await client.untilEnd(), '');
      assert.equal(client.error, null);
    });
  }

  const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

  describe('several requests on it', () => {
    test('pipelined requests are answered in order', () =>
      withClient(async (client) => {
        client.send(get('/first') + get('/second') + get('/third'));
        for (const target of ['/first', '/second', '/third']) assert.equal((await client.readResponse()).body, `served ${target}`);
      }));

    test('requests with bodies may be pipelined', () =>
      withClient(async (client) => {
        const chunked = 'POST /p2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n';
        client.send(`POST /p1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none${chunked}${get('/p3')}`);
        for (const target of ['/p1', '/p2', '/p3']) assert.equal((await client.readResponse()).body, `served ${target}`);
        assert.equal(server.only('/p1').body, 'one');
        assert.equal(server.only('/p2').body, 'two');
      }));

    test('an empty line between two requests is skipped', () =>
      withClient(async (client) => {
        client.send(`POST /with-empty-line HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\n${get('/after-empty-line')}`);
        assert.equal((await client.readResponse()).status, 200);
        assert.equal((await client.readResponse()).body, 'served /after-empty-line');
      }));

    test('a bad request behind a good one ends the connection after both answers', () =>
      withClient(async (client) => {
        client.send(`${get('/good')}GET /bad HTTP/1.1\r\nHost : a\r\n\r\n${get('/behind-bad')}`);
        assert.equal((await client.readResponse()).body, 'served /good');
        assert.equal((await client.readResponse()).status, 400);
        assert.equal(await client.untilEnd(), '');
        assert.ok(!server.hasSeen('/behind-bad'));
      }));

    test('nothing behind a request whose framing is in doubt is read', async () => {
      const smuggled = get('/smuggled');
      const head = 'POST / HTTP/1.1\r\nHost: a\r\n';
      await expectRefusal(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`, 400);
      await expectRefusal(`${head}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`, 400);
      await expectRefusal(`${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`, 400);
      await expectRefusal(`${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`, 400);
      await expectRefusal(`${head}Transfer-Encoding: chunked\r\n\r\n0\n\n${smuggled}`, 400);
      await expectRefusal(`${head}Transfer-Encoding: chunked\r\n\r\n1;\n${smuggled}`, 400);
      assert.ok(!server.hasSeen('/smuggled'));
    });

    test('HEAD is answered without a body, and the next request is not mistaken for one', () =>
      withClient(async (client) => {
        client.send(`HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n${get('/behind-head')}`);
        const head = await client.readResponse('HEAD');
        assert.equal(head.fields.get('content-length'), String('served /head'.length));
        assert.equal((await client.readResponse()).body, 'served /behind-head');
      }));
  });

  describe('what is refused', () => {
    test('the preface of HTTP/2', () => expectRefusal('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400));
    test('CONNECT', () => expectRefusal('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 405));
    test('a head that is too large', () => expectRefusal(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(4096)}\r\n\r\n`, 431));
    test('a head that is too large and does not end', () => expectRefusal(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(4096)}`, 431));
    test('too many fields', () => expectRefusal(`GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(20)}\r\n`, 431));
    test('a target that is too long', () => expectRefusal(get(`/${'x'.repeat(256)}`), 414));
    test('a target that is too long and does not end', () => expectRefusal(`GET /${'x'.repeat(4096)}`, 414));
    test('an upgrade with a body', () =>
      expectRefusal('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx', 400));

    test('the answer arrives although the client goes on sending', () => expectRefusal(`GET /bad\r\n\r\n${'x'.repeat(1 << 20)}`, 400));

    test('an early answer to a long body arrives', () =>
      withClient(async (client) => {
        client.send(`POST /admin/x HTTP/1.1\r\nHost: a\r\nContent-Length: ${1 << 20}\r\n\r\n${'x'.repeat(1 << 20)}`);
        assert.equal((await client.readResponse()).status, 403);
        assert.equal(client.error, null);
      }));

    test('a malformed chunk ends the request at the server too', async () => {
      await expectRefusal('POST /bad-chunk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n', 400);
      assert.ok(!server.hasSeen('/bad-chunk'));
    });
  });

  describe('paths', () => {
    test('no disguise gets a path past a deny rule', async () => {
      const disguises = [
        '/admin/x',
        '//admin/x',
        '/./admin/x',
        '/a/../admin/x',
        '/%61dmin/x',
        '/a/%2e%2e/admin/x',
        '/a/..;/admin/x',
        '/a/..%2fadmin/x',
        '/a\\..\\admin/x',
        '/a/x%2f..%2f../admin/x',
      ];
      for (const target of disguises) {
        await withClient(async (client) => {
          client.send(get(target));
          const { status } = await client.readResponse();
          assert.ok(status === 400 || status === 403, `${target}: ${status}`);
        });
        assert.ok(!server.hasSeen(target), target);
      }
    });

    test('the server gets the path as the client wrote it', () =>
      withClient(async (client) => {
        const target = '/a/../b//%7Ec/./d%2fe?f=%2e';
        client.send(get(target));
        assert.equal((await client.readResponse()).status, 200);
        server.only(target);
      }));
  });

  describe('what reaches the server', () => {
    test('chunked framing is written anew, without extensions and forbidden trailers', () =>
      withClient(async (client) => {
        client.send('POST /trailers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nTrailer: X-Sum\r\n\r\n');
        client.send('5;a=b\r\nhello\r\n0;c\r\nX-Sum: 1\r\nContent-Length: 9\r\nHost: b\r\n\r\n');
        assert.equal((await client.readResponse()).status, 200);
        const request = server.only('/trailers');
        assert.equal(request.body, 'hello');
        assert.deepEqual(request.trailers, ['X-Sum', '1']);
        assert.equal(request.fields.get('transfer-encoding'), 'chunked');
      }));

    test('nothing that an untrusted client says of where it comes from', () =>
      withClient(async (client) => {
        const claims =
          'X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-SSL-Client-Verify: SUCCESS\r\nX_Forwarded_For: 6.6.6.6\r\n';
        client.send(`GET /claims HTTP/1.1\r\nHost: a\r\n${claims}Connection: X-Forwarded-For, Host\r\n\r\n`);
        assert.equal((await client.readResponse()).status, 200);
        const request = server.only('/claims');
        assert.equal(request.fields.get('x-forwarded-for'), '127.0.0.1');
        assert.equal(request.fields.get('x-forwarded-proto'), 'http');
        assert.equal(request.fields.get('host'), 'a');
        assert.ok(!request.names.includes('x-ssl-client-verify') && !request.names.includes('x_forwarded_for'));
      }));

    test('the authority of an absolute-form target, as Host', () =>
      withClient(async (client) => {
        client.send('GET http://b.example/absolute HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.equal((await client.readResponse()).status, 200);
        assert.equal(server.only('/absolute').fields.get('host'), 'b.example');
      }));

    test('a request that comes byte by byte', () =>
      withClient(async (client) => {
        const text = 'POST /bytes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
        for (const character of text) {
          client.send(character);
          await new Promise(setImmediate);
        }
        assert.equal((await client.readResponse()).status, 200);
        assert.equal(server.only('/bytes').body, 'hello');
      }));
  });

  describe('versions', () => {
    test('an HTTP/1.0 client gets a body without chunks, and the end', () =>
      withClient(async (client) => {
        client.send('GET /chunked HTTP/1.0\r\n\r\n');
        const response = await client.readResponse();
        assert.equal(response.fields.get('transfer-encoding'), undefined);
        assert.equal(response.body, 'served /chunked');
      }));

    test('an HTTP/1.0 client may keep its connection', () =>
      withClient(async (client) => {
        for (const target of ['/kept-1', '/kept-2']) {
          client.send(`GET ${target} HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n`);
          const response = await client.readResponse();
          assert.equal(response.fields.get('connection')?.toLowerCase(), 'keep-alive');
          assert.equal(response.body, `served ${target}`);
        }
      }));

    test('Expect: 100-continue gets leave to send, then the answer', () =>
      withClient(async (client) => {
        client.send('POST /expects HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
        assert.equal((await client.readHead()).status, 100);
        client.send('hello');
        assert.equal((await client.readResponse()).status, 200);
        assert.equal(server.only('/expects').body, 'hello');
      }));
  });
});
