import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogFields } from '../../../src/core/logger.js';
import { createLocalStore } from '../../../src/store/local-store.js';
import { binding, bindingNames } from '../../../src/upstream/binding.js';
import { Selection, select } from '../../../src/upstream/selection.js';
import { adminState, type Server } from '../../../src/upstream/server.js';
import { StickyAppCookie, type StickyAppCookieOptions } from '../../../src/upstream/sticky/app-cookie.js';
import { pathParameter } from '../../../src/upstream/sticky/path-parameter.js';
import { StickyFinding, type StickyPolicy, sessionKey } from '../../../src/upstream/sticky/sticky-policy.js';
import { find, namedServers, stickyPolicyContract, visit } from '../../contract/sticky-policy.contract.js';
import { exchangeFrom, exchangeWithCookies, responseOf } from '../stand-in-exchange.js';
import { serverOptions, upstreamOf } from '../stand-in-upstream.js';

const kept = { maxSessions: 800, idleMs: 100_000 };

function appCookieOptions(routes: readonly string[], some: Partial<StickyAppCookieOptions> = {}): StickyAppCookieOptions {
  return {
    policy: 'app-cookie',
    name: 'JSESSIONID',
    routes,
    sessions: createLocalStore().sessions('s', kept),
    isStrict: false,
    warn: () => {},
    ...some,
  };
}

function policyFor(servers: readonly Server[], some: Partial<StickyAppCookieOptions> = {}): StickyPolicy {
  return new StickyAppCookie(
    servers,
    appCookieOptions(
      servers.map(({ name }) => name),
      some,
    ),
  );
}

stickyPolicyContract({
  name: 'app-cookie, learned',
  make: (servers, isStrict) => policyFor(servers, { isStrict }),
  client: (number) => {
    const next = exchangeWithCookies([`JSESSIONID=S${number}`]);
    return {
      first: exchangeWithCookies([]),
      serverFields: [['Set-Cookie', `JSESSIONID=S${number}; Path=/; HttpOnly`]],
      next: () => next,
    };
  },
});

const session = (value: string, attributes = '; Path=/'): [string, string] => ['Set-Cookie', `JSESSIONID=${value}${attributes}`];
const withSession = (...values: string[]) => exchangeWithCookies([values.map((value) => `JSESSIONID=${value}`).join('; ')]);

test('routes are those of the servers in their order, whatever their indexes: others may have left', () => {
  const [, b] = namedServers('a', 'b');
  const policy = new StickyAppCookie([b!], appCookieOptions(['jvm2']));
  assert.equal(find(policy, exchangeWithCookies(['JSESSIONID=ABC.jvm2'])).server, b);
});

describe('a session with a route', () => {
  const servers = namedServers('jvm1', 'jvm2', 'long.jvm1');
  const policy = policyFor(servers);
  const cases: [string, string | null][] = [
    ['ABC.jvm1', 'jvm1'],
    ['ABC.jvm2', 'jvm2'],
    ['A.B.C.jvm2', 'jvm2'],
    ['ABC.long.jvm1', 'long.jvm1'],
    ['ABC.jvm3', null],
    ['ABC.jvm1.', null],
    ['ABCjvm1', null],
    ['jvm1', null],
    ['.jvm1', 'jvm1'],
    ['', null],
  ];
  for (const [value, server] of cases) {
    test(`"${value}" belongs to ${server}`, () => assert.equal(find(policy, withSession(value)).server?.name ?? null, server));
  }

  test('needs no store: it is known to whoever has the config', () => {
    const [a] = servers as [Server];
    const { how } = visit(policyFor(servers), exchangeWithCookies([]), a, [session('XYZ.jvm1')]);
    assert.equal(how, binding.new);
    assert.equal(find(policyFor(servers), withSession('XYZ.jvm1')).server, a);
  });

  test('a route of its own has the place of the name', () => {
    const own = new StickyAppCookie(servers, appCookieOptions(['one', 'two', 'three']));
    assert.equal(find(own, withSession('ABC.two')).server?.name, 'jvm2');
    assert.equal(find(own, withSession('ABC.jvm2')).server, null);
  });

  test('whose server is lost: the client stays where the first worker moved it, while that is so', () => {
    const upstream = upstreamOf([serverOptions('jvm1'), serverOptions('jvm2'), serverOptions('jvm3')], {
      sticky: appCookieOptions(['jvm1', 'jvm2', 'jvm3']),
    });
    const at = (): string => {
      const out = new Selection();
      select(upstream, withSession('ABC.jvm1'), [], out);
      return `${out.server?.name} ${bindingNames[out.binding]}`;
    };
    assert.equal(at(), 'jvm1 bound');
    upstream.servers[0]!.adminState = adminState.maintenance;
    const [moved] = at().split(' ') as [string];
    for (let i = 0; i < 4; i++) assert.equal(at().split(' ')[0], moved);
    upstream.servers[0]!.adminState = adminState.ready;
    assert.equal(at(), 'jvm1 bound');
  });
});

describe('where the session is looked for', () => {
  const servers = namedServers('jvm1', 'jvm2');
  const policy = policyFor(servers);
  visit(policy, exchangeWithCookies([]), servers[1]!, [session('LEARNED')]);

  const found = (cookies: string[], target = '/') => find(policy, exchangeFrom('192.0.2.1', { cookies, target })).server?.name ?? null;

  test('in the path, where there is no cookie', () => {
    assert.equal(found([], '/app/page;jsessionid=ABC.jvm2?x=1'), 'jvm2');
    assert.equal(found([], '/app/page;jsessionid=LEARNED'), 'jvm2');
    assert.equal(found([], '/app/page?x=;jsessionid=ABC.jvm2'), null);
  });

  test('the cookie is stronger than the path, as it is for Tomcat', () => {
    assert.equal(found(['JSESSIONID=ABC.jvm1'], '/app;jsessionid=DEF.jvm2'), 'jvm1');
  });

  test('behind one that is nobody any more', () => {
    assert.equal(found(['JSESSIONID=old; JSESSIONID=ABC.jvm2']), 'jvm2');
    assert.equal(found(['JSESSIONID=old; JSESSIONID=LEARNED']), 'jvm2');
    assert.equal(found(['JSESSIONID=old', 'x=1; JSESSIONID=LEARNED']), 'jvm2');
    assert.equal(found(['JSESSIONID=old'], '/;jsessionid=LEARNED'), 'jvm2');
  });

  test('not under another name', () => {
    assert.equal(found(['jsessionid=LEARNED; XJSESSIONID=LEARNED']), null);
  });
});

describe('path parameters', () => {
  const cases: [string, string][] = [
    ['/a;jsessionid=1', '1'],
    ['/a;JSESSIONID=1/b', '1'],
    ['/a;v=2;jsessionid=1;w=3?q', '1'],
    ['/a;v=2/b;jsessionid=1', '1'],
    ['/a;jsessionid=', ''],
    ['/a;jsessionid', ''],
    ['/a;xjsessionid=1', ''],
    ['/a?;jsessionid=1', ''],
    ['*', ''],
  ];
  for (const [target, value] of cases) test(`${target} has "${value}"`, () => assert.equal(pathParameter(target, 'JSESSIONID'), value));
});

describe('learning sessions', () => {
  test('a name that no server has set binds nobody, however often it comes and whatever is answered', () => {
    const servers = namedServers('a', 'b');
    const policy = policyFor(servers);
    for (const server of servers) {
      const { how } = visit(policy, withSession('invented'), server);
      assert.equal(how, binding.none);
    }
    const finding = find(policy, withSession('invented'));
    assert.deepEqual([finding.server, finding.key], [null, sessionKey.unknown]);
  });

  test('is pending until the client comes back and is answered well', () => {
    const [a] = namedServers('a') as [Server];
    const policy = policyFor([a]);
    visit(policy, exchangeWithCookies([]), a, [session('S')]);
    const finding = find(policy, withSession('S'));
    assert.equal(finding.isPending, true);
    policy.onResponseHead(withSession('S'), responseOf(500), a, binding.bound, finding);
    assert.equal(find(policy, withSession('S')).isPending, true);
    visit(policy, withSession('S'), a);
    assert.equal(find(policy, withSession('S')).isPending, false);
  });

  test('a bound client that is given a new session has both', () => {
    const servers = namedServers('a', 'b');
    const policy = policyFor(servers);
    visit(policy, exchangeWithCookies([]), servers[1]!, [session('before')]);
    const { how } = visit(policy, withSession('before'), servers[1]!, [session('after')]);
    assert.equal(how, binding.bound);
    for (const value of ['before', 'after']) assert.equal(find(policy, withSession(value)).server, servers[1]);
  });

  test('every session of an answer is learned', () => {
    const servers = namedServers('a', 'b');
    const policy = policyFor(servers);
    visit(policy, exchangeWithCookies([]), servers[1]!, [
      session('one', '; Path=/one'),
      ['Set-Cookie', 'other=1'],
      session('two', '; Path=/two'),
    ]);
    for (const value of ['one', 'two']) assert.equal(find(policy, withSession(value)).server, servers[1]);
    assert.equal(find(policy, withSession('1')).server, null);
  });

  const notLearned: [string, string, string][] = [
    ['an empty value', '', ''],
    ['a deletion by Max-Age', 'gone', '; Max-Age=0'],
    ['a deletion by a negative Max-Age', 'gone', '; max-age=-1'],
    ['a deletion by Expires', 'gone', '; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    ['what SockJS sets for everyone', 'dummy', '; Path=/'],
  ];
  for (const [what, value, attributes] of notLearned) {
    test(`${what} is not learned`, () => {
      const [a] = namedServers('a') as [Server];
      const policy = policyFor([a]);
      const { how } = visit(policy, exchangeWithCookies([]), a, [session(value, attributes)]);
      assert.equal(how, binding.none);
      assert.equal(find(policy, withSession(value)).server, null);
    });
  }

  test('a longer life is no deletion', () => {
    const [a] = namedServers('a') as [Server];
    const policy = policyFor([a]);
    visit(policy, exchangeWithCookies([]), a, [session('S', '; Max-Age=010; Expires=Thu, 01 Jan 2970 00:00:00 GMT')]);
    assert.equal(find(policy, withSession('S')).server, a);
  });

  const suspects: [string, string, string][] = [
    ['that SockJS sets for everyone', 'dummy', 'dummy-session'],
    ['with the route of another server', 'S.b', 'foreign-route'],
    ['that another server has set', 'S', 'shared-session'],
  ];
  for (const [what, value, code] of suspects) {
    test(`a session ${what} is told to the log, without its name`, () => {
      const warnings: [string, LogFields][] = [];
      const servers = namedServers('a', 'b');
      const policy = policyFor(servers, { warn: (message, fields) => warnings.push([message, fields]) });
      visit(policy, exchangeWithCookies([]), servers[1]!, [session('S')]);
      visit(policy, exchangeWithCookies([]), servers[0]!, [session(value)]);
      assert.deepEqual(
        warnings.map(([, fields]) => [fields.code, fields['server']]),
        [[code, 'a']],
      );
      assert.ok(!JSON.stringify(warnings).includes('"S'));
    });
  }

  test('two clients that get one session from two servers: the first keeps it', () => {
    const servers = namedServers('a', 'b');
    const policy = policyFor(servers);
    visit(policy, exchangeWithCookies([]), servers[1]!, [session('S')]);
    visit(policy, exchangeWithCookies([]), servers[0]!, [session('S')]);
    assert.equal(find(policy, withSession('S')).server, servers[1]);
  });

  test('a store that cannot be asked: nothing is learned, and the answer goes out', () => {
    const store = createLocalStore();
    const [a] = namedServers('a') as [Server];
    const policy = policyFor([a], { sessions: store.sessions('s', kept) });
    store.ownerIsGone();
    const finding = new StickyFinding();
    policy.onResponseHead(exchangeWithCookies([]), responseOf(200, [session('S')]), a, binding.none, finding);
    assert.equal(finding.isAsked, false);
    assert.equal(find(policy, withSession('S')).server, null);
  });
});
