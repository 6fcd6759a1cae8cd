// Rules that are run on a response behind all else: they see the sticky cookie, and every answer that goes out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOrigin } from './origin.js';
import { ok, type Stage, withWorker } from './stage.js';

const isSetting = { test: [{ value: '${response.header.set-cookie}', exists: true }] };
const mark = (text: string) => ({ response: { add: { 'X-Order': text } } });

function withRules(
  listener: Record<string, unknown>,
  route: Record<string, unknown>,
  action: (stage: Stage) => Promise<void>,
): Promise<void> {
  return withOrigin({ onRequest: ({ connection }) => connection.write(ok('hello')) }, (origin) =>
    withWorker(
      {
        listeners: {
          web: {
            address: '127.0.0.1:0',
            ...listener,
            routes: [
              { match: { path: '/own' }, respond: { status: 404, body: 'own' } },
              { ...route, upstream: 'app' },
            ],
          },
        },
        upstreams: { app: { servers: [origin.address], sticky: { policy: 'cookie', name: 'S' } } },
      },
      action,
    ),
  );
}

async function ask(stage: Stage, path: string) {
  const client = await stage.connect();
  client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return client.readResponse('GET');
}

test('they see the cookie of the sticky policy, which the others do not, and may take it away', () =>
  withRules(
    { responseRules: [{ when: isSetting, ...mark('early') }], lastRules: [{ when: isSetting, ...mark('late') }] },
    { lastRules: [{ when: isSetting, response: { set: { 'X-Cookie': '${response.header.set-cookie|field:1:=}' } } }] },
    async (stage) => {
      const { fields } = await ask(stage, '/');
      assert.equal(fields.get('x-order'), 'late');
      assert.equal(fields.get('x-cookie'), 'S');
      assert.match(fields.get('set-cookie') ?? '', /^S=/);
    },
  ));

test('they may take the cookie away', () =>
  withRules({ lastRules: [{ when: isSetting, response: { remove: ['Set-Cookie'] } }] }, {}, async (stage) => {
    const { status, fields } = await ask(stage, '/');
    assert.deepEqual([status, fields.get('set-cookie')], [200, undefined]);
  }));

test("the route's come before the listener's, behind all other rules, and for answers of Limpet's own", () =>
  withRules(
    { responseRules: [mark('b')], lastRules: [mark('d'), { stop: true }, mark('e')] },
    { responseRules: [mark('a')], lastRules: [mark('c')] },
    async (stage) => {
      assert.equal((await ask(stage, '/')).fields.get('x-order'), 'a, b, c, d');
      assert.equal((await ask(stage, '/own')).fields.get('x-order'), 'b, d');
    },
  ));
