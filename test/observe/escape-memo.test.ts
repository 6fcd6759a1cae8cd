// What is remembered between lines is bounded in number and in length, whatever clients make up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EscapeMemo, PieceMemo } from '../../src/observe/escape-memo.js';

/** A memo, and how often it had to build. */
function counting(): { memo: PieceMemo; built: () => number } {
  let built = 0;
  const memo = new PieceMemo((text) => {
    built++;
    return `<${text}>`;
  });
  return { memo, built: () => built };
}

test('a short piece is built once', () => {
  const { memo, built } = counting();
  assert.deepEqual([memo.get('GET'), memo.get('GET')], ['<GET>', '<GET>']);
  assert.equal(built(), 1);
});

test('a long one is not kept', () => {
  const { memo, built } = counting();
  const long = 'M'.repeat(12_000);
  assert.deepEqual([memo.get(long), memo.get(long)], [`<${long}>`, `<${long}>`]);
  assert.equal(built(), 2);
});

test('a thousand are kept, and those that come later built each time', () => {
  const { memo, built } = counting();
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 1_010; index++) assert.equal(memo.get(`M${index}`), `<M${index}>`);
  }
  assert.equal(built(), 1_010 + 10);
});

test('texts without end take the place of each other', () => {
  const memo = new EscapeMemo((text) => `<${text}>`);
  for (let round = 0; round < 2; round++) {
    for (let length = 0; length < 200; length++) assert.equal(memo.get('x'.repeat(length)), `<${'x'.repeat(length)}>`);
  }
  const kept = Object.values(memo as unknown as Record<string, unknown>).filter(Array.isArray);
  assert.ok(kept.length > 0);
  for (const list of kept) assert.ok(list.length <= 64);
});
