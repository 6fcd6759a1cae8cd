import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inListen, listenerOf, rulesOf, translate, upstreamOf } from './translated.js';

describe('conditions', () => {
  const cases: [written: string, condition: unknown][] = [
    ['{ path_beg /a /b }', { test: [{ value: '${path}', startsWith: ['/a', '/b'] }] }],
    ['{ path -i /A }', { test: [{ value: '${path}', is: '/A', ignoreCase: true }] }],
    ['{ path_end .png }', { test: [{ value: '${path}', endsWith: '.png' }] }],
    ['{ path_sub x }', { test: [{ value: '${path}', contains: 'x' }] }],
    ['{ path_reg ^/a }', { test: [{ value: '${path}', pattern: ['^/a'] }] }],
    ['{ hdr(Host) -i a.example }', { test: [{ value: '${header.host}', exists: true, is: 'a.example', ignoreCase: true }] }],
    ['{ req.hdr(x-a) -m found }', { test: [{ header: 'x-a', members: true, exists: true }] }],
    ['{ src 10.0.0.0/8 ::1 }', { client: ['10.0.0.0/8', '::1'] }],
    ['{ method POST }', { method: ['POST'] }],
    ['METH_GET', { method: ['GET', 'HEAD'] }],
    ['{ ssl_fc }', { tls: true }],
    ['!{ ssl_fc }', { not: { tls: true } }],
    ['{ ssl_fc } METH_POST', { all: [{ tls: true }, { method: ['POST'] }] }],
    ['{ ssl_fc } or METH_POST', { any: [{ tls: true }, { method: ['POST'] }] }],
    ['{ cook(a) b }', { test: [{ cookie: 'a', exists: true, is: 'b' }] }],
    ['{ hdr_len(a) gt 5 }', { test: [{ header: 'a', members: true, pattern: ['^[^]{6,}$'] }] }],
    ['{ url_param(a) b }', { test: [{ argument: 'a', exists: true, is: 'b' }] }],
    ['{ hdr(a),field(2,:),lower b }', { test: [{ header: 'a', members: true, filters: ['field:2::', 'lower'], exists: true, is: 'b' }] }],
    ['{ dst_port 80:90 }', { test: [{ value: '${listener.port}', exists: true, atLeast: 80, atMost: 90 }] }],
    ['{ hdr_val(content-length) gt 5 }', { test: [{ value: '${header.content-length}', exists: true, atLeast: 6 }] }],
  ];
  for (const [written, condition] of cases) {
    test(written, () => assert.deepEqual(rulesOf(`http-request allow if ${written}`), [{ when: condition, stop: true }]));
  }

  test('unless turns a condition round', () => {
    assert.deepEqual(rulesOf('http-request allow unless { ssl_fc }'), [{ when: { not: { tls: true } }, stop: true }]);
  });

  test('acls of one name hold when one of them does', () => {
    const [rule] = rulesOf('acl a path /a', 'acl a path /b', 'http-request allow if a');
    assert.equal(rule.when.any.length, 2);
  });
});

describe('rules', () => {
  const cases: [written: string, rule: unknown][] = [
    ['http-request set-header X-A "%[src] b"', { request: { set: { 'X-A': '${client.ip} b' } } }],
    ['http-request add-header X-A %[hdr(host),lower]', { request: { add: { 'X-A': '${header.host|lower}' } } }],
    ['http-request del-header X-A', { request: { remove: ['X-A'] } }],
    ['http-request set-path /b%[path]', { target: '/b${target|field:1:?}${query}' }],
    [
      'http-request replace-path ^/a(.*)$ /b\\1',
      { when: { test: [{ value: '${target|field:1:?}', pattern: ['^/a(.*)$'] }] }, target: '/b${capture.1}${query}' },
    ],
    [
      'http-request replace-pathq ^/a /b if METH_POST',
      { when: { all: [{ method: ['POST'] }, { test: [{ value: '${target}', pattern: ['^/a'] }] }] }, target: '/b' },
    ],
    [
      'http-request replace-value X-A (b) c\\1',
      { request: { replace: { 'X-A': [{ pattern: '(b)', to: 'c${capture.1}', whole: true, members: true }] } } },
    ],
    ['http-request set-var(txn.a) path,upper', { variables: { 'txn.a': '${target|field:1:?|upper}' } }],
    [
      'http-request return status 200 content-type text/plain string a${b}',
      { respond: { status: 200, body: 'a$${b}', headers: { 'content-type': 'text/plain' } } },
    ],
    ['redirect scheme https code 301', { redirect: { to: 'https://${header.host}${target}', status: 301 } }],
    ['redirect prefix https://b.example code 308', { redirect: { to: 'https://b.example${target}', status: 308 } }],
    ['redirect location /x', { respond: { status: 302, body: '', headers: { location: '/x', 'cache-control': 'no-cache' } } }],
  ];
  for (const [written, rule] of cases) test(written, () => assert.deepEqual(rulesOf(written), [rule]));

  test('deny answers with the page that HAProxy has', () => {
    const [rule] = rulesOf('http-request deny deny_status 429');
    assert.equal(rule.respond.status, 429);
    assert.match(rule.respond.body, /^<html><body><h1>429 Too Many Requests<\/h1>\n/);
  });

  test('rules of responses stand apart', () => {
    assert.deepEqual(listenerOf('http-response set-header X-A b if { status 200 }').responseRules, [
      {
        of: 'server',
        rules: [
          { when: { test: [{ value: '${response.status}', exists: true, atLeast: 200, atMost: 200 }] }, response: { set: { 'X-A': 'b' } } },
        ],
      },
    ]);
  });

  test('redirects come behind the other rules', () => {
    const rules = rulesOf('redirect location /x code 301', 'http-request set-header X-A b');
    assert.deepEqual(
      rules.map((rule) => Object.keys(rule)[0]),
      ['request', 'redirect'],
    );
  });
});

describe('forwardfor', () => {
  test('adds the field', () =>
    assert.deepEqual(listenerOf('option forwardfor').routes[0].request, { add: { 'X-Forwarded-For': '${client.ip}' } }));
  test('with a condition it is a rule', () => {
    assert.deepEqual(listenerOf('option forwardfor except 10.0.0.0/8 header X-C').routes[0].rules, [
      { when: { not: { client: ['10.0.0.0/8'] } }, request: { add: { 'X-C': '${client.ip}' } } },
    ]);
  });
  test('without it nothing is forwarded', () => assert.equal(listenerOf().forwarded, false));
});

describe('servers', () => {
  const serverOf = (...lines: string[]) => upstreamOf(...lines).servers[0];
  test('settings', () => {
    assert.deepEqual(serverOf('cookie S prefix', 'server z 127.0.0.1:1 weight 3 backup maxconn 5 disabled cookie c'), {
      name: 'z',
      address: '127.0.0.1:1',
      weight: 3,
      backup: true,
      maxConnections: 5,
      admin: 'maintenance',
      cookie: 'c',
    });
  });
  test('default-server comes before their own', () => {
    assert.deepEqual(serverOf('default-server weight 3 maxconn 9', 'server z 127.0.0.1:1 weight 4'), {
      name: 'z',
      address: '127.0.0.1:1',
      weight: 4,
      maxConnections: 9,
    });
  });
  test('a weight of 0 drains', () => assert.equal(serverOf('server z 127.0.0.1:1 weight 0').admin, 'drain'));
  test('without checks none goes down', () => assert.deepEqual(upstreamOf().health, { passive: 'off' }));
  test('with checks some may', () => assert.equal(upstreamOf('default-server check').health, undefined));
});

describe('choosing', () => {
  const cases: [written: string, balance: unknown][] = [
    ['roundrobin', 'round-robin'],
    ['static-rr', 'static-round-robin'],
    ['leastconn', 'least-connections'],
    ['source', 'source'],
    ['first', 'first'],
    ['random', 'random'],
    ['random(3)', { by: 'random', draws: 3 }],
    ['hdr(x-a)', { by: 'hash', key: '${header.x-a}' }],
    ['url_param id', { by: 'hash', key: '${query.id}' }],
  ];
  for (const [written, balance] of cases)
    test(`balance ${written}`, () => assert.deepEqual(upstreamOf(`balance ${written}`).balance, balance));

  test('cookie', () => {
    assert.deepEqual(upstreamOf('cookie S insert indirect nocache preserve httponly secure domain a.example attr SameSite=Lax').sticky, {
      policy: 'cookie',
      name: 'S',
      mode: 'insert',
      secure: true,
      httpOnly: true,
      indirect: true,
      noCache: true,
      preserve: true,
      domain: 'a.example',
      attributes: ['SameSite=Lax'],
    });
  });
  test('retries', () => {
    assert.deepEqual(upstreamOf('retries 2').retries, { attempts: 1, bound: 3, pause: '1s', methods: [] });
    assert.deepEqual(upstreamOf('retries 2', 'option redispatch').retries, { attempts: 2, bound: 2, pause: '1s', methods: [] });
  });
});

describe('listeners', () => {
  test('timeouts', () => {
    const { timeouts, routes } = listenerOf(
      'timeout client 10s',
      'timeout http-request 5s',
      'timeout server 20s',
      'timeout connect 3s',
      'timeout tunnel 1h',
    );
    assert.deepEqual(timeouts, { requestHead: '5s', requestBody: '10s', idle: '5s', send: '10s' });
    assert.deepEqual(routes[0].timeouts, { connect: '3s', responseHead: '20s', responseBody: '20s', tunnelIdle: '1h', halfClosed: '1h' });
  });

  test('each address is one, with the PROXY protocol where it is accepted', () => {
    const { listeners } = translate(
      'listen web\n mode http\n bind :8080,[::1]:8081 accept-proxy\n bind /tmp/a.sock mode 660\n server a 127.0.0.1:3000\n',
    ).document;
    assert.deepEqual(
      Object.values(listeners).map((listener) => (listener as { address: string }).address),
      ['0.0.0.0:8080', '[::1]:8081', 'unix:/tmp/a.sock'],
    );
    assert.deepEqual(listeners.web.proxyProtocol, { from: ['0.0.0.0/0', '::/0', 'unix'] });
    assert.equal(listeners['web-3'].socketMode, '660');
  });

  test('mode tcp leads to one upstream', () => {
    const { document, problems } = translate(
      'listen db\n mode tcp\n bind :5432\n timeout client 1m\n timeout server 2m\n server a 127.0.0.1:5433\n',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(document.listeners.db.routes, [{ upstream: 'db', timeouts: { connect: '24d', tunnelIdle: '1m', halfClosed: '1m' } }]);
  });

  test('backends are routes in order, with the default last', () => {
    const text =
      'defaults\n mode http\nfrontend f\n bind :80\n use_backend b if { path /b }\n default_backend c\nbackend b\n server s 127.0.0.1:1\n http-request set-header X-A b\nbackend c\n server s 127.0.0.1:2\n';
    const { routes } = translate(text).document.listeners.f;
    assert.deepEqual(
      routes.map((route: { upstream: string }) => route.upstream),
      ['b', 'c'],
    );
    assert.deepEqual(routes[0].rules, [{ request: { set: { 'X-A': 'b' } } }]);
  });

  test('without a backend the answer is 503', () => {
    const { routes } = translate('defaults\n mode http\nfrontend f\n bind :80\n').document.listeners.f;
    assert.equal(routes[0].respond.status, 503);
  });
});

describe('defaults', () => {
  test('hold for the sections behind them, whose own have the last word', () => {
    const text =
      'defaults\n mode http\n balance leastconn\nlisten a\n bind :80\n server s 127.0.0.1:1\nlisten b\n bind :81\n balance first\n server s 127.0.0.1:1\n';
    const { upstreams } = translate(text).document;
    assert.deepEqual([upstreams.a.balance, upstreams.b.balance], ['least-connections', 'first']);
  });
  test('with names are asked for by "from"', () => {
    const text =
      'defaults one\n mode http\n balance leastconn\ndefaults two from one\n balance first\nlisten a from one\n bind :80\n server s 127.0.0.1:1\nlisten b from two\n bind :81\n server s 127.0.0.1:1\n';
    const { upstreams } = translate(text).document;
    assert.deepEqual([upstreams.a.balance, upstreams.b.balance], ['least-connections', 'first']);
  });
});

test('a problem stands at the word that is meant', () => {
  assert.deepEqual(translate(inListen('timeout client 5x')).problems, [
    '4:17: "5x" is not a duration; write a whole number with ms, s, m, h or d, such as "30s"',
  ]);
});

describe('leniently', () => {
  test('a field whose value cannot be made does not come from the client instead', () => {
    const { document, problems } = translate(inListen('http-request set-header X-Cn %[ssl_c_s_dn(cn)] if { ssl_fc }'), true);
    assert.deepEqual(problems, []);
    assert.deepEqual(document.listeners.web.rules, [{ when: { tls: true }, request: { remove: ['X-Cn'] } }]);
  });
  test('a certificate of the client that is asked for is a problem still', () => {
    assert.deepEqual(translate('listen web\n mode http\n bind :80 verify required\n server a 127.0.0.1:3000\n', true).problems, [
      '3:11: certificates of clients are not asked for; write "verify none"',
    ]);
  });
});
