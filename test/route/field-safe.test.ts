import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileFieldValue, fieldSafe } from '../../src/route/field-safe.js';
import { ValueError } from '../../src/route/value.js';
import { exchangeWith } from './exchange-fixture.js';

test('a clean value is the same string', () => {
  for (const text of ['', 'a', 'a b\tc', 'caf\u00e9']) assert.equal(fieldSafe(text), text);
});

test('line ends, NUL and other control characters go', () => {
  assert.equal(fieldSafe('a\r\nSet-Cookie: b=c\0\u007f\u001b'), 'aSet-Cookie: b=c');
});

test('a character that would be cut to a line feed goes', () => {
  assert.equal(fieldSafe('a\u010ab\u010dc'), 'abc');
});

test('white space around it goes', () => {
  assert.equal(fieldSafe(' \ta b\t '), 'a b');
  assert.equal(fieldSafe('\r a \n'), 'a');
});

test('whatever the text, what is left may be written into a head', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const safe = fieldSafe(text);
      for (let i = 0; i < safe.length; i++) {
        const code = safe.charCodeAt(i);
        assert.ok(code === 9 || (code >= 32 && code !== 127 && code <= 255));
      }
      assert.equal(fieldSafe(safe), safe);
    }),
  );
});

test('a computed value is made safe when it is read', () => {
  const x = exchangeWith({ serverName: 'a\r\nb ' });
  assert.equal(compileFieldValue('${server.name}').read(x), 'ab');
});

test('control characters in the template are a mistake in the config', () => {
  for (const template of ['a\nb', '${host}\r\nX: y']) assert.throws(() => compileFieldValue(template), ValueError);
});
