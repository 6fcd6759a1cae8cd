import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeSince } from '../../bench/micro/change.js';

const before = { name: 'pick', medianNs: 100, lowestNs: 90, highestNs: 110 };

test('a change beyond the spread of both is told as a ratio', () => {
  assert.equal(changeSince([before], { name: 'pick', medianNs: 150, lowestNs: 140, highestNs: 160 }), '1.50 of 100');
});

test('a change within the spread is said to be within it', () => {
  assert.equal(changeSince([before], { name: 'pick', medianNs: 105, lowestNs: 100, highestNs: 120 }), '1.05 of 100, within the spread');
});

test('a piece that was not measured before has no change', () => {
  assert.equal(changeSince([before], { ...before, name: 'head' }), '');
});
