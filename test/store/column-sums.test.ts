import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ColumnSums } from '../../src/store/column-sums.js';

suite('sums of what workers publish', () => {
  test('each is told the sum of the others, and only what has changed', () => {
    const sums = new ColumnSums();
    sums.set(1, 'a', 5);
    sums.set(2, 'a', 7);
    sums.set(2, 'b', 1);
    assert.deepEqual(sums.changesFor(1), [{ topic: 'a', sum: 7 }]);
    assert.deepEqual(sums.changesFor(2), [{ topic: 'a', sum: 5 }]);
    assert.deepEqual([sums.changesFor(1), sums.changesFor(2)], [[], []]);
    sums.set(1, 'a', 6);
    assert.deepEqual([sums.changesFor(1), sums.changesFor(2)], [[], [{ topic: 'a', sum: 6 }]]);
  });

  test('the figures of one that has died are 0, and the next one begins anew', () => {
    const sums = new ColumnSums();
    sums.set(1, 'a', 5);
    sums.set(2, 'a', 7);
    sums.changesFor(2);
    sums.leave(1);
    assert.deepEqual(sums.changesFor(2), [{ topic: 'a', sum: 0 }]);
    sums.set(3, 'a', 0);
    assert.deepEqual(sums.changesFor(3), [{ topic: 'a', sum: 7 }]);
    for (const worker of [2, 3]) sums.leave(worker);
    sums.set(4, 'a', 1);
    assert.deepEqual(sums.changesFor(4), []);
  });

  test('in any order, what was told last is the sum over the others that live', () => {
    const step = fc.record({
      worker: fc.nat(3),
      topic: fc.constantFrom('a', 'b'),
      value: fc.nat(9),
      kind: fc.constantFrom('set', 'set', 'leave', 'tell'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const sums = new ColumnSums();
        const columns = new Map<number, Map<string, number>>();
        const told = new Map<string, number>();
        const tell = (worker: number): void => {
          for (const { topic, sum } of sums.changesFor(worker)) told.set(`${worker} ${topic}`, sum);
        };
        for (const { worker, topic, value, kind } of steps) {
          if (kind === 'set') {
            sums.set(worker, topic, value);
            columns.set(worker, (columns.get(worker) ?? new Map<string, number>()).set(topic, value));
          } else if (kind === 'leave') {
            sums.leave(worker);
            columns.delete(worker);
            for (const name of ['a', 'b']) told.delete(`${worker} ${name}`);
          } else tell(worker);
        }
        for (const [worker, own] of columns) {
          tell(worker);
          for (const topic of own.keys()) {
            const others = [...columns]
              .filter(([other]) => other !== worker)
              .reduce((sum, [, values]) => sum + (values.get(topic) ?? 0), 0);
            assert.equal(told.get(`${worker} ${topic}`) ?? 0, others);
          }
        }
      }),
    );
  });
});
