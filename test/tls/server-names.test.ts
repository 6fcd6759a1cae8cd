// Which item is for a server name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerNames } from '../../src/tls/server-names.js';

test('exact names come before wildcards, wildcards stand for one label', () => {
  const names = new ServerNames<string>();
  names.add(['a.example', '*.a.example'], 'first');
  names.add(['b.a.example', 'a.example'], 'second');
  const cases: [string, string | null][] = [
    ['a.example', 'first'],
    ['A.Example.', 'first'],
    ['b.a.example', 'second'],
    ['c.a.example', 'first'],
    ['d.c.a.example', null],
    ['.a.example', null],
    ['example', null],
    ['*.a.example', 'first'],
    ['', null],
  ];
  for (const [asked, expected] of cases) assert.equal(names.find(asked), expected, asked);
});
