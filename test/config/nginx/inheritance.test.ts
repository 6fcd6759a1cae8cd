// Which of the blocks around a place count there: the table of directives decides for each name.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { directives, nginxDirectiveTable } from '../../../src/config/nginx/directives.js';
import { Scope } from '../../../src/config/nginx/scope.js';
import { readStatements } from '../../../src/config/nginx/statements.js';
import { TranslationBuilder } from '../../../src/config/translation-builder.js';
import { outcomeOf, translated } from './translated.js';

/** The innermost of blocks, the first text being the outermost. */
function within(...texts: readonly string[]): Scope {
  const builder = new TranslationBuilder(false);
  const scope = texts.reduce<Scope | null>((outer, text) => new Scope(readStatements(text, 'n.conf', builder), outer), null);
  assert.deepEqual(builder.problems, []);
  return scope!;
}

const inForce = (scope: Scope, name: string) => scope.all(name).map((one) => [one.name, ...one.args.map(({ text }) => text)].join(' '));

describe('in force', () => {
  for (const [name, texts, expected] of [
    ['proxy_read_timeout', ['proxy_read_timeout 1s;', 'proxy_read_timeout 2s;', ''], ['proxy_read_timeout 2s']],
    ['internal', ['', 'internal;', ''], ['internal']],
    ['add_header', ['add_header A 1;', 'add_header B 2; add_header C 3;', ''], ['add_header B 2', 'add_header C 3']],
    ['add_header', ['add_header A 1; add_header B 2;', 'expires 1d;'], ['add_header A 1', 'add_header B 2']],
    ['error_page', ['error_page 404 /a;', 'error_page 500 /b;'], ['error_page 500 /b']],
    ['allow', ['deny all;', 'allow 10.0.0.1; deny 10.0.0.2;', ''], ['allow 10.0.0.1', 'deny 10.0.0.2']],
    ['deny', ['deny all;', 'allow 10.0.0.1;'], ['allow 10.0.0.1']],
    ['proxy_pass', ['proxy_pass http://a;', ''], []],
    ['set', ['set $a 1;', 'set $b 2;'], ['set $b 2']],
    ['log_format', ['log_format a b;', ''], []],
  ] as const) {
    test(`${name}: ${texts.join(' { ')}`, () => assert.deepEqual(inForce(within(...texts), name), expected));
  }

  test('asking for what no block has of its own is a mistake', () => {
    for (const name of ['no_such', 'gzip', 'sendfile', 'access_log', 'error_log'])
      assert.throws(() => within('').find(name), { message: `"${name}" is not carried over block by block` });
  });

  test('the first argument, or what is there without', () => {
    const scope = within('default_type text/a;', '');
    assert.equal(scope.text('default_type', 'text/b'), 'text/a');
    assert.equal(scope.text('proxy_http_version', '1.0'), '1.0');
  });
});

test('what makes one list is inherited as one', () => {
  for (const [name, [{ outcome }]] of directives) {
    if (outcome.kind !== 'carried' || outcome.listed === null) continue;
    assert.ok(outcome.listed.includes(name), name);
    for (const other of outcome.listed) assert.equal(directives.get(other)![0].outcome, outcome, other);
  }
});

test('what stands once in a block is no list, and what is a list may stand there several times', () => {
  for (const [name, [{ outcome, isRepeated }]] of directives)
    if (outcome.kind === 'carried' && outcome.inherits !== 'none') assert.equal(outcome.inherits !== 'nearest', isRepeated, name);
});

test('the documentation says it for what is carried over', () => {
  const rows = nginxDirectiveTable().split('\n');
  const inherited = (name: string) => rows.find((row) => row.startsWith(`| \`${name}\` |`))?.split(' | ')[2];
  assert.equal(inherited('proxy_read_timeout'), 'nearest');
  assert.equal(inherited('add_header'), 'nearest list');
  assert.equal(inherited('deny'), 'nearest list, of `allow` and `deny` together');
  assert.equal(inherited('rewrite'), 'none');
  assert.equal(inherited('access_log'), 'one for all');
  assert.equal(inherited('gzip'), '');
});

describe('one log for all', () => {
  const site = (inside: string) => `server { listen 127.0.0.1:80; location / { return 200 x; } ${inside} }`;

  test('"access_log off" beside a log is said to log', () => {
    const { document, problems, warnings } = translated(`access_log /a;\n${site('location /quiet { access_log off; return 200 x; }')}`);
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, ['4: there is one access log for everything, the one in line 3; what is asked here is logged, too']);
    assert.equal((document!['accessLog'] as { to: string }).to, '/a');
  });

  test('"access_log off" alone needs no words', () => {
    const { document, warnings } = translated(`access_log off; ${site('')}`);
    assert.deepEqual([document!['accessLog'], warnings], ['off', []]);
  });

  test('the outermost error_log is written, wherever in the file it stands', () => {
    const { document, warnings } = outcomeOf(
      `events { }\nhttp {\nerror_log /inner;\n${site('error_log /innermost;')}\n}\nerror_log /outer;`,
    );
    assert.equal((document!['errorLog'] as { to: string }).to, '/outer');
    assert.deepEqual(warnings.map((warning) => warning.replace(/:.*;/s, ':')).sort(), [
      '3: the one in line 6 is written',
      '4: the one in line 6 is written',
    ]);
  });
});
