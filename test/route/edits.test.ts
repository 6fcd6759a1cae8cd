import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompileError } from '../../src/route/compile-error.js';
import { compileEdits, type EditsSpec } from '../../src/route/edits.js';
import { droppedIds } from '../../src/wire/http1-fields.js';
import { exchangeWith, type FieldList } from './exchange-fixture.js';

function fieldsAfter(spec: EditsSpec, fields: FieldList, serverName = 'b'): string {
  const x = exchangeWith({ serverName }, fields);
  compileEdits(spec).apply(x.request, x);
  return x.request.writeFields('', droppedIds());
}

const edits: [what: string, spec: EditsSpec, fields: FieldList, written: string][] = [
  [
    'set replaces all of the name',
    { set: { 'X-A': 'new' } },
    [
      ['x-a', '1'],
      ['X-B', '2'],
      ['X-A', '3'],
    ],
    'X-B: 2\r\nX-A: new\r\n',
  ],
  ['set makes one where there was none', { set: { 'X-A': '${client.ip}' } }, [], 'X-A: 192.0.2.7\r\n'],
  ['add keeps the others', { add: { 'X-A': 'new' } }, [['X-A', '1']], 'X-A: 1\r\nX-A: new\r\n'],
  [
    'remove takes all of the name',
    { remove: ['X-A'] },
    [
      ['x-a', '1'],
      ['X-B', '2'],
      ['X-A', '3'],
    ],
    'X-B: 2\r\n',
  ],
  [
    'removed first, then set, then added',
    { add: { 'X-A': '2' }, set: { 'X-A': '1' }, remove: ['x-a'] },
    [['X-A', '0']],
    'X-A: 1\r\nX-A: 2\r\n',
  ],
  ['a value sees the field that it replaces', { set: { 'X-A': '<${header.x-a}>' } }, [['X-A', '1']], 'X-A: <1>\r\n'],
  ['an empty value removes', { set: { 'X-A': '${tls.protocol}' } }, [['X-A', 'spoofed']], ''],
  ['an empty value adds nothing', { add: { 'X-A': '${tls.protocol}' } }, [], ''],
  ['an empty Host leaves the one that is there', { set: { Host: '${header.x-none}' } }, [['Host', 'a.example']], 'Host: a.example\r\n'],
  ['Host can be replaced', { set: { host: 'b.example' } }, [['Host', 'a.example']], 'host: b.example\r\n'],
  [
    'replaced is what was found, or the whole value',
    { replace: { 'X-A': [{ pattern: 'b', to: '-' }], 'X-B': [{ pattern: '(b)', to: '<${capture.1}>', whole: true }] } },
    [
      ['X-A', 'abc'],
      ['X-B', 'abc'],
    ],
    'X-A: a-c\r\nX-B: <b>\r\n',
  ],
  [
    'an attribute of a cookie, whatever its case, and nothing else of it',
    { replace: { 'Set-Cookie': [{ attribute: 'path', startsWith: '/a', to: '/b' }] } },
    [
      ['set-cookie', 'path=/a;  PATH = /a/x ;secure; path'],
      ['set-cookie', 'k=v; pathology=/a'],
    ],
    'Set-Cookie: path=/a; PATH =/b/x; secure; path\r\nSet-Cookie: k=v; pathology=/a\r\n',
  ],
  [
    'members of a list are values; a comma in quotes parts nothing',
    { replace: { 'X-A': [{ pattern: '^b', to: 'c', members: true }] } },
    [
      ['X-A', 'a, b1 ,"b,b", b2'],
      ['X-A', 'none'],
    ],
    'X-A: a,c1,"b,b",c2\r\nX-A: none\r\n',
  ],
  ['Host can be replaced in part', { replace: { Host: [{ startsWith: 'a.', to: 'b.' }] } }, [['Host', 'a.example']], 'Host: b.example\r\n'],
  [
    'a Host of which nothing is left stays',
    { replace: { Host: [{ pattern: '.*', to: '' }] } },
    [['Host', 'a.example']],
    'Host: a.example\r\n',
  ],
];

for (const [what, spec, fields, written] of edits) {
  test(what, () => assert.equal(fieldsAfter(spec, fields), written));
}

test('no value can end a line', () => {
  assert.equal(
    fieldsAfter({ set: { 'X-A': '${server.name}' }, add: { 'X-B': 'a${server.name}' } }, [], 'x\r\nEvil: 1\0'),
    'X-A: xEvil: 1\r\nX-B: axEvil: 1\r\n',
  );
});

test('the fields that the edits govern are named, for whoever drops their twins', () => {
  assert.deepEqual([...compileEdits({ set: { 'X-User': 'a' }, add: { 'X-B': 'b' }, remove: ['X-C'] }).governedNames].sort(), [
    'x-c',
    'x-user',
  ]);
});

for (const name of ['Content-Length', 'transfer-encoding', 'CONNECTION', 'Upgrade', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer']) {
  test(`${name} is the engine's`, () => {
    for (const spec of [{ set: { [name]: 'x' } }, { add: { [name]: 'x' } }, { remove: [name] }]) {
      assert.throws(
        () => compileEdits(spec),
        (error) => error instanceof CompileError && /cannot be edited/.test(error.message),
      );
    }
  });
}

test('every problem is found at once, each at its place', () => {
  const spec = { set: { 'a b': 'x', 'X-A': 'ok ${hosst}' }, add: { Host: 'x', 'X-B': 'a\r\nb' }, remove: ['X-C', 'host', ''] };
  assert.throws(
    () => compileEdits(spec),
    (error) => {
      assert.ok(error instanceof CompileError);
      assert.deepEqual(
        error.problems.map(({ at, offset }) => [at.join('/'), offset]),
        [
          ['remove/1', null],
          ['remove/2', null],
          ['set/a b', null],
          ['set/X-A', 3],
          ['add/Host', null],
          ['add/X-B', 1],
        ],
      );
      return true;
    },
  );
});

test('without edits nothing is done', () => {
  assert.ok(compileEdits(undefined).isEmpty);
  assert.ok(compileEdits({}).isEmpty);
  assert.equal(fieldsAfter({}, [['X-A', '1']]), 'X-A: 1\r\n');
});
