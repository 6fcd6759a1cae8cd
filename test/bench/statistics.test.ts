import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratioByRound, spreadOf } from '../../bench/statistics.js';

test('the median of an odd number of values is the middle one', () => {
  assert.deepEqual(spreadOf([9, 1, 5]), { median: 5, lowest: 1, highest: 9 });
});

test('the median of an even number of values lies between the two in the middle', () => {
  assert.deepEqual(spreadOf([10, 2, 4, 3]), { median: 3.5, lowest: 2, highest: 10 });
});

test('no value has no median', () => {
  assert.throws(() => spreadOf([]), /at least one/);
});

test('a ratio is taken within each round, so that a slow round falls on both sides', () => {
  const of = new Map([
    [1, 20],
    [2, 200],
    [3, 22],
  ]);
  const to = new Map([
    [1, 10],
    [2, 100],
    [3, 10],
  ]);
  assert.deepEqual(ratioByRound(of, to), { median: 2, lowest: 2, highest: 2.2 });
});

test('rounds that one side has not are left out of a ratio', () => {
  assert.deepEqual(
    ratioByRound(
      new Map([
        [1, 3],
        [2, 9],
      ]),
      new Map([[1, 2]]),
    ),
    { median: 1.5, lowest: 1.5, highest: 1.5 },
  );
  assert.equal(ratioByRound(new Map([[1, 3]]), new Map([[2, 2]])), undefined);
});
