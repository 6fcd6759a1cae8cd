// What every store must do for its workers, wherever its owner lives and however its messages travel.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SessionAnswer, SessionTable, SessionTableOptions, StoreAsker } from '../../src/store/store.js';
import type { StoreClient } from '../../src/store/store-client.js';

/** One owner and its workers. */
export interface StoreUnderTest {
  /** At least two, but for a store that has one process. */
  readonly workers: readonly StoreClient[];
  /** Delivers whatever is under way until nothing is. */
  settle(): void;
  /** Moves the clock of all. */
  wait(ms: number): void;
  /** The worker is gone in the middle of whatever it was doing; another one takes its place. */
  replaceWorker(index: number): StoreClient;
}

export class Asker implements StoreAsker<SessionAnswer> {
  readonly answers: SessionAnswer[] = [];

  onStoreAnswer(answer: SessionAnswer): void {
    this.answers.push(answer);
  }

  get server(): string | null | undefined {
    return this.answers.at(-1)?.server;
  }
}

export const tableOptions: SessionTableOptions = { maxSessions: 800, idleMs: 100_000 };

export function storeContract(name: string, make: () => StoreUnderTest): void {
  describe(`store contract: ${name}`, () => {
    function tables(store: StoreUnderTest, options = tableOptions): SessionTable[] {
      return store.workers.map((worker) => worker.sessions('t', options));
    }

    /** Asks, delivers, and gives the only answer. */
    function ask(store: StoreUnderTest, put: (asker: Asker) => void): SessionAnswer {
      const asker = new Asker();
      put(asker);
      store.settle();
      assert.equal(asker.answers.length, 1);
      return asker.answers[0]!;
    }

    test('a session that is acknowledged to one worker is known to every other', () => {
      const store = make();
      const all = tables(store);
      const first = all[0]!;
      assert.deepEqual(
        ask(store, (asker) => first.lookUp('k', asker)),
        { server: null, isConfirmed: false, isCertain: true },
      );
      assert.equal(ask(store, (asker) => first.bind('k', 'a', false, asker)).server, 'a');
      for (const table of all) assert.equal(ask(store, (asker) => table.lookUp('k', asker)).server, 'a');
    });

    test('of two that bind at the same time one wins, and both learn who', () => {
      const store = make();
      const [one, other = one] = tables(store) as [SessionTable, SessionTable];
      const askers = [new Asker(), new Asker()];
      one.bind('k', 'a', false, askers[0]!);
      other.bind('k', 'b', false, askers[1]!);
      store.settle();
      assert.ok(askers[0]!.server === 'a' || askers[0]!.server === 'b');
      assert.equal(askers[0]!.server, askers[1]!.server);
    });

    test('of two that re-bind at the same time one wins, and nobody answers from before', () => {
      const store = make();
      const all = tables(store);
      const [one, other = one] = all as [SessionTable, SessionTable];
      ask(store, (asker) => one.bind('k', 'a', true, asker));
      for (const table of all) ask(store, (asker) => table.lookUp('k', asker));
      const askers = [new Asker(), new Asker()];
      one.rebind('k', 'a', 'b', askers[0]!);
      other.rebind('k', 'a', 'c', askers[1]!);
      store.settle();
      assert.ok(askers[0]!.server === 'b' || askers[0]!.server === 'c');
      assert.equal(askers[0]!.server, askers[1]!.server);
      for (const table of all) assert.equal(ask(store, (asker) => table.lookUp('k', asker)).server, askers[0]!.server);
    });

    test('a confirmation is seen by all', () => {
      const store = make();
      const all = tables(store);
      ask(store, (asker) => all[0]!.bind('k', 'a', false, asker));
      all[0]!.confirm('k');
      for (const table of all) assert.equal(ask(store, (asker) => table.lookUp('k', asker)).isConfirmed, true);
    });

    test('a session that any worker uses stays, one that none uses goes', () => {
      const store = make();
      const all = tables(store);
      for (const key of ['used', 'idle']) ask(store, (asker) => all[0]!.bind(key, 'a', true, asker));
      for (let i = 0; i < 10; i++) {
        store.wait(tableOptions.idleMs / 5);
        assert.equal(ask(store, (asker) => all[0]!.lookUp('used', asker)).server, 'a');
      }
      for (const table of all) {
        assert.equal(ask(store, (asker) => table.lookUp('used', asker)).server, 'a');
        assert.equal(ask(store, (asker) => table.lookUp('idle', asker)).server, null);
      }
    });

    test('keys that somebody invents push out nothing that is confirmed', () => {
      const store = make();
      const all = tables(store);
      const real = Array.from({ length: 700 }, (_, i) => `real ${i}`);
      for (const key of real) ask(store, (asker) => all[0]!.bind(key, 'a', true, asker));
      for (let i = 0; i < 3000; i++) all[i % all.length]!.bind(`invented ${i}`, 'b', false, new Asker());
      store.settle();
      for (const [i, key] of real.entries()) assert.equal(ask(store, (asker) => all[i % all.length]!.lookUp(key, asker)).server, 'a');
    });

    test('a session that was given up for want of room and is bound anew is the same for all', () => {
      const store = make();
      const all = tables(store, { maxSessions: 8, idleMs: 100_000 });
      const last = all.at(-1)!;
      ask(store, (asker) => last.bind('k', 'a', true, asker));
      ask(store, (asker) => last.lookUp('k', asker));
      for (let i = 0; i < 7; i++) ask(store, (asker) => all[0]!.bind(`other ${i}`, 'a', true, asker));
      if (all.length === 1) return;
      assert.equal(ask(store, (asker) => all[0]!.lookUp('k', asker)).server, null);
      assert.equal(ask(store, (asker) => all[0]!.bind('k', 'b', true, asker)).server, 'b');
      for (const table of all) assert.equal(ask(store, (asker) => table.lookUp('k', asker)).server, 'b');
    });

    test('who is forgotten is not told, and nobody else misses anything', () => {
      const store = make();
      const [table] = tables(store) as [SessionTable];
      const [gone, stays] = [new Asker(), new Asker()];
      table.lookUp('k', gone);
      const told = gone.answers.length;
      table.forget(gone);
      table.forget(gone);
      table.lookUp('k', stays);
      store.settle();
      assert.equal(gone.answers.length, told);
      assert.equal(stays.answers.length, 1);
    });

    test('a worker that dies takes no session along, and whoever comes in its place finds them', () => {
      const store = make();
      const all = tables(store);
      if (all.length === 1) return;
      ask(store, (asker) => all[0]!.bind('k', 'a', true, asker));
      const asker = new Asker();
      all[0]!.lookUp('k2', asker);
      const replaced = store.replaceWorker(0).sessions('t', tableOptions);
      store.settle();
      assert.equal(asker.answers.length, 0);
      for (const table of [replaced, all[1]!]) assert.equal(ask(store, (a) => table.lookUp('k', a)).server, 'a');
    });

    test('tables of different names have nothing in common', () => {
      const store = make();
      const [table] = tables(store) as [SessionTable];
      const other = store.workers[0]!.sessions('other', tableOptions);
      ask(store, (asker) => table.bind('k', 'a', true, asker));
      assert.equal(ask(store, (asker) => other.lookUp('k', asker)).server, null);
    });

    test('what one publishes every other hears, in order, and who comes late hears the last', () => {
      const store = make();
      if (store.workers.length === 1) return;
      const heard: unknown[] = [];
      store.workers[1]!.subscribe('topic', (value) => heard.push(value));
      store.settle();
      for (const value of [1, { two: 2 }, 3]) store.workers[0]!.publish('topic', value);
      store.settle();
      assert.deepEqual(heard, [1, { two: 2 }, 3]);
      const late: unknown[] = [];
      store.replaceWorker(0).subscribe('topic', (value) => late.push(value));
      store.settle();
      assert.deepEqual(late, [3]);
    });
  });
}
