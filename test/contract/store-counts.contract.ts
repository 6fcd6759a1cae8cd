// What every store must do for limits, figures and published facts, wherever its owner lives. That leases are never more
// than the limit in whatever order messages come is proved in test/store/quota-leases.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Column, Quota, StoreAsker } from '../../src/store/store.js';
import type { StoreUnderTest } from './store.contract.js';

export interface CountingStoreUnderTest extends StoreUnderTest {
  /** What happens every few tens of milliseconds. */
  round(): void;
}

class QuotaAsker implements StoreAsker<boolean> {
  answer: boolean | null = null;

  onStoreAnswer(isGranted: boolean): void {
    assert.equal(this.answer, null);
    this.answer = isGranted;
  }
}

/** Takes up to so many, asking where that is needed. Returns how many it has got. */
function takeMany(store: StoreUnderTest, quota: Quota, count: number): number {
  let taken = 0;
  const askers: QuotaAsker[] = [];
  for (let i = 0; i < count; i++) {
    if (quota.take()) {
      taken++;
      continue;
    }
    const asker = new QuotaAsker();
    askers.push(asker);
    quota.ask(asker);
  }
  store.settle();
  for (const { answer } of askers) {
    assert.notEqual(answer, null);
    if (answer === true) taken++;
  }
  return taken;
}

export function storeCountsContract(name: string, make: () => CountingStoreUnderTest): void {
  describe(`store contract, limits and figures: ${name}`, () => {
    function quotas(store: StoreUnderTest, limit: number): Quota[] {
      return store.workers.map((worker) => worker.quota('q', limit) as Quota);
    }

    test('a limit holds over all workers, and what one gives back another gets', () => {
      const store = make();
      const [first, second] = quotas(store, 10) as [Quota, Quota];
      assert.equal(takeMany(store, first, 8), 8);
      assert.equal(takeMany(store, second, 8), 2);
      for (let i = 0; i < 8; i++) first.give();
      assert.equal(takeMany(store, second, 9), 8);
      assert.equal(takeMany(store, first, 1), 0);
    });

    test('a worker that dies gives back what it had', () => {
      const store = make();
      const [first, second] = quotas(store, 10) as [Quota, Quota];
      assert.equal(takeMany(store, first, 7), 7);
      assert.equal(takeMany(store, second, 3), 3);
      const replaced = store.replaceWorker(0).quota('q', 10) as Quota;
      assert.equal(takeMany(store, replaced, 4), 4);
      assert.equal(takeMany(store, second, 4), 3);
    });

    test('opened again it is the same, with the limit that was said last', () => {
      const store = make();
      const [first] = quotas(store, 4) as [Quota];
      assert.equal(takeMany(store, first, 6), 4);
      const [again] = quotas(store, 6) as [Quota];
      assert.equal(again, first);
      assert.equal(takeMany(store, again, 6), 2);
      quotas(store, 3);
      store.settle();
      for (let i = 0; i < 4; i++) first.give();
      store.settle();
      assert.equal(takeMany(store, first, 3), 1);
    });

    test('limits of different names have nothing in common', () => {
      const store = make();
      const [quota] = quotas(store, 1) as [Quota];
      const other = store.workers[1]!.quota('other', 1) as Quota;
      assert.equal(takeMany(store, quota, 1), 1);
      assert.equal(takeMany(store, other, 1), 1);
    });

    test('who is forgotten is not told', () => {
      const store = make();
      const [quota] = quotas(store, 1) as [Quota];
      const asker = new QuotaAsker();
      quota.ask(asker);
      quota.forget(asker);
      store.settle();
      assert.equal(asker.answer, null);
      assert.equal(takeMany(store, quota, 1), 1);
    });

    test('when the owner is gone everyone is told, and what is held here goes on', () => {
      const store = make();
      const [quota] = quotas(store, 3) as [Quota];
      assert.equal(takeMany(store, quota, 2), 2);
      const askers = [new QuotaAsker(), new QuotaAsker()];
      while (quota.take());
      quota.ask(askers[0]!);
      store.workers[0]!.ownerIsGone();
      quota.ask(askers[1]!);
      assert.deepEqual(
        askers.map(({ answer }) => answer),
        [false, false],
      );
      quota.give();
      assert.equal(quota.take(), true);
    });

    test('each knows the sum over the others after a round, and who has died counts no more', () => {
      const store = make();
      const own = store.workers.map((_, i) => 10 ** i);
      const columns = store.workers.map((worker, i) => worker.column('c', () => own[i]!) as Column);
      const tellAll = (): void => {
        for (let i = 0; i < 2; i++) {
          store.round();
          store.settle();
        }
      };
      const sum = (): number => own.reduce((total, value) => total + value, 0);
      tellAll();
      for (const [i, { othersSum }] of columns.entries()) assert.equal(othersSum, sum() - own[i]!);
      own[0] = 5;
      tellAll();
      for (const [i, { othersSum }] of columns.entries()) assert.equal(othersSum, sum() - own[i]!);
      store.replaceWorker(0);
      own[0] = 0;
      tellAll();
      for (const [i, { othersSum }] of columns.entries()) if (i > 0) assert.equal(othersSum, sum() - own[i]!);
    });

    test('a column that is opened again is the same, with another figure', () => {
      const store = make();
      const [first, second] = store.workers;
      const before = first!.column('c', () => 1);
      const other = second!.column('c', () => 0) as Column;
      assert.equal(
        first!.column('c', () => 2),
        before,
      );
      for (let i = 0; i < 2; i++) {
        store.round();
        store.settle();
      }
      assert.equal(other.othersSum, 2);
    });

    test('what was published is told with its age, to the newest who wants to know, and to new workers before all else', () => {
      const store = make();
      const heard: string[] = [];
      store.workers[1]!.subscribe('t', () => assert.fail('somebody else is told now'));
      store.workers[1]!.subscribe('t', (value, ageMs) => heard.push(`${String(value)} ${ageMs}`));
      store.workers[0]!.publish('t', 'fact');
      store.settle();
      store.wait(300);
      store.workers[1]!.subscribe('t', (value, ageMs) => heard.push(`${String(value)} ${ageMs}`));
      const late = store.replaceWorker(0);
      store.wait(200);
      store.settle();
      late.subscribe('t', (value, ageMs) => heard.push(`${String(value)} ${ageMs}`));
      assert.deepEqual(heard, ['fact 0', 'fact 300', 'fact 300']);
    });
  });
}
