import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { parseSetCookie } from 'cookie';
import { binding } from '../../../src/upstream/binding.js';
import { Server } from '../../../src/upstream/server.js';
import { StickyCookie, type StickyCookieOptions, stickyValue } from '../../../src/upstream/sticky/cookie.js';
import { StickyFinding, sessionKey } from '../../../src/upstream/sticky/sticky-policy.js';
import { stickyPolicyContract } from '../../contract/sticky-policy.contract.js';
import { exchangeWithCookies, responseOf } from '../stand-in-exchange.js';
import { nobody, serverOptions, stickyCookieOptions } from '../stand-in-upstream.js';

for (const secret of ['', 'a secret']) {
  stickyPolicyContract({
    name: secret === '' ? 'cookie' : 'cookie, signed',
    make: (servers, isStrict) => new StickyCookie('meteor', servers, stickyCookieOptions({ secret, isStrict })),
    client: (number) => ({
      first: exchangeWithCookies([`other=${number}`]),
      serverFields: [],
      next: (response) => exchangeWithCookies([response.get('set-cookie')!.split(';')[0]!]),
    }),
  });
}

// A value of the server's own comes back as it was sent.
stickyPolicyContract({
  name: 'cookie, values of their own',
  make: (servers, isStrict) => {
    const values = new Map(servers.map(({ name }) => [name, `127.0.0.1:3000/${name}`]));
    return new StickyCookie('meteor', servers, stickyCookieOptions({ values, isStrict }));
  },
  client: (number) => ({
    first: exchangeWithCookies([`other=${number}`]),
    serverFields: [],
    next: (response) => exchangeWithCookies([response.get('set-cookie')!.split(';')[0]!]),
  }),
});

function serversNamed(...names: string[]): Server[] {
  return names.map((name, i) => new Server(serverOptions(name), i, null, nobody));
}

function find(policy: StickyCookie, ...cookies: string[]): StickyFinding {
  const finding = new StickyFinding();
  policy.find(exchangeWithCookies(cookies), finding);
  return finding;
}

/** The Set-Cookie value that a new client gets from a server "a". */
function lineFor(some: Partial<StickyCookieOptions>, scheme: 'http' | 'https' = 'http'): string {
  const [a] = serversNamed('a');
  const head = responseOf(200);
  new StickyCookie('meteor', [a], stickyCookieOptions(some)).onResponseHead(exchangeWithCookies([], scheme), head, a, binding.new);
  return head.get('set-cookie')!;
}

const valueOfA = stickyValue('meteor', 'a', '');
const valueOfB = stickyValue('meteor', 'b', '');

describe('the value of the sticky cookie', () => {
  test('never changes from one release to the next: clients keep cookies for years', () => {
    assert.equal(valueOfA, '322e00ddbffca0559149db325b9b034e');
    assert.equal(stickyValue('meteor', 'a', 'key'), createHmac('sha256', 'key').update('["meteor","a"]').digest('hex').slice(0, 32));
  });

  test('depends on upstream, server and secret, and does not mix up the two names', () => {
    const values = [
      valueOfA,
      valueOfB,
      stickyValue('tomcat', 'a', ''),
      stickyValue('meteor', 'a', 's'),
      stickyValue('meteor', 'a', 't'),
      stickyValue('meteora', '', ''),
    ];
    assert.equal(new Set(values).size, values.length);
    for (const value of values) assert.match(value, /^[0-9a-f]{32}$/);
  });

  test('still names the same server when servers are added or put in another order', () => {
    const before = new StickyCookie('meteor', serversNamed('a', 'b'), stickyCookieOptions());
    const after = new StickyCookie('meteor', serversNamed('c', 'b', 'd', 'a'), stickyCookieOptions());
    for (const value of [valueOfA, valueOfB]) {
      assert.equal(find(before, `route=${value}`).server!.name, find(after, `route=${value}`).server!.name);
    }
  });

  test('counts as unknown when it names a removed server, one of another upstream, one under another secret, or nothing', () => {
    const policy = new StickyCookie('meteor', serversNamed('a'), stickyCookieOptions());
    for (const value of [
      valueOfB,
      stickyValue('tomcat', 'a', ''),
      stickyValue('meteor', 'a', 's'),
      valueOfA.toUpperCase(),
      valueOfA.slice(1),
      '',
      'a',
      '__proto__',
    ]) {
      const { server, key } = find(policy, `route=${value}`);
      assert.deepEqual([server, key], [null, sessionKey.unknown], value);
    }
    const signed = new StickyCookie('meteor', serversNamed('a'), stickyCookieOptions({ secret: 's' }));
    assert.equal(find(signed, `route=${valueOfA}`).server, null);
  });
});

describe('finding the sticky cookie', () => {
  const policy = new StickyCookie('meteor', serversNamed('a', 'b'), stickyCookieOptions());
  const cases: { what: string; cookies: string[]; server: string | null }[] = [
    { what: 'among others in one field', cookies: [`x=1; route=${valueOfB}; y=2`], server: 'b' },
    { what: 'in the second of several fields', cookies: ['x=1', `route=${valueOfB}`], server: 'b' },
    { what: 'behind a value that names nobody, in the same field', cookies: [`route=stale; route=${valueOfB}`], server: 'b' },
    { what: 'behind a value that names nobody, in another field', cookies: ['route=stale', 'x=1', `route=${valueOfB}`], server: 'b' },
    { what: 'the first that names a server counts', cookies: [`route=${valueOfA}; route=${valueOfB}`, `route=${valueOfB}`], server: 'a' },
    { what: 'in quotes', cookies: [`route="${valueOfA}"`], server: 'a' },
    { what: 'not under another name', cookies: [`Route=${valueOfA}; routes=${valueOfA}; xroute=${valueOfA}`], server: null },
  ];
  for (const { what, cookies, server } of cases) {
    test(what, () => assert.equal(find(policy, ...cookies).server?.name ?? null, server));
  }
});

describe('the Set-Cookie field', () => {
  test('as the defaults have it', () => {
    assert.equal(lineFor({}), `route=${valueOfA}; Path=/; HttpOnly`);
  });

  test('with every attribute', () => {
    const line = lineFor({
      name: 'r',
      path: '/app',
      domain: 'example.test',
      secure: true,
      sameSite: 'strict',
      partitioned: true,
      maxAgeMs: 3_600_000,
      httpOnly: false,
    });
    assert.deepEqual(
      { ...parseSetCookie(line) },
      {
        name: 'r',
        value: valueOfA,
        path: '/app',
        domain: 'example.test',
        secure: true,
        sameSite: 'strict',
        partitioned: true,
        maxAge: 3600,
      },
    );
  });

  const secureCases: { what: string; some: Partial<StickyCookieOptions>; http: boolean; https: boolean }[] = [
    { what: 'secure auto', some: { secure: 'auto' }, http: false, https: true },
    { what: 'secure true', some: { secure: true }, http: true, https: true },
    { what: 'secure false', some: { secure: false }, http: false, https: false },
    { what: 'SameSite=None implies it', some: { secure: false, sameSite: 'none' }, http: true, https: true },
    { what: 'Partitioned implies it', some: { secure: false, partitioned: true }, http: true, https: true },
    { what: 'SameSite=Lax does not', some: { sameSite: 'lax' }, http: false, https: true },
  ];
  for (const { what, some, http, https } of secureCases) {
    test(`Secure: ${what}`, () => {
      assert.equal(parseSetCookie(lineFor(some, 'http')).secure ?? false, http);
      assert.equal(parseSetCookie(lineFor(some, 'https')).secure ?? false, https);
    });
  }

  test('a maximal age below a second is rounded up, not into a deletion', () => {
    assert.equal(parseSetCookie(lineFor({ maxAgeMs: 250 })).maxAge, 1);
  });

  test('stands behind the cookies of the server, which stay', () => {
    const [a] = serversNamed('a');
    const head = responseOf(200, [
      ['Set-Cookie', 'sid=1'],
      ['Set-Cookie', 'route=own'],
    ]);
    new StickyCookie('meteor', [a], stickyCookieOptions()).onResponseHead(exchangeWithCookies([]), head, a, binding.new);
    assert.deepEqual(head.getAll('set-cookie'), ['sid=1', 'route=own', `route=${valueOfA}; Path=/; HttpOnly`]);
  });

  test('makes the response private, and only when it is written', () => {
    const [a] = serversNamed('a');
    const policy = new StickyCookie('meteor', [a], stickyCookieOptions());
    const written = responseOf(200, [['Cache-Control', 'public, max-age=60']]);
    policy.onResponseHead(exchangeWithCookies([]), written, a, binding.rebound);
    assert.equal(written.get('cache-control'), 'private, max-age=60');
    const untouched = responseOf(200, [['Cache-Control', 'public, max-age=60']]);
    policy.onResponseHead(exchangeWithCookies([]), untouched, a, binding.bound);
    assert.equal(untouched.get('cache-control'), 'public, max-age=60');
  });

  test('is on a 101 too, which no cache stores', () => {
    const [a] = serversNamed('a');
    const head = responseOf(101);
    new StickyCookie('meteor', [a], stickyCookieOptions()).onResponseHead(exchangeWithCookies([]), head, a, binding.new);
    assert.deepEqual(
      head.list.map(([name]) => name),
      ['Set-Cookie'],
    );
  });

  test('options that cannot stand in the field are refused when the policy is made', () => {
    for (const some of [{ name: 'a b' }, { name: '' }, { path: '/;x' }, { domain: 'a b' }]) {
      assert.throws(() => new StickyCookie('meteor', serversNamed('a'), stickyCookieOptions(some)), TypeError);
    }
  });
});
