// The table that makes this product what it is, with real servers dying: a server that is down loses its clients to
// another with a new cookie, or refuses them where the policy is strict; a draining one keeps its own and takes no new.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ChildServer, startChildServer } from '../fixtures/child-server.js';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { configFor, startStage, stickyCookie } from './two-servers.js';

/** Who answers this browser's next request, and with which status. */
async function askFrom(browser: CookieBrowser, limpet: LimpetProcess): Promise<{ status: number; server: unknown }> {
  const { status, headers } = await browser.ask(`${limpet.url()}/page`);
  return { status, server: headers['x-server'] };
}

function newBrowser(t: TestContext): CookieBrowser {
  const browser = new CookieBrowser();
  t.after(() => browser.close());
  return browser;
}

/** A new browser that is bound to the server with this name. */
async function browserOn(t: TestContext, limpet: LimpetProcess, name: string): Promise<CookieBrowser> {
  for (let tries = 0; tries < 4; tries += 1) {
    const browser = newBrowser(t);
    if ((await askFrom(browser, limpet)).server === name) return browser;
  }
  throw new Error(`four new browsers and none was sent to ${name}`);
}

test('a bound client keeps its server and is sent the cookie once', { timeout: 30_000 }, async (t) => {
  const { limpet } = await startStage(t, 'sockjs-server', { sticky: stickyCookie });
  const browser = newBrowser(t);
  const first = await askFrom(browser, limpet);
  for (let times = 0; times < 5; times += 1) assert.deepEqual(await askFrom(browser, limpet), first);
  assert.equal(browser.cookies.received.length, 1);
  assert.match(browser.cookies.received[0] ?? '', /^route=[^;]+; Path=\/; HttpOnly$/);
});

test('a server that dies loses its clients to the other, with a new cookie, and does not get them back', { timeout: 60_000 }, async (t) => {
  const { limpet, servers } = await startStage(t, 'sockjs-server', { sticky: stickyCookie });
  const browser = await browserOn(t, limpet, 'a');
  const before = browser.cookies.get('route');
  await servers[0].kill();
  assert.deepEqual(await askFrom(browser, limpet), { status: 200, server: 'b' });
  const after = browser.cookies.get('route');
  assert.notEqual(after, before);
  assert.equal(browser.cookies.received.length, 2);
  const again = await startChildServer('sockjs-server', 'a', servers[0].port);
  t.after(() => again.kill());
  for (let times = 0; times < 3; times += 1) assert.deepEqual(await askFrom(browser, limpet), { status: 200, server: 'b' });
  assert.equal(browser.cookies.get('route'), after);
});

test('with strict the clients of a dead server get 503, keep their cookie, and find it when it is back', { timeout: 60_000 }, async (t) => {
  const { limpet, servers } = await startStage(t, 'sockjs-server', {
    sticky: { ...stickyCookie, strict: true },
    health: { passive: { failures: 3, window: '1s', downFor: '1s' } },
  });
  const browser = await browserOn(t, limpet, 'a');
  const cookie = browser.cookies.get('route');
  await servers[0].kill();
  for (let times = 0; times < 3; times += 1) assert.equal((await askFrom(browser, limpet)).status, 503);
  assert.equal(browser.cookies.get('route'), cookie);
  assert.deepEqual(await askFrom(newBrowser(t), limpet), { status: 200, server: 'b' });
  const again = await startChildServer('sockjs-server', 'a', servers[0].port);
  t.after(() => again.kill());
  const answer = await waitFor('an answer from the server', async () => {
    const { status, server } = await askFrom(browser, limpet);
    return status === 200 ? { server } : null;
  });
  assert.equal(answer.server, 'a');
  assert.equal(browser.cookies.get('route'), cookie);
});

test('when every server is dead clients get 502 or 503, and service when one is back', { timeout: 60_000 }, async (t) => {
  const { limpet, servers } = await startStage(t, 'sockjs-server', {
    sticky: stickyCookie,
    health: { passive: { failures: 1, window: '1s', downFor: '500ms' } },
  });
  const browser = newBrowser(t);
  assert.equal((await askFrom(browser, limpet)).status, 200);
  await Promise.all(servers.map((server) => server.kill()));
  assert.ok([502, 503].includes((await askFrom(browser, limpet)).status));
  const again = await startChildServer('sockjs-server', 'b', servers[1].port);
  t.after(() => again.kill());
  const answer = await waitFor('an answer from the server', async () => {
    const { status, server } = await askFrom(browser, limpet);
    return status === 200 ? { server } : null;
  });
  assert.equal(answer.server, 'b');
});

/** Starts Limpet in front of `servers`, runs `action`, and stops it with its checks. */
async function withLimpet<T>(
  servers: Record<string, unknown>[],
  sticky: object,
  action: (limpet: LimpetProcess) => Promise<T>,
): Promise<T> {
  const limpet = await startLimpet({
    listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
    upstreams: { app: { servers, sticky } },
  });
  try {
    const result = await action(limpet);
    await limpet.stop();
    return result;
  } finally {
    await limpet.kill();
  }
}

async function startThree(t: TestContext): Promise<ChildServer[]> {
  const servers = await Promise.all(['a', 'b', 'c'].map((name) => startChildServer('sockjs-server', name)));
  t.after(() => Promise.all(servers.map((server) => server.kill())));
  return servers;
}

test('a draining server keeps its own sessions and takes no new ones; one in maintenance loses them', { timeout: 60_000 }, async (t) => {
  const servers = (await startThree(t)).slice(0, 2).map(({ name, address }) => ({ name, address }));
  const own = await withLimpet(servers, stickyCookie, (limpet) => browserOn(t, limpet, 'a'));
  const withState = (admin: string) => [{ ...servers[0], admin }, servers[1] as Record<string, unknown>];
  await withLimpet(withState('drain'), stickyCookie, async (limpet) => {
    for (let times = 0; times < 3; times += 1) {
      assert.deepEqual(await askFrom(own, limpet), { status: 200, server: 'a' });
      assert.deepEqual(await askFrom(newBrowser(t), limpet), { status: 200, server: 'b' });
    }
    assert.equal(own.cookies.received.length, 1);
  });
  await withLimpet(withState('maintenance'), stickyCookie, async (limpet) => {
    assert.deepEqual(await askFrom(own, limpet), { status: 200, server: 'b' });
    assert.equal(own.cookies.received.length, 2);
  });
});

test('the cookie outlives a restart, another order of the servers and a server more', { timeout: 60_000 }, async (t) => {
  const servers = (await startThree(t)).map(({ name, address }) => ({ name, address }));
  const sticky = { ...stickyCookie, secret: 'not much of a secret' };
  const browser = await withLimpet(servers.slice(0, 2), sticky, (limpet) => browserOn(t, limpet, 'b'));
  await withLimpet(servers.toReversed(), sticky, async (limpet) => {
    for (let times = 0; times < 4; times += 1) assert.deepEqual(await askFrom(browser, limpet), { status: 200, server: 'b' });
  });
  assert.equal(browser.cookies.received.length, 1);
});

test('a cookie that was signed with another secret counts as none', { timeout: 60_000 }, async (t) => {
  const { limpet, servers } = await startStage(t, 'sockjs-server', { sticky: { ...stickyCookie, secret: 'one' } });
  const other = await startLimpet(configFor(servers, { sticky: { ...stickyCookie, secret: 'other' } }));
  try {
    const browser = newBrowser(t);
    await askFrom(browser, other);
    assert.equal((await askFrom(browser, limpet)).status, 200);
    assert.equal(browser.cookies.received.length, 2);
    await other.stop();
  } finally {
    await other.kill();
  }
});
