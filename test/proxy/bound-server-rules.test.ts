// Whom a client is bound to is seen before rules hide its cookie from servers: quick tries and strictness hold all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, bind, withTwo } from './bound-pair.js';
import { withOrigin } from './origin.js';
import { get, ok, post } from './stage.js';

const removal = { request: { remove: ['Cookie'] } };
const hiding: Record<string, { upstream?: Record<string, unknown>; listener?: Record<string, unknown> }> = {
  'the upstream': { upstream: { ...removal, retries: { pause: '10ms' } } },
  'the route': { listener: { routes: [{ upstream: 'app', ...removal }] } },
};

for (const [where, parts] of Object.entries(hiding)) {
  test(`${where} removes Cookie: the client stays on its server, which sees no cookie`, () =>
    withTwo(parts, async (stage, origins) => {
      const { cookie, server } = await bind(stage);
      for (let times = 0; times < 4; times++) {
        assert.deepEqual(await ask(stage, get('/', cookie)), { status: 200, server, setCookie: '', cacheControl: '' });
      }
      assert.equal(origins[server].requests.at(-1)!.fields.get('cookie'), undefined);
    }));

  test(`${where} removes Cookie: a strict policy refuses while the server is gone`, () =>
    withTwo({ ...parts, sticky: { strict: true } }, async (stage, origins) => {
      const { cookie, server } = await bind(stage);
      await origins[server].close();
      const answer = await ask(stage, get('/', cookie));
      assert.deepEqual([answer.status, answer.setCookie], [503, '']);
      const line = (await stage.logged(2))[1]!;
      assert.deepEqual([line['fault'], line['attempts']], ['sticky-server-down', 3]);
    }));

  test(`${where} removes Cookie: its server is tried a few times before another is`, () =>
    withTwo(parts, async (stage, origins) => {
      const { cookie, server } = await bind(stage);
      await origins[server].close();
      const answer = await ask(stage, get('/', cookie));
      assert.equal(answer.server, server === 'a' ? 'b' : 'a');
      const line = (await stage.logged(2))[1]!;
      assert.deepEqual([line['sticky'], line['attempts']], ['rebound', 4]);
    }));
}

test('without a pause the quick tries follow each other at once', () =>
  withTwo({ upstream: { retries: { pause: '0ms' } } }, async (stage, origins) => {
    const { cookie, server } = await bind(stage);
    const { port } = origins[server];
    await origins[server].close();
    const answer = await ask(stage, post('/', '!', cookie));
    assert.equal(answer.server, server === 'a' ? 'b!' : 'a!');
    assert.equal((await stage.logged(2))[1]!['attempts'], 4);
    await withOrigin({ port, onRequest: ({ connection }) => connection.write(ok('back')) }, async () => {
      assert.equal((await ask(stage, get('/', cookie))).server, 'back');
    });
  }));
