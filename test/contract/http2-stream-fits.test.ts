// Contracts 2 to 4: an HTTP/2 stream fits the interfaces of heads, bodies and exchanges as they are. The exchange is the
// product's; the stream and its head are made for this test, in front of a real HTTP/1 server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { silentLogger } from '../../src/core/logger.js';
import { openSocketCount } from '../../src/net/byte-socket.js';
import { DescriptorBudget } from '../../src/net/descriptor-budget.js';
import { ClientEnd } from '../../src/proxy/client-end.js';
import { createLocalStore } from '../../src/store/local-store.js';
import { compileHttpService } from '../../src/worker/compile-http-service.js';
import { compileUpstreams } from '../../src/worker/compile-upstreams.js';
import { waitFor } from '../fixtures/wait-for.js';
import { untilStalled } from '../proxy/flow.js';
import { type Origin, type OriginOptions, type OriginRequest, withOrigin } from '../proxy/origin.js';
import { ok, simpleConfig } from '../proxy/stage.js';
import { Http2ClientStream } from './http2-client-stream.js';

interface Logged {
  readonly target: string;
  readonly status: number;
  readonly fault: string;
  readonly bytesToClient: number;
  readonly bytesFromClient: number;
}

interface Front {
  readonly session: ClientHttp2Session;
  readonly origin: Origin;
  readonly logged: Logged[];
}

/** Runs with a session to an HTTP/2 front before an origin; afterwards nothing of either side is left. */
function withFront(options: OriginOptions, action: (front: Front) => Promise<void>): Promise<void> {
  return withOrigin(options, async (origin) => {
    const { config } = parseConfig(JSON.stringify(simpleConfig([origin.address])), 'proxy.config.json');
    const upstreams = compileUpstreams(config!, silentLogger, createLocalStore());
    const logged: Logged[] = [];
    const service = compileHttpService(
      'web',
      config!.listeners['web']!,
      { upstreams, maps: new Map() },
      new DescriptorBudget(1024),
      (x) => {
        const { status, fault, bytesToClient, bytesFromClient } = x;
        logged.push({ target: x.request.target, status, fault: fault?.code ?? '', bytesToClient, bytesFromClient });
      },
    );
    const server: Http2Server = createServer();
    server.on('stream', (stream, headers) => {
      const info = { name: 'web', localIp: '127.0.0.1', localPort: 8080 };
      new Http2ClientStream(stream, headers, service, new ClientEnd('127.0.0.1', { ip: '127.0.0.1', port: 1 }, info, null, false));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      await action({ session, origin, logged });
    } finally {
      session.destroy();
      server.close();
      const { upstream, pools } = upstreams.get('app')!;
      await waitFor('the exchanges to be over', () => upstream.servers.every(({ activeExchanges }) => activeExchanges === 0));
      for (const pool of pools) pool.closeIdle();
      await waitFor('every socket to be closed', () => openSocketCount() === 0);
    }
  });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
  readonly informational: IncomingHttpHeaders[];
}

function collect(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const informational: IncomingHttpHeaders[] = [];
    const parts: Buffer[] = [];
    stream.on('headers', (interim) => void informational.push(interim));
    stream.on('response', (final) => {
      headers = final;
    });
    stream.on('trailers', (fields) => {
      trailers = fields;
    });
    stream.on('data', (part: Buffer) => void parts.push(part));
    stream.on('error', reject);
    stream.on('end', () =>
      resolve({ status: Number(headers[':status']), headers, body: Buffer.concat(parts).toString('latin1'), trailers, informational }),
    );
  });
}

function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body: string | null = null): Promise<Answer> {
  const stream = session.request({ ':authority': 'limpet.test', ...headers }, { endStream: body === null });
  if (body !== null) stream.end(body, 'latin1');
  return collect(stream);
}

const echo = ({ connection, method, target, body }: OriginRequest): void =>
  void connection.write(ok(`${method} ${target} ${body}`, 'X-From: server\r\n'));

test('GET: the head reaches the server as HTTP/1.1, the answer the client as HTTP/2', () =>
  withFront({ onRequest: echo }, async ({ session, origin, logged }) => {
    const answer = await ask(session, { ':path': '/a?b', 'x-kept': '1', cookie: 'a=b', 'x-forwarded-for': '6.6.6.6' });
    assert.deepEqual([answer.status, answer.body], [200, 'GET /a?b ']);
    assert.equal(answer.headers['x-from'], 'server');
    const { head, fields } = origin.requests[0]!;
    assert.match(head, /^GET \/a\?b HTTP\/1\.1\r\nhost: limpet\.test\r\n/);
    assert.deepEqual([fields.get('x-kept'), fields.get('cookie'), fields.get('x-forwarded-for')], ['1', 'a=b', '127.0.0.1']);
    assert.doesNotMatch(head, /^:|6\.6\.6\.6/m);
    assert.deepEqual(logged, [{ target: '/a?b', status: 200, fault: '', bytesToClient: 9, bytesFromClient: 0 }]);
  }));

test('POST: with a length it goes on with it, without one chunked', () =>
  withFront({ onRequest: echo }, async ({ session, origin }) => {
    assert.equal((await ask(session, { ':method': 'POST', ':path': '/', 'content-length': 5 }, 'hello')).body, 'POST / hello');
    assert.equal((await ask(session, { ':method': 'POST', ':path': '/' }, 'hello')).body, 'POST / hello');
    assert.equal((await ask(session, { ':method': 'POST', ':path': '/' }, '')).body, 'POST / ');
    assert.deepEqual(
      origin.requests.map(({ fields }) => [fields.get('content-length'), fields.get('transfer-encoding')]),
      [
        ['5', undefined],
        [undefined, 'chunked'],
        [undefined, 'chunked'],
      ],
    );
    assert.equal(origin.accepted, 1);
  }));

test('trailers pass both ways', () =>
  withFront(
    {
      onRequest: ({ connection }) =>
        connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nGrpc-Status: 0\r\n\r\n'),
    },
    async ({ session, origin }) => {
      const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '5' }));
      stream.end('hello');
      const answer = await collect(stream);
      assert.equal(answer.body, 'hello');
      assert.equal(answer.trailers['grpc-status'], '0');
      assert.equal(origin.requests[0]!.trailers, 'x-sum: 5\r\n');
    },
  ));

test('HEAD and 204 have no body, 103 comes before the answer', () =>
  withFront(
    {
      onRequest: ({ connection, target, method }) => {
        if (target === '/none') connection.write('HTTP/1.1 204 No Content\r\n\r\n');
        else if (method === 'HEAD') connection.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
        else
          connection.write(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok('hinted', 'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n')}`);
      },
    },
    async ({ session, origin }) => {
      const head = await ask(session, { ':method': 'HEAD', ':path': '/' });
      assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '5', '']);
      assert.equal((await ask(session, { ':path': '/none' })).status, 204);
      const hinted = await ask(session, { ':path': '/hinted' });
      assert.deepEqual(
        hinted.informational.map((interim) => [interim[':status'], interim['link']]),
        [[103, '</a.css>']],
      );
      assert.equal(hinted.body, 'hinted');
      assert.deepEqual(hinted.headers['set-cookie'], ['a=1', 'b=2']);
      assert.equal(origin.accepted, 1);
    },
  ));

test('two streams of one connection are answered out of order', () => {
  const waiting = new Map<string, OriginRequest>();
  return withFront({ onRequest: (request) => void waiting.set(request.target, request) }, async ({ session }) => {
    const order: string[] = [];
    const answers = ['/first', '/second'].map(async (path) => {
      const { body } = await ask(session, { ':path': path });
      order.push(body);
    });
    await waitFor('both at the server', () => waiting.size === 2);
    waiting.get('/second')!.connection.write(ok('second'));
    await answers[1];
    waiting.get('/first')!.connection.write(ok('first'));
    await answers[0];
    assert.deepEqual(order, ['second', 'first']);
  });
});

const total = 24 * 1024 * 1024;

test('a client that reads nothing of its stream stops the server, and other streams go on', { timeout: 60_000 }, () =>
  withFront(
    { onRequest: ({ connection, target }) => connection.write(target === '/flood' ? ok('x'.repeat(total)) : ok('quick')) },
    async ({ session, origin }) => {
      const flood = session.request({ ':path': '/flood', ':authority': 'a' });
      flood.pause();
      await waitFor('the flood', () => origin.requests.length === 1);
      const { connection } = origin.requests[0]!;
      const sent = await untilStalled(() => connection.bytesWritten - connection.writableLength);
      assert.ok(sent < total, 'the server could send everything');
      assert.equal((await ask(session, { ':path': '/quick' })).body, 'quick');
      let received = 0;
      flood.on('data', (data: Buffer) => {
        received += data.length;
      });
      flood.resume();
      await once(flood, 'end');
      assert.equal(received, total);
    },
  ),
);

test('a server that reads nothing stops the client that sends to it', { timeout: 60_000 }, () =>
  withFront(
    {
      onHead: ({ connection }) => void connection.pause(),
      onRequest: ({ connection, body }) => connection.write(ok(String(body.length))),
    },
    async ({ session, origin, logged }) => {
      const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a', 'content-length': total });
      const answer = collect(stream);
      let flushed = 0;
      const piece = Buffer.alloc(256 * 1024, 'x');
      for (let at = 0; at < total; at += piece.length) stream.write(piece, () => void (flushed += piece.length));
      stream.end();
      await waitFor('the request', () => origin.requests.length === 1);
      assert.ok((await untilStalled(() => flushed)) < total, 'the client could send everything');
      origin.requests[0]!.connection.resume();
      assert.equal((await answer).body, String(total));
      assert.equal(logged[0]!.bytesFromClient, total);
    },
  ),
);

test('a client that resets a stream in the middle of a body lets go of the server, and keeps its other streams', () =>
  withFront({ onRequest: echo }, async ({ session, origin, logged }) => {
    const upload = session.request({ ':method': 'POST', ':path': '/upload', ':authority': 'a', 'content-length': 10 });
    upload.on('error', () => undefined);
    upload.write('hello');
    await waitFor('the first half', () => origin.requests[0]?.body === 'hello');
    upload.close(constants.NGHTTP2_CANCEL);
    await waitFor('the server to be let go of', () => origin.open.size === 0);
    assert.deepEqual([logged[0]!.fault, logged[0]!.bytesFromClient], ['client-gone', 5]);
    assert.equal((await ask(session, { ':path': '/other' })).body, 'GET /other ');
  }));

test('a client that resets a stream in the middle of an answer lets go of the server', () =>
  withFront({ onRequest: ({ connection }) => connection.write(ok('x'.repeat(100)).slice(0, -1)) }, async ({ session, origin, logged }) => {
    const download = session.request({ ':path': '/', ':authority': 'a' });
    download.on('error', () => undefined);
    await once(download, 'data');
    download.close(constants.NGHTTP2_CANCEL);
    await waitFor('the server to be let go of', () => origin.open.size === 0);
    assert.equal(logged[0]!.fault, 'client-gone');
  }));

test('a server that vanishes before its head is a 502, and in its body a reset stream', () =>
  withFront(
    {
      onRequest: ({ connection, target }) => {
        if (target === '/whole') connection.write(ok('whole'));
        else if (target === '/body') connection.end(ok('hello').slice(0, -1));
        else connection.destroy();
      },
    },
    async ({ session, logged }) => {
      assert.equal((await ask(session, { ':path': '/head' })).status, 502);
      const cut = session.request({ ':path': '/body', ':authority': 'a' });
      await assert.rejects(collect(cut), { code: 'ERR_HTTP2_STREAM_ERROR' });
      assert.equal(cut.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
      assert.equal((await ask(session, { ':path': '/whole' })).body, 'whole');
      assert.deepEqual(
        logged.map(({ fault }) => fault),
        ['server-closed', 'response-cut', ''],
      );
    },
  ));

test('an answer before the end of the body reaches the client, whose session lives on', () =>
  withFront(
    {
      onHead: ({ connection, method }) => {
        if (method === 'POST') connection.write(ok('early'));
      },
      onRequest: ({ connection, method }) => {
        if (method === 'GET') connection.write(ok('next'));
      },
    },
    async ({ session, origin }) => {
      const upload = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a', 'content-length': 10 });
      upload.write('hello');
      assert.equal((await collect(upload)).body, 'early');
      await waitFor('the server to be let go of', () => origin.open.size === 0);
      upload.on('error', () => undefined);
      upload.close();
      assert.equal((await ask(session, { ':path': '/next' })).body, 'next');
    },
  ));
