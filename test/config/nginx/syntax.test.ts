// The text of an nginx.conf: words, quotes, escapes, blocks, and what is wrong with them, at its place.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { expandIncludes } from '../../../src/config/nginx/include.js';
import { readStatements } from '../../../src/config/nginx/statements.js';
import { TranslationBuilder } from '../../../src/config/translation-builder.js';

function read(text: string) {
  const builder = new TranslationBuilder(false);
  const statements = readStatements(text, 'n.conf', builder);
  return { statements, problems: builder.problems.map(({ line, column, message }) => `${line}:${column} ${message}`) };
}

const words = (text: string) => read(text).statements.map(({ name, args }) => [name, ...args.map((word) => word.text)]);

describe('words', () => {
  for (const [text, expected] of [
    ['a b c;', [['a', 'b', 'c']]],
    ['a\n  b;c;', [['a', 'b'], ['c']]],
    ['a "b c" \'d;e\';', [['a', 'b c', 'd;e']]],
    ['a "q\\"q" \\t x\\y;', [['a', 'q"q', '\t', 'x\\y']]],
    ['a # comment; {\n b;', [['a', 'b']]],
    ['a x#y;', [['a', 'x#y']]],
    ['a ${b}c $d{;', [['a', '${b}c', '$d']]],
    ['rewrite ^/(.*)$ /$1;', [['rewrite', '^/(.*)$', '/$1']]],
    ['a "";', [['a', '']]],
  ] as const) {
    test(JSON.stringify(text), () => assert.deepEqual(words(text).slice(0, expected.length), expected));
  }

  test('statements know where they begin', () => {
    const { statements } = read('a;\n  b { c; }\n');
    assert.deepEqual(
      statements.map(({ place }) => [place.line, place.column]),
      [
        [1, 1],
        [2, 3],
      ],
    );
    assert.equal(statements[1]!.block![0]!.name, 'c');
  });
});

describe('what is wrong', () => {
  for (const [text, problem] of [
    ['a', /^1:1 unexpected end of file/],
    ['a {', /^1:1 the block is not closed/],
    ['}', /^1:2 unexpected "}"/],
    ['a; ;', /^1:4 unexpected ";"/],
    ['a "b', /^1:3 the text does not end/],
    ['a "b"c;', /^1:6 unexpected "c"/],
    [`${'a {'.repeat(40)}`, /nested more than 32 deep/],
  ] as const) {
    test(JSON.stringify(text.slice(0, 20)), () => {
      const { problems } = read(text);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!, problem);
    });
  }
});

test('includes: globs in order, relative to the main file, places in their own files, no endless ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limpet-include-'));
  try {
    mkdirSync(join(folder, 'conf.d'));
    writeFileSync(join(folder, 'conf.d', '2.conf'), 'second;');
    writeFileSync(join(folder, 'conf.d', '1.conf'), '\nfirst;');
    writeFileSync(join(folder, 'conf.d', '.hidden.conf'), 'hidden;');
    writeFileSync(join(folder, 'loop.conf'), 'include loop.conf;');
    const expand = (text: string) => {
      const builder = new TranslationBuilder(false);
      const statements = expandIncludes(readStatements(text, join(folder, 'nginx.conf'), builder), folder, builder);
      return { statements, builder };
    };
    const { statements, builder } = expand('include conf.d/*.conf; include none/*.conf; last;');
    assert.deepEqual(
      statements.map(({ name }) => name),
      ['first', 'second', 'last'],
    );
    assert.deepEqual(statements[0]!.place, { file: join(folder, 'conf.d', '1.conf'), line: 2, column: 1 });
    assert.equal(builder.files.length, 2);
    assert.match(expand('include loop.conf;').builder.problems[0]!.message, /include each other/);
    assert.match(expand('include missing.conf;').builder.problems[0]!.message, /missing.conf cannot be read \(ENOENT\)/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
