import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSize, parseSize, suggestSize } from '../../src/config/size.js';

test('sizes are read in each unit, and bytes as numbers', () => {
  assert.deepEqual(['16KiB', '1MiB', '2GiB', '1.5KiB', '512B', '0', 4096].map(parseSize), [16384, 1048576, 2147483648, 1536, 512, 0, 4096]);
});

test('what is no size is null', () => {
  for (const size of ['', '16KB', '16k', '-1', '1 KiB', -1, 1.5, Number.NaN, '99999999999999999GiB'])
    assert.equal(parseSize(size), null, String(size));
});

test('a written size is read as the same', () => {
  fc.assert(fc.property(fc.nat(), (bytes) => assert.equal(parseSize(formatSize(bytes)), bytes)));
  assert.deepEqual([0, 1000, 2048, 8 * 1024 ** 2].map(formatSize), ['0B', '1000B', '2KiB', '8MiB']);
});

test('the suggestion keeps the number and finds the unit', () => {
  assert.deepEqual(['16kb', '16 K', '1MB', '2g', '100 bytes', 'big'].map(suggestSize), ['16KiB', '16KiB', '1MiB', '2GiB', '100B', '16KiB']);
});
