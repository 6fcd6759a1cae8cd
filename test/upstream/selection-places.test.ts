// Servers whose limit holds over all workers: a place is taken, asked for, or refused before an exchange goes there.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Quota, StoreAsker } from '../../src/store/store.js';
import { Selection, select } from '../../src/upstream/selection.js';
import type { Server } from '../../src/upstream/server.js';
import { stickyValue } from '../../src/upstream/sticky/cookie.js';
import type { Upstream } from '../../src/upstream/upstream.js';
import { exchangeWithCookies } from './stand-in-exchange.js';
import { serverOptions, stickyCookieOptions, upstreamOf } from './stand-in-upstream.js';

/** Has so many places at hand, and leaves it to the test what is answered when there are none. */
class StandInQuota implements Quota {
  readonly asked: StoreAsker<boolean>[] = [];
  forgotten = 0;
  answersAtOnce: boolean | null = null;

  constructor(public spare: number) {}

  take(): boolean {
    if (this.spare === 0) return false;
    this.spare--;
    return true;
  }

  give(): void {
    this.spare++;
  }

  ask(asker: StoreAsker<boolean>): void {
    if (this.answersAtOnce === null) this.asked.push(asker);
    else asker.onStoreAnswer(this.answersAtOnce);
  }

  forget(): void {
    this.forgotten++;
  }

  answer(isGranted: boolean): void {
    this.asked.shift()!.onStoreAnswer(isGranted);
  }
}

interface Stage {
  readonly upstream: Upstream;
  readonly quotas: readonly StandInQuota[];
  readonly selection: Selection;
  /** How often its owner was told to select again. */
  woken(): number;
  choose(tried?: readonly Server[]): string;
}

function stage(spares: readonly number[], x = exchangeWithCookies([])): Stage {
  const upstream = upstreamOf(
    spares.map((_, i) => serverOptions(String.fromCharCode(97 + i), { maxConnections: 100 })),
    { sticky: stickyCookieOptions(), clock: () => 0 },
  );
  const quotas = spares.map((spare) => new StandInQuota(spare));
  for (const [i, quota] of quotas.entries()) upstream.servers[i]!.quota = quota;
  let woken = 0;
  const selection = new Selection({ onAwaited: () => void woken++ });
  return {
    upstream,
    quotas,
    selection,
    woken: () => woken,
    choose(tried = []) {
      select(upstream, x, tried, selection);
      if (selection.awaited !== null) {
        assert.deepEqual([selection.server, selection.fault], [null, null]);
        return 'waits';
      }
      return selection.server?.name ?? selection.fault!.code;
    },
  };
}

const boundTo = (name: string) => exchangeWithCookies([`route=${stickyValue('meteor', name, '')}`]);

describe('a place at a server', () => {
  test('that is at hand is taken, and given back once', () => {
    const { choose, quotas, selection } = stage([1]);
    assert.equal(choose(), 'a');
    assert.equal(quotas[0]!.spare, 0);
    selection.endLease();
    selection.endLease();
    assert.equal(quotas[0]!.spare, 1);
  });

  test('that is asked for and granted is used, however the balancer turns meanwhile', () => {
    const { choose, quotas, selection, woken } = stage([0, 5]);
    assert.equal(choose(), 'waits');
    quotas[0]!.answer(true);
    assert.equal(woken(), 1);
    assert.equal(choose(), 'a');
    assert.equal(quotas[1]!.spare, 5);
    selection.endLease();
    assert.equal(quotas[0]!.spare, 1);
  });

  test('that is refused is looked for at the next server', () => {
    const { choose, quotas, woken } = stage([0, 0, 1]);
    assert.equal(choose(), 'waits');
    quotas[0]!.answer(false);
    assert.equal(woken(), 1);
    assert.equal(choose(), 'waits');
    quotas[1]!.answer(false);
    assert.equal(choose(), 'c');
  });

  test('that is refused everywhere is what the client is told', () => {
    const { choose, quotas } = stage([0, 0]);
    for (const quota of quotas) {
      assert.equal(choose(), 'waits');
      quota.answer(false);
    }
    assert.equal(choose(), 'servers-full');
  });

  test('that is refused within the question is not waited for', () => {
    const { choose, quotas, woken } = stage([0, 0]);
    for (const quota of quotas) quota.answersAtOnce = false;
    assert.equal(choose(), 'servers-full');
    assert.equal(woken(), 0);
  });

  test('that is granted within the question is taken at once', () => {
    const { choose, quotas, selection, woken } = stage([0]);
    quotas[0]!.answersAtOnce = true;
    assert.equal(choose(), 'a');
    assert.equal(woken(), 0);
    selection.endLease();
    assert.equal(quotas[0]!.spare, 1);
  });

  test('that nobody waits for any more is not asked for any more', () => {
    const { choose, quotas, selection, woken } = stage([0]);
    assert.equal(choose(), 'waits');
    selection.abandon();
    selection.endLease();
    assert.equal(quotas[0]!.forgotten, 1);
    assert.equal(quotas[0]!.spare, 0);
    assert.equal(woken(), 0);
  });

  test('that was granted at a server which is down by then goes back, and another is looked for', () => {
    const { choose, quotas, upstream } = stage([0, 1]);
    assert.equal(choose(), 'waits');
    for (let i = 0; i < 3; i++) upstream.servers[0]!.recordFailure(0);
    quotas[0]!.answer(true);
    assert.equal(choose(), 'b');
    assert.deepEqual([quotas[0]!.spare, quotas[1]!.spare], [1, 0]);
  });

  test('at a server that was tried in vain is looked for elsewhere', () => {
    const { choose, selection, upstream } = stage([1, 1]);
    assert.equal(choose(), 'a');
    selection.endLease();
    assert.equal(choose([upstream.servers[0]!]), 'b');
  });

  test('at the server that a client is bound to: awaited, used, or the client is refused and stays bound', () => {
    const { choose, quotas, selection } = stage([5, 0], boundTo('b'));
    assert.equal(choose(), 'waits');
    quotas[1]!.answer(true);
    assert.equal(choose(), 'b');
    selection.endLease();
    assert.equal(choose(), 'b');
    selection.endLease();
    quotas[1]!.spare = 0;
    assert.equal(choose(), 'waits');
    quotas[1]!.answer(false);
    assert.equal(choose(), 'servers-full');
    assert.equal(quotas[0]!.spare, 5);
  });

  test('is looked for anew by the next exchange, wherever there was none before', () => {
    const { choose, quotas, selection } = stage([0]);
    assert.equal(choose(), 'waits');
    quotas[0]!.answer(false);
    assert.equal(choose(), 'servers-full');
    selection.clear();
    quotas[0]!.spare = 1;
    assert.equal(choose(), 'a');
  });
});
