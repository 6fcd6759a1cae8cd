import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faults } from '../../src/core/errors.js';
import { normalisePath } from '../../src/route/path.js';

const accepted: [target: string, path: string, query?: string][] = [
  ['/', '/'],
  ['*', '*'],
  ['/a/b.html', '/a/b.html'],
  ['/a?b=/../%zz', '/a', '?b=/../%zz'],
  ['/?', '/', '?'],
  ['/a/', '/a/'],
  ['//', '/'],
  ['/a//b///c', '/a/b/c'],
  ['/./a/./b/.', '/a/b/'],
  ['/a/../b', '/b'],
  ['/a/b/..', '/a/'],
  ['/a/..', '/'],
  ['/a/b/../../c', '/c'],
  ['/a/..?x', '/', '?x'],
  ['/a/../b//c', '/b/c'],
  ['/%61%7e%2D%2e%5Fb', '/a~-._b'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/caf\u00c3\u00a9', '/caf%C3%A9'],
  ['/a%2fb', '/a%2Fb'],
  ['/@scope%2Fname', '/@scope%2Fname'],
  ['/a%252e', '/a%252e'],
  ['/.well-known/acme', '/.well-known/acme'],
  ['/...', '/...'],
  ['/..a/.b', '/..a/.b'],
  ['/a;b=c/d', '/a;b=c/d'],
  ['/app/page;jsessionid=1F.jvm1?q', '/app/page;jsessionid=1F.jvm1', '?q'],
  ['/a"<>|^`{}', '/a"<>|^`{}'],
  ['/a\\b', '/a\\b'],
  ['/a;x/../b', '/b'],
];

for (const [target, path, query = ''] of accepted) {
  test(`${target} is ${path}`, () => {
    const parts = { path: '', query: '' };
    assert.equal(normalisePath(target, parts), null);
    assert.deepEqual(parts, { path, query });
  });
}

const refused: [target: string, why: string][] = [
  ['', 'empty'],
  ['a', 'no slash in front'],
  ['**', 'no slash in front'],
  ['http://a/b', 'absolute-form'],
  ['/..', 'above the root'],
  ['/a/../..', 'above the root'],
  ['/../a', 'above the root'],
  ['/a/%2e%2e/b', 'encoded dots'],
  ['/a/.%2E/b', 'encoded dots'],
  ['/a/%2e/b', 'encoded dot'],
  ['/a/..;/b', 'dots with a parameter'],
  ['/a/..;x=y', 'dots with a parameter'],
  ['/a/.;/b', 'a dot with a parameter'],
  ['/a/%2e%2e;/b', 'encoded dots with a parameter'],
  ['/a/..%3b/b', 'dots with an encoded parameter'],
  ['/a/..%2fb', 'dots beside an encoded slash'],
  ['/a%2f../b', 'dots beside an encoded slash'],
  ['/a%2F%2e%2e%2Fb', 'dots between encoded slashes'],
  ['/a\\..\\b', 'dots between backslashes'],
  ['/a%5c..%5cb', 'dots between encoded backslashes'],
  ['/a;%2f..%2fb', 'dots behind a parameter and an encoded slash'],
  ['/..\\a', 'dots beside a backslash'],
  ['/a//../b', 'dots behind a doubled slash'],
  ['/a/;x/../b', 'dots behind an empty segment with a parameter'],
  ['/a\\b/../c', 'dots behind a backslash'],
  ['/a%2fb/../c', 'dots behind an encoded slash'],
  ['/a%', 'a malformed encoding'],
  ['/a%2', 'a malformed encoding'],
  ['/a%zz', 'a malformed encoding'],
  ['/a%u002e', 'a malformed encoding'],
  ['/a%00', 'an encoded NUL'],
  ['/a b', 'a space'],
  ['/a\tb', 'a control character'],
  ['/a\u007f', 'a control character'],
  ['/a#b', 'a fragment'],
  ['/a\u0131', 'a character that is no byte'],
];

for (const [target, why] of refused) {
  test(`${JSON.stringify(target)} is refused: ${why}`, () => {
    const parts = { path: 'before', query: 'before' };
    assert.equal(normalisePath(target, parts), faults.badTarget);
    assert.deepEqual(parts, { path: 'before', query: 'before' });
  });
}

const target = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          '/',
          '/',
          '.',
          '..',
          '%2e',
          '%2E',
          '%2f',
          '%5c',
          '%25',
          '%',
          ';',
          '\\',
          '?',
          '#',
          'a',
          'B',
          '%41',
          '%c3',
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 3 }) },
    ),
    { maxLength: 14 },
  )
  .map((pieces) => `/${pieces.join('')}`);

test('a normalised path is its own normal form', () => {
  fc.assert(
    fc.property(target, (text) => {
      const once = { path: '', query: '' };
      if (normalisePath(text, once) !== null) return;
      const twice = { path: '', query: '' };
      assert.equal(normalisePath(once.path, twice), null);
      assert.deepEqual(twice, { path: once.path, query: '' });
    }),
    { numRuns: 5000 },
  );
});

test('however a server decodes it, no dot segment and no doubled slash comes out', () => {
  fc.assert(
    fc.property(target, (text) => {
      const parts = { path: '', query: '' };
      if (normalisePath(text, parts) !== null) return;
      assert.ok(parts.path.startsWith('/'));
      assert.ok(!parts.path.includes('//'), parts.path);
      const decoded = parts.path.replace(/%[0-9A-F]{2}/g, (encoding) => String.fromCharCode(Number.parseInt(encoding.slice(1), 16)));
      for (const reading of [parts.path, decoded]) {
        for (const segment of reading.split(/[/\\]/)) assert.doesNotMatch(segment, /^\.\.?(;|$)/, text);
      }
    }),
    { numRuns: 5000 },
  );
});

test('a path with dot segments resolves as a URL parser resolves it', () => {
  const segments = fc.array(fc.constantFrom('a', 'b', '.', '..', 'c.d', '...'), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(segments, (names) => {
      const text = `/${names.join('/')}`;
      const parts = { path: '', query: '' };
      if (normalisePath(text, parts) === null) assert.equal(parts.path, new URL(text, 'http://x').pathname);
    }),
    { numRuns: 2000 },
  );
});
