import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textHash } from '../../../src/upstream/balance/text-hash.js';

test('sdbm in 32 bits', () => {
  const sdbm = textHash('sdbm', false);
  assert.equal(sdbm(''), 0);
  assert.equal(sdbm('a'), 97);
  assert.equal(sdbm('ab'), (98 + 97 * 65_599) % 2 ** 32);
  assert.equal(sdbm('hello'), 684824882);
});

test('djb2 in 32 bits', () => {
  const djb2 = textHash('djb2', false);
  assert.equal(djb2(''), 5381);
  assert.equal(djb2('a'), 5381 * 33 + 97);
  assert.equal(djb2('hello'), 261238937);
});

test('crc32 has the check value of the standard', () => assert.equal(textHash('crc32', false)('123456789'), 0xcbf43926));

test('a mixed hash is another, and spreads neighbours', () => {
  const [plain, mixed] = [textHash('sdbm', false), textHash('sdbm', true)];
  const texts = Array.from({ length: 64 }, (_, index) => String.fromCharCode(64 + index));
  const quarters = (hash: (text: string) => number) => new Set(texts.map((text) => Math.floor(hash(text) / 2 ** 30))).size;
  assert.deepEqual([quarters(plain), quarters(mixed)], [1, 4]);
});
