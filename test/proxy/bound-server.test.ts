// A client that is bound to a server: quick tries, then another server and a new cookie; or a refusal where the policy
// is strict.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, bind, withTwo } from './bound-pair.js';
import { withOrigin } from './origin.js';
import { get, ok, post } from './stage.js';

test('it stays on its server, without another cookie', () =>
  withTwo({}, async (stage) => {
    const { cookie, server } = await bind(stage);
    for (let times = 0; times < 4; times++) {
      assert.deepEqual(await ask(stage, get('/', cookie)), { status: 200, server, setCookie: '', cacheControl: '' });
    }
    const bindings = (await stage.logged(5)).map((line) => line['sticky']);
    assert.deepEqual(bindings, ['new', 'bound', 'bound', 'bound', 'bound']);
  }));

test('its server is gone: it is tried a few times, then another serves the whole request and sets its cookie', () =>
  withTwo({}, async (stage, origins) => {
    const { cookie, server } = await bind(stage);
    await origins[server].close();
    const other = server === 'a' ? 'b' : 'a';
    const answer = await ask(stage, post('/', '!', cookie));
    assert.equal(answer.server, `${other}!`);
    assert.match(answer.setCookie, /^route=/);
    assert.match(answer.cacheControl, /private/);
    const line = (await stage.logged(2))[1]!;
    assert.equal(line['attempts'], 4);
    assert.equal(line['sticky'], 'rebound');
    const next = await ask(stage, get('/', `Cookie: ${answer.setCookie.split(';', 1)[0]}\r\n`));
    assert.deepEqual(next, { status: 200, server: other, setCookie: '', cacheControl: '' });
  }));

test('its server comes back during the quick tries: it stays bound', () =>
  withTwo({ upstream: { retries: { pause: '300ms' } } }, async (stage, origins) => {
    const { cookie, server } = await bind(stage);
    const { port } = origins[server];
    await origins[server].close();
    const answer = ask(stage, get('/', cookie));
    await withOrigin({ port, onRequest: ({ connection }) => connection.write(ok('back')) }, async () => {
      assert.deepEqual(await answer, { status: 200, server: 'back', setCookie: '', cacheControl: '' });
    });
  }));

test('its server is out: no time is lost with it', () =>
  withTwo(
    { upstream: { health: { passive: { failures: 1, downFor: '1m' } }, retries: { pause: '1m', bound: 1 } } },
    async (stage, origins) => {
      const { cookie, server } = await bind(stage);
      await origins[server].close();
      assert.equal((await ask(stage, get('/', cookie))).status, 200);
      const again = await ask(stage, get('/', cookie));
      assert.equal(again.status, 200);
      assert.equal((await stage.logged(3))[2]!['attempts'], 1);
      assert.ok(stage.lines.some(({ message, fields }) => message === 'Server is down' && fields['server'] === server));
    },
  ));

test('where the policy is strict it gets a 503 and keeps its cookie', () =>
  withTwo({ sticky: { strict: true } }, async (stage, origins) => {
    const { cookie, server } = await bind(stage);
    await origins[server].close();
    const answer = await ask(stage, get('/', cookie));
    assert.equal(answer.status, 503);
    assert.equal(answer.setCookie, '');
    assert.equal(await stage.faultOf(2), 'sticky-server-down');
    assert.equal((await ask(stage, get('/'))).status, 200);
  }));

test('a client that goes during the quick tries ends them', () =>
  withTwo({ upstream: { retries: { pause: '1m' } } }, async (stage, origins) => {
    const { cookie, server } = await bind(stage);
    await origins[server].close();
    const client = await stage.connect();
    client.send(get('/', cookie));
    while (stage.worker.counters.sockets > 2) await new Promise(setImmediate);
    client.destroy();
    assert.equal(await stage.faultOf(2), 'client-gone');
  }));

test('its server is full: it is refused, and stays bound', () =>
  withTwo({ server: { maxConnections: 1 } }, async (stage, origins) => {
    const { cookie, server } = await bind(stage);
    const holding = await stage.connect();
    holding.send(post('/', 'hold', cookie).slice(0, -1));
    while (!origins[server].requests.some(({ isWhole }) => !isWhole)) await new Promise(setImmediate);
    const refused = await ask(stage, get('/', cookie));
    assert.equal(refused.status, 503);
    assert.equal(refused.setCookie, '');
    holding.send('d');
    assert.equal((await holding.readResponse()).status, 200);
    assert.equal((await ask(stage, get('/', cookie))).server, server);
  }));
