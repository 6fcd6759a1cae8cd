import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitWords } from '../../../src/config/haproxy/words.js';

const environment = { NAME: 'value', LIST: 'a b' };

function wordsOf(line: string): string[] | string {
  const words = splitWords(line, environment);
  return Array.isArray(words) ? words.map((word) => word.text) : `${words.column}: ${words.message}`;
}

const cases: [name: string, line: string, words: string[]][] = [
  ['spaces and tabs part words', '  a\tb  c ', ['a', 'b', 'c']],
  ['a comment ends the line', 'a b # c', ['a', 'b']],
  ['a backslash takes a space into a word', 'a\\ b \\# c', ['a b', '#', 'c']],
  ['a backslash before anything else stays', 'path_reg ^/a\\.b\\d+$', ['path_reg', '^/a\\.b\\d+$']],
  ['hexadecimal digits give a character', '\\x41\\x20', ['A ']],
  ['strong quotes take all as it is', '\'a \\ $NAME # "b"\'', ['a \\ $NAME # "b"']],
  ['weak quotes fill in variables', '"$NAME ${NAME} ${NONE-other} \\$NAME"', ['value value other $NAME']],
  ['outside quotes a dollar is a dollar', '$NAME', ['$NAME']],
  ['a list becomes words', '"${LIST[*]}"', ['a', 'b']],
  ['quotes can be empty', 'a "" b', ['a', '', 'b']],
  ['quotes join what touches them', 'a"b c"d', ['ab cd']],
];

for (const [name, line, words] of cases) {
  test(name, () => assert.deepEqual(wordsOf(line), words));
}

test('columns are those of the words as they are written', () => {
  const words = splitWords(' a "b c" d', environment);
  assert.ok(Array.isArray(words));
  assert.deepEqual(
    words.map((word) => word.column),
    [2, 4, 10],
  );
});

test('a quote that is open is a fault at its place', () => {
  assert.equal(wordsOf('a "b'), '3: the double quote is not closed; write another on the same line');
  assert.equal(wordsOf("a 'b"), '3: the single quote is not closed; write another on the same line');
});

test('more words than HAProxy takes are a fault', () => {
  assert.match(String(wordsOf('a '.repeat(65))), /^129: a line has at most 64 words/);
});
