import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompileError } from '../../src/route/compile-error.js';
import type { ValueTestSpec } from '../../src/route/conditions/value-test.js';
import { compileMatch, type MatchSpec } from '../../src/route/match.js';
import { normalisePath } from '../../src/route/path.js';
import { exchangeWith, type FieldList, responseHead } from './exchange-fixture.js';

interface Asked {
  readonly host?: string;
  readonly target?: string;
  readonly method?: string;
  readonly client?: string;
  readonly fields?: FieldList;
}

function holds(spec: MatchSpec | undefined, asked: Asked): boolean {
  const x = exchangeWith({ host: asked.host ?? 'www.example', client: { ip: asked.client ?? '192.0.2.7', port: 1 } }, asked.fields);
  x.request.method = asked.method ?? 'GET';
  const parts = { path: '', query: '' };
  assert.equal(normalisePath(asked.target ?? '/', parts), null, `${asked.target} is a valid target`);
  x.path = parts.path;
  x.query = parts.query;
  const condition = compileMatch(spec);
  assert.equal(condition.test(x), condition.test(x));
  return condition.test(x);
}

const cases: [spec: MatchSpec | undefined, asked: Asked, expected: boolean][] = [
  [undefined, {}, true],
  [{}, {}, true],

  [{ host: 'www.example' }, { host: 'www.example' }, true],
  [{ host: 'WWW.Example' }, { host: 'www.example' }, true],
  [{ host: 'www.example.' }, { host: 'www.example' }, true],
  [{ host: 'www.example' }, { host: 'www.example.org' }, false],
  [{ host: 'www.example' }, { host: '' }, false],
  [{ host: 'b\u00fccher.example' }, { host: 'xn--bcher-kva.example' }, true],
  [{ host: '[::1]' }, { host: '[::1]' }, true],
  [{ host: '127.0.0.1' }, { host: '127.0.0.1' }, true],
  [{ host: '*.example' }, { host: 'a.example' }, true],
  [{ host: '*.example' }, { host: 'a.b.example' }, true],
  [{ host: '*.example' }, { host: 'example' }, false],
  [{ host: '*.example' }, { host: '.example' }, false],
  [{ host: '*.example' }, { host: 'aexample' }, false],
  [{ host: ['a.example', '*.b.example'] }, { host: 'x.b.example' }, true],
  [{ host: ['a.example', '*.b.example'] }, { host: 'a.example' }, true],
  [{ host: ['a.example', '*.b.example'] }, { host: 'b.example' }, false],

  [{ path: '/a' }, { target: '/a' }, true],
  [{ path: '/a' }, { target: '/a?x' }, true],
  [{ path: '/a' }, { target: '/a/' }, false],
  [{ path: '/a' }, { target: '/A' }, false],
  [{ path: '/a/*' }, { target: '/a/' }, true],
  [{ path: '/a/*' }, { target: '/a/b/c' }, true],
  [{ path: '/a/*' }, { target: '/a' }, true],
  [{ path: '/a/*' }, { target: '/ab' }, false],
  [{ path: '/a*' }, { target: '/ab' }, true],
  [{ path: '/a*' }, { target: '/b' }, false],
  [{ path: '/*' }, { target: '/' }, true],
  [{ path: '/*' }, { target: '*' }, false],
  [{ path: '/.*' }, { target: '/.git/config' }, true],
  [{ path: '/.*' }, { target: '/a' }, false],
  [{ path: ['/a', '/b/*'] }, { target: '/b/c' }, true],
  [{ path: '/caf\u00e9' }, { target: '/caf%c3%a9' }, true],
  [{ path: '/caf%C3%A9' }, { target: '/caf\u00c3\u00a9' }, true],
  [{ path: '/a%20b' }, { target: '/a%20b' }, true],
  [{ path: '/a@b' }, { target: '/a%40b' }, true],
  // What leads a server into /admin is under /admin here as well.
  [{ path: '/admin/*' }, { target: '/x/../admin/secret' }, true],
  [{ path: '/admin/*' }, { target: '//admin//secret' }, true],
  [{ path: '/admin/*' }, { target: '/%61dmin/secret' }, true],
  [{ path: '/admin/*' }, { target: '/admin;x=1/secret' }, true],
  [{ path: '/admin/*' }, { target: '/;/admin/secret' }, true],
  [{ path: '/admin/*' }, { target: '/admin%2fsecret' }, true],
  [{ path: '/admin/*' }, { target: '/admin\\secret' }, true],
  [{ path: '/admin/*' }, { target: '/admin%5Csecret' }, true],
  [{ path: '/admin/*' }, { target: '/%2fadmin/secret' }, true],
  [{ path: '/app/page' }, { target: '/app/page;jsessionid=1F.jvm1' }, true],
  [{ path: '/a' }, { target: '/a%253b' }, false],

  [{ method: 'GET' }, { method: 'GET' }, true],
  [{ method: 'GET' }, { method: 'HEAD' }, false],
  [{ method: ['GET', 'HEAD'] }, { method: 'HEAD' }, true],
  [{ method: 'get-it' }, { method: 'get-it' }, true],

  [{ header: { 'X-A': true } }, { fields: [['x-a', '']] }, true],
  [{ header: { 'X-A': true } }, {}, false],
  [{ header: { 'X-A': false } }, {}, true],
  [{ header: { 'X-A': false } }, { fields: [['x-a', '1']] }, false],
  [{ header: { 'X-A': 'one' } }, { fields: [['X-a', 'one']] }, true],
  [{ header: { 'X-A': 'one' } }, { fields: [['X-a', 'One']] }, false],
  [
    { header: { 'X-A': 'one' } },
    {
      fields: [
        ['X-A', 'two'],
        ['X-A', 'one'],
      ],
    },
    true,
  ],
  [{ header: { 'X-A': 'on*' } }, { fields: [['X-A', 'once']] }, true],
  [{ header: { 'X-A': 'on*' } }, { fields: [['X-A', 'off']] }, false],
  [{ header: { 'X-A': ['a', 'b*'] } }, { fields: [['X-A', 'bc']] }, true],
  [{ header: { 'X-A': 'a', 'X-B': 'b' } }, { fields: [['X-A', 'a']] }, false],
  [{ header: { 'X-A': 'caf\u00e9' } }, { fields: [['X-A', 'caf\u00c3\u00a9']] }, true],

  [{ cookie: { beta: true } }, { fields: [['Cookie', 'a=1; beta=']] }, true],
  [
    { cookie: { beta: true } },
    {
      fields: [
        ['Cookie', 'a=1'],
        ['Cookie', 'beta=2'],
      ],
    },
    true,
  ],
  [{ cookie: { beta: true } }, { fields: [['Cookie', 'Beta=1; xbeta=2']] }, false],
  [{ cookie: { beta: false } }, { fields: [['Cookie', 'a=beta']] }, true],
  [{ cookie: { beta: 'on' } }, { fields: [['Cookie', 'beta=on']] }, true],
  [{ cookie: { beta: 'on' } }, { fields: [['Cookie', 'beta=off; beta=on']] }, false],
  [{ cookie: { beta: 'o*' } }, { fields: [['Cookie', 'beta=off']] }, true],

  [{ client: '192.0.2.0/24' }, {}, true],
  [{ client: '192.0.2.7' }, {}, true],
  [{ client: '198.51.100.0/24' }, {}, false],
  [{ client: ['198.51.100.0/24', '2001:db8::/32'] }, { client: '2001:db8::1' }, true],
  [{ client: '192.0.2.0/24' }, { client: '::ffff:192.0.2.9' }, true],
  [{ client: '0.0.0.0/0' }, { client: '' }, false],

  [{ host: 'www.example', path: '/a', method: 'POST' }, { target: '/a', method: 'POST' }, true],
  [{ host: 'www.example', path: '/a', method: 'POST' }, { target: '/b', method: 'POST' }, false],
];

for (const [spec, asked, expected] of cases) {
  test(`${JSON.stringify(spec) ?? 'no match'} ${expected ? 'takes' : 'leaves'} ${JSON.stringify(asked)}`, () => {
    assert.equal(holds(spec, asked), expected);
  });
}

test('one condition gives each client its own answer', () => {
  const condition = compileMatch({ client: '192.0.2.0/24' });
  const at = (ip: string): boolean => condition.test(exchangeWith({ client: { ip, port: 1 } }));
  assert.deepEqual(['192.0.2.1', '198.51.100.1', '192.0.2.1', '192.0.2.2', ''].map(at), [true, false, true, true, false]);
});

const mistakes: [spec: MatchSpec, at: (string | number)[], message: RegExp][] = [
  [{ host: 'www.example:8080' }, ['host'], /write "www\.example"/],
  [{ host: '*' }, ['host'], /not a host/],
  [{ host: 'a.*.example' }, ['host'], /not a host/],
  [{ host: ['ok.example', 'not ok'] }, ['host', 1], /not a host/],
  [{ path: 'a' }, ['path'], /"\/" in front/],
  [{ path: '/a/*/b' }, ['path'], /not at the end/],
  [{ path: '/a?b' }, ['path'], /has a query/],
  [{ path: '/a;b' }, ['path'], /path parameter/],
  [{ path: '/../a' }, ['path'], /not a path that a request can have/],
  [{ path: '/a%zz' }, ['path'], /not a path that a request can have/],
  [{ path: [] }, ['path'], /list is empty/],
  [{ method: 'get' }, ['method'], /write "GET"/],
  [{ method: ['GET', 'A B'] }, ['method', 1], /not a method/],
  [{ header: { 'a b': true } }, ['header', 'a b'], /not a field name/],
  [{ header: { a: [] } }, ['header', 'a'], /list is empty/],
  [{ cookie: { 'a;b': true } }, ['cookie', 'a;b'], /not a cookie name/],
  [{ client: '10.0.0.0/40' }, ['client'], /10\.0\.0\.0\/40/],
];

for (const [spec, at, message] of mistakes) {
  test(`${JSON.stringify(spec)} is refused`, () => {
    assert.throws(
      () => compileMatch(spec),
      (error) => {
        assert.ok(error instanceof CompileError);
        assert.equal(error.problems.length, 1);
        assert.deepEqual(error.problems[0]!.at, at);
        assert.match(error.problems[0]!.message, message);
        return true;
      },
    );
  });
}

test('every problem is found at once', () => {
  assert.throws(
    () => compileMatch({ host: ['*', 'ok.example', ''], path: 'a', header: { '': true } }),
    (error) =>
      error instanceof CompileError && error.problems.map((problem) => problem.at.join('.')).join(' ') === 'host.0 host.2 path header.',
  );
});

const tests: [what: string, test: ValueTestSpec, fields: FieldList, expected: boolean][] = [
  [
    'one of several fields passes',
    { header: 'x-a', is: 'b' },
    [
      ['X-A', 'a'],
      ['x-a', 'b'],
    ],
    true,
  ],
  ['none of several fields passes', { header: 'x-a', is: 'b' }, [['X-A', 'a, b']], false],
  ['a member passes', { header: 'X-A', members: true, startsWith: 'b' }, [['x-a', 'a , bc']], true],
  [
    'one field must pass all',
    { header: 'x-a', startsWith: 'a', endsWith: 'b' },
    [
      ['X-A', 'a'],
      ['X-A', 'b'],
    ],
    false,
  ],
  ['an empty field is there', { header: 'x-a', exists: true }, [['X-A', '']], true],
  ['no field is there', { header: 'x-a', exists: true }, [], false],
  ['no field is wanted', { header: 'x-a', exists: false }, [], true],
  ['no field is wanted, and one is there', { header: 'x-a', exists: false }, [['X-A', 'a']], false],
  [
    'filters are applied to each',
    { header: 'x-a', members: true, filters: ['upper', 'word:1:='], is: 'B' },
    [
      ['X-A', 'a, b=1'],
      ['X-A', 'c'],
    ],
    true,
  ],
  [
    'a cookie of several, in any field',
    { cookie: 'a', filters: 'lower', is: 'y' },
    [
      ['Cookie', 'b=Y; a=w'],
      ['Cookie', 'a=x; a=Y'],
    ],
    true,
  ],
  ['another cookie', { cookie: 'a', is: 'y' }, [['Cookie', 'b=y; aa=y; a=x']], false],
  ['no cookie is wanted, and one is there', { cookie: 'a', exists: false }, [['Cookie', 'b=y; a=x']], false],
  ['an empty cookie is none', { cookie: 'a', exists: true }, [['Cookie', 'a=; b=x; a=']], false],
  ['there is no response yet', { responseHeader: 'x-a', is: 'a' }, [['X-A', 'a']], false],
];

for (const [what, one, fields, expected] of tests)
  test(`a test of a field: ${what}`, () => assert.equal(compileMatch({ test: [one] }).test(exchangeWith({}, fields)), expected));

test('a test of a field of the response', () => {
  const x = exchangeWith({
    response: responseHead([
      ['X-A', 'a'],
      ['X-A', 'b, c'],
    ]),
  });
  assert.equal(compileMatch({ test: [{ responseHeader: 'x-a', members: true, is: 'c' }] }).test(x), true);
});

test('a test of how many there are', () => {
  const x = exchangeWith({ query: '?a=1&a=2&b=3' }, [
    ['X-A', 'a, "b,c"'],
    ['x-a', ''],
    ['Cookie', 'a=; b=2; a=1'],
  ]);
  const holds = (one: object) => compileMatch({ test: [{ count: true, ...one }] }).test(x);
  assert.equal(holds({ header: 'x-a', members: true, atLeast: 3, atMost: 3 }), true);
  assert.equal(holds({ header: 'x-a', is: '2' }), true);
  assert.equal(holds({ cookie: 'a', is: '2' }), true);
  assert.equal(holds({ argument: 'a', atLeast: 3 }), false);
  assert.equal(holds({ header: 'x-none', atMost: 0 }), true);
  assert.equal(holds({ responseHeader: 'x-a', atMost: 0 }), true);
  assert.throws(() => holds({ value: '${host}', atLeast: 1 }), /a Value is one/);
  assert.throws(() => holds({ header: 'x-a', exists: true }), /compared with numbers/);
});

test('a test looks at one thing', () => {
  for (const [spec, message] of [
    [{ value: '${host}', header: 'x', is: 'a' }, /looks at one thing/],
    [{ is: 'a' }, /looks at one thing/],
    [{ value: '${host}', members: true, is: 'a' }, /"members" are those of a field/],
    [{ value: '${host}', filters: 'lower', is: 'a' }, /filters of a Value stand behind its name/],
    [{ header: 'x', filters: ['lwer'], is: 'a' }, /unknown filter "lwer"; write "lower"/],
    [{ cookie: 'x', argument: 'x', is: 'a' }, /looks at one thing/],
    [{ header: 'x y', is: 'a' }, /"x y" is not the name of a field/],
    [{ header: 'x' }, /the test asks nothing/],
  ] as const)
    assert.throws(() => compileMatch({ test: [spec] }), message);
});

test('a test of an argument: one of several, and only those with a value', () => {
  const x = exchangeWith({ query: '?a=x&b=y&a&aa=y&a=Y' });
  const holds = (one: object) => compileMatch({ test: [one] }).test(x);
  assert.equal(holds({ argument: 'a', is: 'Y' }), true);
  assert.equal(holds({ argument: 'a', filters: 'lower', is: 'y' }), true);
  assert.equal(holds({ argument: 'a', is: ['y', ''] }), false);
  assert.equal(holds({ argument: 'c', exists: false }), true);
});
