// Text from outside in a log line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeLogText } from '../../src/core/log-text.js';

test('plain text stays as it is', () => {
  assert.equal(escapeLogText('Mozilla/5.0 (X11; Linux) ~!#[]'), 'Mozilla/5.0 (X11; Linux) ~!#[]');
});

test('what could end a line or a quoted field is escaped', () => {
  assert.equal(escapeLogText('a"b\\c\r\n\0\x7f\xe9'), 'a\\x22b\\x5Cc\\x0D\\x0A\\x00\\x7F\\xE9');
  assert.equal(escapeLogText('\u2028'), '\\u2028');
});

test('whatever comes in, printable ASCII without quotes goes out', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const character of escapeLogText(text)) assert.ok(character >= ' ' && character <= '~' && character !== '"');
    }),
  );
});
