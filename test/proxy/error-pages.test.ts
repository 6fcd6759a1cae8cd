// Error pages that lead elsewhere: what the client sees, what the server behind them is sent, and that nothing is left of the
// attempt that failed, be it edits, a body, or a connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../fixtures/wait-for.js';
import { type Origin, type OriginRequest, withOrigin } from './origin.js';
import { chunkedPost, get, ok, post, type Stage, withWorker } from './stage.js';

interface Parts {
  /** Entries of the listener's "errorPages". */
  readonly pages: readonly Record<string, unknown>[];
  readonly routes: readonly Record<string, unknown>[];
  readonly listener?: Record<string, unknown>;
  /** In place of the origin's own answers. */
  readonly onRequest?: (request: OriginRequest) => void;
}

/** The upstream "app" is the origin, "dead" is nobody. The origin answers `/status/NNN` so, else with 200, and says what it was asked. */
function withPages({ pages, routes, listener, onRequest }: Parts, action: (stage: Stage, origin: Origin) => Promise<void>): Promise<void> {
  return withOrigin(
    {
      onRequest: (request) => {
        if (onRequest !== undefined) {
          onRequest(request);
          return;
        }
        const { connection, target, method, body } = request;
        const status = /^\/status\/(\d+)/.exec(target)?.[1] ?? '200';
        const text = status === '204' ? '' : `${method} ${target} ${body}`;
        const fields = `${status === '401' ? 'WWW-Authenticate: Basic realm="x"\r\n' : ''}X-Server: 1\r\n`;
        const length = status === '204' ? '' : `Content-Length: ${text.length}\r\n`;
        connection.write(`HTTP/1.1 ${status} Said\r\n${fields}${length}\r\n${method === 'HEAD' ? '' : text}`);
      },
    },
    (origin) =>
      withWorker(
        {
          listeners: { web: { address: '127.0.0.1:0', errorPages: pages, routes, ...listener } },
          upstreams: {
            app: { servers: [origin.address] },
            dead: { servers: ['127.0.0.1:1'], retries: { bound: 1, pause: '0ms' } },
            kept: { servers: [origin.address], retries: { methods: ['POST'] } },
          },
        },
        (stage) => action(stage, origin),
      ),
  );
}

async function ask(stage: Stage, request: string) {
  const client = await stage.connect();
  client.send(request);
  return client.readResponse(request.split(' ')[0]);
}

const toApp = { upstream: 'app' };
const denied = { match: { path: '/no' }, deny: true };
const dead = { match: { path: '/dead*' }, upstream: 'dead' };
const fallback = { name: 'fallback', upstream: 'app' };

test("a target is asked for with GET and no body; the status stays the refusal's; the log has what was asked and why it was refused", () =>
  withPages({ pages: [{ status: [403], target: '/sorry?from=${path}' }], routes: [denied, toApp] }, async (stage, origin) => {
    const client = await stage.connect();
    client.send('POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n');
    const { status, body, fields } = await client.readResponse();
    assert.deepEqual([status, body], [403, 'GET /sorry?from=/no ']);
    // Whether the body comes is not known once an answer went out before it was asked for.
    assert.equal(fields.get('connection'), 'close');
    const [request] = origin.requests;
    assert.deepEqual([request!.fields.get('content-length'), request!.fields.get('expect')], [undefined, undefined]);
    const [line] = await stage.logged(1);
    assert.deepEqual([line!['method'], line!['target'], line!['status'], line!['fault']], ['POST', '/no', 403, 'denied']);
  }));

test('the body that nobody asked for is dropped, and the next request on the connection is read as one', () =>
  withPages({ pages: [{ status: [403], target: '/sorry' }], routes: [denied, toApp] }, async (stage, origin) => {
    const client = await stage.connect();
    client.send(`${post('/no', 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n')}${get('/next')}`);
    assert.equal((await client.readResponse()).body, 'GET /sorry ');
    assert.equal((await client.readResponse()).body, 'GET /next ');
    client.send('POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc');
    assert.equal((await client.readResponse()).body, 'GET /sorry ');
    client.send(`def${get('/last')}`);
    assert.equal((await client.readResponse()).body, 'GET /last ');
    assert.deepEqual(
      origin.requests.map(({ target }) => target),
      ['/sorry', '/next', '/sorry', '/last'],
    );
  }));

test('HEAD stays HEAD', () =>
  withPages({ pages: [{ status: [403], target: '/sorry' }], routes: [denied, toApp] }, async (stage, origin) => {
    const { status, fields } = await ask(stage, 'HEAD /no HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.deepEqual([status, fields.get('content-length')], [403, String('HEAD /sorry '.length)]);
    assert.equal(origin.requests[0]!.method, 'HEAD');
  }));

test('"as" gives the status; answers whose status frames them, and redirects of ours, keep theirs; so do refusals', () =>
  withPages(
    {
      pages: [
        { status: [403], target: '/200', as: 200 },
        { status: [404], target: '/status/503', as: 'answer' },
        { status: [410], target: '/status/204' },
        { status: [411], target: '/moved' },
        { status: [412], target: '/text' },
        { status: [414], target: '/refused', as: 200 },
      ],
      routes: [
        ...[403, 404, 410, 411, 412, 414].map((status) => ({ match: { path: `/${status}` }, deny: { status } })),
        { match: { path: '/moved' }, redirect: { to: '/there' } },
        { match: { path: '/text' }, respond: { body: 'text' } },
        { match: { path: '/refused' }, deny: { status: 403 } },
        toApp,
      ],
    },
    async (stage) => {
      const answers: string[] = [];
      for (const path of ['/403', '/404', '/410', '/411', '/412', '/414']) {
        const { status, body } = await ask(stage, get(path));
        answers.push(`${path} ${status} ${body}`);
      }
      assert.deepEqual(answers, [
        '/403 200 GET /200 ',
        '/404 503 GET /status/503 ',
        '/410 204 ',
        '/411 302 ',
        '/412 412 text',
        '/414 403 403 Forbidden\n',
      ]);
    },
  ));

test('a named route gets the request as it was before the refusing route changed it, body and all', () =>
  withPages(
    {
      pages: [{ status: [502], routeTo: 'fallback', as: 'answer' }],
      routes: [
        {
          ...dead,
          rules: [{ pathPrefix: { from: '/dead/', to: '/' } }],
          request: { set: { 'X-Set': '1', 'X-Own': 'changed' }, remove: ['X-Gone'] },
          toServer: { buffer: '1KiB' },
        },
        fallback,
      ],
      listener: { rules: [{ request: { set: { 'X-Listener': '1' } } }], forwarded: false },
    },
    async (stage, origin) => {
      const { status, body } = await ask(stage, post('/dead/x', 'whole', 'X-Own: own\r\nX-Gone: here\r\n'));
      assert.deepEqual([status, body], [200, 'POST /dead/x whole']);
      const { fields } = origin.requests[0]!;
      assert.deepEqual(
        ['x-set', 'x-own', 'x-gone', 'x-listener'].map((name) => fields.get(name)),
        [undefined, 'own', 'here', '1'],
      );
      assert.equal((await stage.logged(1))[0]!['fault'], 'connect-refused');
    },
  ));

test('the target is no changed one on the other way, unless a rule has changed it before', () =>
  withPages(
    {
      pages: [{ status: [403], routeTo: 'told', as: 'answer' }],
      routes: [
        { name: 'told', match: { path: '/told' }, respond: { body: '${target.changed}|${target.received}|${target}' } },
        { ...denied, rules: [{ target: '/inside' }] },
        { match: { path: '/as-it-is' }, deny: true },
        { match: { path: '/moved' }, deny: true },
      ],
      listener: { rules: [{ when: { path: '/before' }, target: '/moved' }] },
    },
    async (stage) => {
      const told = async (target: string) => (await ask(stage, get(target))).body;
      assert.deepEqual(
        [await told('/no'), await told('/as-it-is'), await told('/before')],
        ['|/no|/no', '|/as-it-is|/as-it-is', '1|/before|/moved'],
      );
    },
  ));

test('fields that only a trusted proxy may send stay out on the other way too', () =>
  withPages(
    { pages: [{ status: [502], routeTo: 'fallback' }], routes: [dead, fallback], listener: { forwarded: false } },
    async (stage, origin) => {
      await ask(stage, get('/dead', 'X-Forwarded-For: 192.0.2.1\r\nX-Real-IP: 192.0.2.1\r\n'));
      assert.deepEqual(
        [origin.requests[0]!.fields.get('x-forwarded-for'), origin.requests[0]!.fields.get('x-real-ip')],
        [undefined, undefined],
      );
    },
  ));

test('a body that a server has had a part of does not go to another one', () =>
  withOrigin({ onHead: ({ connection, method }) => void (method === 'POST' && connection.destroy()) }, (eater) =>
    withOrigin({ onRequest: ({ connection }) => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n') }, (origin) =>
      withWorker(
        {
          listeners: {
            web: {
              address: '127.0.0.1:0',
              errorPages: [{ status: [502], routeTo: 'fallback' }],
              routes: [
                { match: { path: '/eat' }, upstream: 'eater' },
                { match: { path: '/page' }, upstream: 'eater', errorPages: [{ status: [502], target: '/sorry' }] },
                { name: 'fallback', match: { path: '/sorry' }, upstream: 'app' },
              ],
            },
          },
          upstreams: { eater: { servers: [eater.address] }, app: { servers: [origin.address] } },
        },
        async (stage) => {
          assert.equal((await ask(stage, post('/eat', 'bytes'))).status, 502);
          assert.equal(origin.requests.length, 0);
          const page = await stage.connect();
          page.send('POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\nsome');
          assert.equal((await page.readResponse()).status, 502);
          assert.deepEqual([origin.requests[0]!.method, origin.requests[0]!.target], ['GET', '/sorry']);
        },
      ),
    ),
  ));

test("answers of servers: replaced where it says so, with nothing of them but a 401's challenge", () =>
  withPages(
    {
      pages: [
        { status: [404], target: '/sorry', ofServers: true },
        { status: [401], respond: { status: 401, body: 'who?' }, ofServers: true },
        { status: [500], respond: { status: 200, body: 'never' } },
        { status: [502], target: '/status/502', ofServers: true },
      ],
      routes: [toApp],
    },
    async (stage, origin) => {
      const client = await stage.connect();
      const answers: string[] = [];
      for (const status of [404, 401, 500, 502, 403]) {
        client.send(get(`/status/${status}`));
        const { status: seen, body, fields } = await client.readResponse();
        answers.push(`${seen} ${body} ${fields.get('x-server') ?? ''} ${fields.get('www-authenticate') ?? ''}`);
      }
      assert.deepEqual(answers, [
        '404 GET /sorry  1 ',
        '401 who?  Basic realm="x"',
        '500 GET /status/500  1 ',
        // The page itself would be replaced: then nothing is left but the status.
        '502 502 Bad Gateway\n  ',
        '403 GET /status/403  1 ',
      ]);
      assert.deepEqual(
        (await stage.logged(5)).map((line) => line['fault']),
        [null, null, null, null, null],
      );
      assert.equal(origin.requests.length, 7);
    },
  ));

test('error pages of error pages: once, or where they may "again", until it is too often', () =>
  withPages(
    {
      pages: [
        { status: [403], target: '/missing' },
        { status: [404], target: '/sorry' },
        { status: [410], target: '/missing', again: true },
        { status: [411], target: '/round', again: true },
      ],
      routes: [
        denied,
        { match: { path: '/gone' }, deny: { status: 410 } },
        { match: { path: '/missing' }, deny: { status: 404 } },
        { match: { path: '/round' }, deny: { status: 411 } },
        toApp,
      ],
    },
    async (stage) => {
      const answers: string[] = [];
      for (const path of ['/no', '/gone', '/round']) {
        const { status, body } = await ask(stage, get(path));
        answers.push(`${status} ${body}`);
      }
      assert.deepEqual(answers, ['404 404 Not Found\n', '404 GET /sorry ', '411 411 Length Required\n']);
    },
  ));

test('a body that is too large: the page is asked for without it', () =>
  withPages(
    { pages: [{ status: [413], routeTo: 'fallback' }], routes: [toApp, fallback], listener: { limits: { body: 4 } } },
    async (stage, origin) => {
      assert.deepEqual((await ask(stage, post('/up', 'too large'))).status, 413);
      assert.deepEqual([origin.requests[0]!.target, origin.requests[0]!.body], ['/up', '']);
    },
  ));

test('a request that cannot be read leads nowhere', () =>
  withPages({ pages: [{ status: [400], target: '/sorry' }], routes: [toApp] }, async (stage, origin) => {
    assert.equal((await ask(stage, get('/%zz'))).status, 400);
    assert.equal((await ask(stage, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n')).status, 400);
    assert.equal(origin.requests.length, 0);
  }));

test('who asked for an upgrade and is refused sees a page, and is not upgraded to it', () =>
  withPages({ pages: [{ status: [403], target: '/sorry' }], routes: [denied, toApp] }, async (stage, origin) => {
    const { status } = await ask(stage, get('/no', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
    assert.equal(status, 403);
    assert.equal(origin.requests[0]!.fields.get('upgrade'), undefined);
  }));

test('a refusal inside a route has the pages and response edits of that route', () =>
  withPages(
    {
      pages: [],
      routes: [
        {
          match: { host: 'limpet.test' },
          errorPages: [{ status: [404], redirect: { to: 'https://elsewhere.test${path}' } }],
          response: { set: { 'X-Route': '1' } },
          routes: [{ match: { path: '/here' }, upstream: 'app' }],
        },
      ],
    },
    async (stage) => {
      const { status, fields } = await ask(stage, get('/nowhere'));
      assert.deepEqual([status, fields.get('location'), fields.get('x-route')], [302, 'https://elsewhere.test/nowhere', '1']);
    },
  ));

test('a client that has ended its side behind the dropped body sees the page all the same', async () => {
  for (const request of [post('/no', 'body'), chunkedPost('/no', ['bo', 'dy'])]) {
    await withPages(
      {
        pages: [{ status: [403], target: '/sorry' }],
        routes: [denied, toApp],
        listener: { abortOnClose: false },
        onRequest: () => undefined,
      },
      async (stage, origin) => {
        const client = await stage.connect();
        client.send(request);
        client.end();
        await waitFor('the page to be asked for', () => origin.requests.length === 1);
        // The end of the client's side is noticed before the page is there.
        await delay(100);
        origin.requests[0]!.connection.write(ok('sorry'));
        const { status, body } = await client.readResponse();
        assert.deepEqual([status, body], [403, 'sorry']);
        await client.untilEnd();
      },
    );
  }
});

test('a client that ends its side in the middle of the dropped body is gone', () =>
  withPages(
    { pages: [{ status: [403], target: '/sorry' }], routes: [denied, toApp], onRequest: () => undefined },
    async (stage, origin) => {
      const client = await stage.connect();
      client.send('POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc');
      await waitFor('the page to be asked for', () => origin.requests.length === 1);
      client.end();
      assert.equal(await client.untilEnd(), '');
      assert.equal(await stage.faultOf(1), 'client-gone');
    },
  ));

test('a dropped body that is badly chunked or too long ends the connection behind the page', async () => {
  const head = 'POST /no HTTP/1.1\r\nHost: x\r\n';
  const requests = [
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n${get('/smuggled')}`,
    `${head}Content-Length: 1000000\r\n\r\n${'b'.repeat(600_000)}`,
  ];
  for (const request of requests) {
    await withPages(
      { pages: [{ status: [403], target: '/sorry' }], routes: [denied, toApp], onRequest: () => undefined },
      async (stage, origin) => {
        const client = await stage.connect();
        client.send(request);
        await waitFor('the page to be asked for', () => origin.requests.length === 1);
        await delay(100);
        origin.requests[0]!.connection.write(ok('sorry'));
        assert.equal((await client.readResponse()).body, 'sorry');
        await client.untilEnd();
        assert.equal(origin.requests.length, 1);
      },
    );
  }
});

test('what a route limits bodies to holds for one that was read on the way to another route', () =>
  withPages(
    {
      pages: [{ status: [502], routeTo: 'small', as: 'answer' }],
      routes: [
        { match: { path: '/kept' }, request: { set: { 'X-First': '1' } }, upstream: 'kept' },
        { name: 'small', match: { path: '/small' }, upstream: 'app', limits: { body: 4 } },
      ],
      onRequest: ({ connection, fields, body }) => {
        if (fields.get('x-first') === '1') connection.destroy();
        else connection.write(ok(body));
      },
    },
    async (stage) => {
      assert.equal((await ask(stage, chunkedPost('/kept', ['too', ' large']))).status, 413);
      assert.equal((await ask(stage, chunkedPost('/kept', ['fi', 'ts']))).body, 'fits');
    },
  ));

test('no page and no rule has the server as a whole asked for with another method than OPTIONS', () =>
  withPages(
    {
      pages: [{ status: [403], target: '${header.x-page}' }],
      routes: [
        { match: { any: [{ path: '/no' }, { method: 'OPTIONS' }] }, deny: true },
        { rules: [{ target: '${header.x-page}' }], upstream: 'app' },
      ],
    },
    async (stage, origin) => {
      const star = 'Host: x\r\nX-Page: *\r\n\r\n';
      assert.equal((await ask(stage, `OPTIONS * HTTP/1.1\r\n${star}`)).status, 403);
      assert.equal((await ask(stage, `GET /no HTTP/1.1\r\n${star}`)).status, 403);
      assert.equal((await ask(stage, `GET /yes HTTP/1.1\r\n${star}`)).status, 400);
      assert.equal(origin.requests.length, 0);
    },
  ));
