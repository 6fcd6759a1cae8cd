import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AscendingMerge } from '../../src/route/ascending-merge.js';

test('several ascending lists are walked as one, each number once', () => {
  const list = fc.uniqueArray(fc.nat(20), { minLength: 1 }).map((numbers) => numbers.sort((a, b) => a - b));
  const merge = new AscendingMerge();
  fc.assert(
    fc.property(fc.array(list, { maxLength: 6 }), (lists) => {
      merge.clear();
      for (const each of lists) merge.add(each);
      const taken: number[] = [];
      for (let number = merge.take(); number >= 0; number = merge.take()) taken.push(number);
      assert.deepEqual(
        taken,
        [...new Set(lists.flat())].sort((a, b) => a - b),
      );
    }),
  );
});
