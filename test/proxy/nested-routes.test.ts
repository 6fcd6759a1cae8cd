// Rules and routes inside routes, on real connections: what a server gets and what a client gets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Origin, withOrigin } from './origin.js';
import { ok, type Stage, withWorker } from './stage.js';

type Ask = (target: string, fields?: string) => ReturnType<Awaited<ReturnType<Stage['connect']>>['readResponse']>;

function withConfig(
  listener: Record<string, unknown>,
  action: (ask: Ask, stage: Stage, origin: Origin) => Promise<void>,
  more: Record<string, unknown> = {},
): Promise<void> {
  const answer = 'Location: http://inside.test/next\r\nSet-Cookie: a=1; Path=/app/\r\nSet-Cookie: b=2; Path=/\r\n';
  return withOrigin({ onRequest: ({ connection, target }) => connection.write(ok(target, answer)) }, (origin) =>
    withWorker(
      {
        ...more,
        listeners: { web: { address: '127.0.0.1:0', ...listener } },
        upstreams: { app: { servers: [origin.address] } },
      },
      async (stage) => {
        const client = await stage.connect();
        const ask: Ask = (target, fields = '') => {
          client.send(`GET ${target} HTTP/1.1\r\nHost: limpet.test\r\n${fields}\r\n`);
          return client.readResponse('GET');
        };
        await action(ask, stage, origin);
      },
    ),
  );
}

test('a route inside a route: outer rules first, edits of every level, one way in', () =>
  withConfig(
    {
      routes: [
        {
          match: { host: 'limpet.test' },
          rules: [{ when: { path: '/closed/*' }, deny: { status: 451 } }, { variables: { site: 'limpet' } }],
          response: { set: { 'X-Site': '${var.site}' } },
          choose: 'closest-path',
          routes: [
            {
              match: { path: '/app/*' },
              rules: [{ pathPrefix: { from: '/app/', to: '/' } }],
              response: { set: { 'X-Inner': '1' } },
              upstream: 'app',
            },
            { match: { pathPattern: '\\.php$' }, respond: { status: 418 } },
          ],
        },
        { upstream: 'app' },
      ],
    },
    async (ask, stage) => {
      const inner = await ask('/app/a%20b?c=d');
      assert.equal(inner.body, '/a%20b?c=d');
      assert.deepEqual([inner.fields.get('x-site'), inner.fields.get('x-inner')], ['limpet', '1']);
      assert.equal((await ask('/x.php')).status, 418);
      assert.equal((await ask('/closed/x')).status, 451);
      assert.equal((await ask('/nowhere')).status, 404, 'there is no way back out');
      const lines = await stage.logged(4);
      assert.equal(lines[0]!['target'], '/app/a%20b?c=d', 'the log tells what the client asked for');
    },
  ));

test('routing again asks the innermost table that the path decides, and not forever', () =>
  withConfig(
    {
      routes: [
        {
          rules: [{ variables: { outer: '${var.outer}+' } }],
          choose: 'closest-path',
          routes: [
            {
              match: { path: '/old/*' },
              rules: [{ rewrite: { pattern: '^/old/(.*)$', to: '/new/${capture.1}', after: 'route-again' } }],
              deny: true,
            },
            { match: { path: '/new/*' }, response: { set: { 'X-Outer': '${var.outer}' } }, upstream: 'app' },
            { match: { path: '/loop' }, rules: [{ routeAgain: true }], deny: true },
            { match: { path: '/named' }, rules: [{ routeTo: 'fallback' }], deny: true },
            { name: 'fallback', respond: { status: 299 } },
          ],
        },
      ],
    },
    async (ask) => {
      const moved = await ask('/old/a?b');
      assert.deepEqual([moved.body, moved.fields.get('x-outer')], ['/new/a?b', '+']);
      assert.equal((await ask('/loop')).status, 500);
      assert.equal((await ask('/named')).status, 299);
      assert.equal((await ask('/fallback')).status, 404);
    },
  ));

test('maps, tests, and replacements in fields', () =>
  withConfig(
    {
      routes: [
        {
          rules: [{ when: { test: [{ value: '${map.blocked}', is: 'yes' }] }, deny: true }],
          request: { set: { 'X-Kind': '${map.kind|upper}' } },
          response: {
            replace: {
              Location: [{ startsWith: 'http://inside.test/', to: 'https://${host}/' }],
              'Set-Cookie': [{ pattern: 'Path=/app/', to: 'Path=/' }],
            },
          },
          upstream: 'app',
        },
      ],
    },
    async (ask, _stage, origin) => {
      const answer = await ask('/x?kind=b', 'User-Agent: Curl/8\r\n');
      assert.equal(answer.fields.get('location'), 'https://limpet.test/next');
      assert.match(answer.fields.get('set-cookie')!, /a=1; Path=\/(?!app)/);
      assert.equal(origin.requests[0]!.fields.get('x-kind'), 'BETA');
      assert.equal((await ask('/x', 'User-Agent: badbot\r\n')).status, 403);
    },
    {
      maps: {
        blocked: { value: '${header.user-agent}', patterns: [{ pattern: 'bot$', to: 'yes' }] },
        kind: { value: '${query.kind}', entries: { a: 'alpha', b: 'beta' } },
      },
    },
  ));
