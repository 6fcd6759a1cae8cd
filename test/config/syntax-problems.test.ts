import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.js';
import { assertProblems, atTop } from './marked-config.js';

const cases: [string, string, string][] = [
  [
    'an empty file',
    '▸',
    'a value is missing before the end of the line; write a text in double quotes, a number, true, false, { … } or [ … ]',
  ],
  ['a comma that is missing', '{ "a": 1 ▸"b": 2 }', 'a comma is missing before `"b"`; write one between two entries'],
  ['a colon that is missing', '{ "a" ▸1 }', 'a colon is missing before `1`; write "key": value'],
  ['a key without quotes', '{ ▸workers: 1 }', '`workers` is not JSON; write names and texts in double quotes'],
  ['a text in single quotes', `{ "a": ▸'b' }`, "`'b'` is not JSON; write names and texts in double quotes"],
  ['a brace that is missing', '{ "a": 1▸', 'a brace is missing before the end of the line; write } where the object ends'],
  ['a bracket that is missing', '[1▸', 'a bracket is missing before the end of the line; write ] where the list ends'],
  ['a text that does not end', '{ "a": ▸"b }', 'the text does not end; write a closing double quote on the same line'],
  ['a comment that does not end', '{ ▸/* }', 'the comment does not end; write */'],
  ['something after the end', '{}\n▸{}', '`{` comes after the end of the configuration; remove it, or a closing brace before it'],
  ['a bad escape', '{ ▸"a\\q": 1 }', '`"a\\q"` has a bad escape; write \\\\ for a backslash'],
  ['something that is not an object', '▸3', 'the configuration cannot be 3; write an object, { … }, instead'],
  [
    'a key that stands twice',
    atTop('"workers": 1,\n  ▸"workers": 2,'),
    '"workers" stands twice in one object, first in line 2; write it once',
  ],
  ['the key __proto__', atTop('▸"__proto__": {},'), '"__proto__" cannot be a key; write another name instead'],
  [
    'nesting without end',
    `${'['.repeat(64)}▸${'['.repeat(100_000)}`,
    'this is nested more than 64 deep, which no configuration needs; remove the brackets that are too many',
  ],
];

for (const [name, text, message] of cases) {
  test(`${name} is a problem at its place`, () => assertProblems(text, [message]));
}

test('comments, trailing commas and a byte order mark are allowed', () => {
  const text =
    '\uFEFF// one\n{ /* two */ "listeners": { "web": { "address": ":80", "upstream": "app", }, }, "upstreams": { "app": { "servers": ["a:1",], }, }, }';
  assert.equal(parseConfig(text, 'x.json').problems, undefined);
});

test('an unreadable file is one problem without a place', async () => {
  const { loadConfig } = await import('../../src/config/load.js');
  assert.deepEqual(loadConfig('/nowhere/proxy.config.json').problems, [
    { file: '/nowhere/proxy.config.json', line: 0, column: 0, message: 'there is no such file; write one, or give the path of another' },
  ]);
  assert.equal(loadConfig('/').problems?.[0]?.message, 'this is a folder; give the path of a file');
});
