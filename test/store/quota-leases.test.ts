// A limit over several workers: never exceeded, whatever is late or dies, and no demand refused that could be served.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { SimulatedQuota, type SimulatedWorker } from './simulated-quota.js';

function want(worker: SimulatedWorker, count: number): void {
  for (let i = 0; i < count; i++) worker.want();
}

function endAll(worker: SimulatedWorker): void {
  for (const taker of worker.of('has')) worker.end(taker);
}

/** More than any answer takes. */
function letTimePass(quota: SimulatedQuota, stuck: SimulatedWorker[] = []): void {
  for (let i = 0; i < 50; i++) {
    quota.ledger.round();
    for (const worker of quota.alive) worker.quota.round();
    quota.settle(...stuck);
  }
}

suite('leases of a limit', () => {
  test('are taken by whoever asks, up to the limit, and everyone else is refused', () => {
    const quota = new SimulatedQuota(10, 2);
    const [a, b] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(a, 7);
    want(b, 7);
    quota.settle();
    assert.equal(quota.taken, 10);
    assert.equal(a.of('refused').length + b.of('refused').length, 4);
    assert.equal(a.of('waiting').length + b.of('waiting').length, 0);
  });

  test('that lie idle at one worker go to another that wants them', () => {
    const quota = new SimulatedQuota(100, 2);
    const [a, b] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(a, 100);
    quota.settle();
    endAll(a);
    want(b, 100);
    quota.settle();
    assert.equal(b.of('has').length, 100);
  });

  test('are found at several others together', () => {
    const quota = new SimulatedQuota(9, 4);
    const [a, b, c, d] = quota.workers as [SimulatedWorker, SimulatedWorker, SimulatedWorker, SimulatedWorker];
    for (const worker of [a, b, c]) want(worker, 3);
    quota.settle();
    for (const worker of [a, b, c]) endAll(worker);
    want(d, 9);
    quota.settle();
    assert.equal(d.of('has').length, 9);
  });

  test('of a worker that dies return, also those that are on their way to it', () => {
    const quota = new SimulatedQuota(4, 2);
    const [a, b] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(a, 3);
    quota.settle();
    want(a, 1);
    a.toOwner.shift()?.();
    want(b, 4);
    b.toOwner.shift()?.();
    quota.kill(a);
    quota.settle();
    want(b, 4 - b.of('has').length);
    quota.settle();
    assert.equal(b.of('has').length, 4);
    assert.equal(quota.ledger.held, 4);
  });

  test('a worker that dies while it is asked to give back holds nobody up', () => {
    const quota = new SimulatedQuota(2, 2);
    const [a, b] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(a, 2);
    quota.settle();
    want(b, 2);
    quota.settle(a);
    assert.equal(b.of('waiting').length, 2);
    quota.kill(a);
    quota.settle();
    assert.equal(b.of('has').length, 2);
  });

  test('a worker that says nothing is waited for a while, and keeps what it holds', () => {
    const quota = new SimulatedQuota(4, 2);
    const [stuck, b] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(stuck, 3);
    quota.settle();
    endAll(stuck);
    want(b, 4);
    quota.settle(stuck);
    assert.ok(b.of('waiting').length > 0);
    for (let i = 0; i < 10; i++) quota.ledger.round();
    quota.settle(stuck);
    assert.equal(b.of('waiting').length, 0);
    const had = b.of('has').length;
    assert.ok(had >= 1 && had < 4);
    // Nobody waits for it a second time.
    want(b, 1);
    quota.settle(stuck);
    assert.equal(b.of('waiting').length, 0);
    // When it speaks again, it counts again.
    quota.settle();
    want(b, 4 - b.of('has').length);
    quota.settle();
    assert.equal(b.of('has').length, 4);
  });

  test('while the owner is away nobody waits for long, and what is leased goes on', () => {
    const quota = new SimulatedQuota(4, 1);
    const [a] = quota.workers as [SimulatedWorker];
    want(a, 2);
    quota.settle();
    const [first] = a.of('has');
    want(a, 4);
    for (let i = 0; i < 50; i++) a.quota.round();
    assert.equal(a.of('waiting').length, 0);
    a.end(first!);
    assert.equal(a.want().state, 'has');
    assert.equal(a.want().state, 'refused');
    quota.settle();
    want(a, 4 - a.of('has').length);
    quota.settle();
    assert.equal(a.of('has').length, 4);
  });

  test('a lower limit takes hold as exchanges end, a higher one at once', () => {
    const quota = new SimulatedQuota(10, 2);
    const [a, b] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(a, 8);
    quota.settle();
    want(b, 2);
    quota.settle();
    quota.setLimit(3);
    quota.settle();
    for (let round = 0; round < 10; round++) {
      for (const worker of quota.workers) {
        const [one] = worker.of('has');
        if (one !== undefined) worker.end(one);
        quota.settle();
        if (quota.taken >= 3) assert.equal(worker.want().state === 'has', false);
        quota.settle();
      }
    }
    assert.ok(quota.taken <= 3);
    quota.setLimit(6);
    want(b, 6);
    want(a, 6);
    quota.settle();
    assert.equal(quota.taken, 6);
  });

  test('a worker that came late gets its part as exchanges of the others end', () => {
    const quota = new SimulatedQuota(10, 2);
    const [a, b] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(a, 10);
    quota.settle();
    // Both are wanted for more than there is, and the first always asks first.
    for (let i = 0; i < 40; i++) {
      want(b, 1);
      quota.settle();
      a.end(a.of('has')[0]!);
      want(a, 1);
      quota.settle();
      if (b.of('has').length === 5) break;
    }
    assert.equal(b.of('has').length, 5);
    assert.equal(quota.taken, 10);
  });

  test('what a worker does not use for a while is free for others without a recall', () => {
    const quota = new SimulatedQuota(64, 2);
    const [a] = quota.workers as [SimulatedWorker, SimulatedWorker];
    want(a, 64);
    quota.settle();
    endAll(a);
    for (let i = 0; i < 20; i++) letTimePass(quota);
    assert.equal(quota.ledger.held, 0);
  });

  test('one who has left is told nothing, and what comes for him is there for the next', () => {
    const quota = new SimulatedQuota(2, 1);
    const [a] = quota.workers as [SimulatedWorker];
    const left = [a.want(), a.want()];
    for (const taker of left) a.end(taker);
    quota.settle();
    assert.deepEqual([a.want().state, quota.taken], ['has', 1]);
  });
});

type Step =
  | { readonly kind: 'want' | 'end' | 'send' | 'receive' | 'kill' | 'round'; readonly worker: number }
  | { readonly kind: 'limit'; readonly limit: number };

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('want' as const), worker: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), worker: fc.nat(3) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('send' as const, 'receive' as const), worker: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'round' as const), worker: fc.nat(3) }) },
);
const stepOrLimit = fc.oneof(
  { weight: 15, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('limit' as const), limit: fc.integer({ min: 1, max: 12 }) }) },
);

/** Ends those who were refused, so that they may want again. */
function run(quota: SimulatedQuota, { kind, ...rest }: Step): void {
  if (kind === 'limit') {
    quota.setLimit((rest as { limit: number }).limit);
    return;
  }
  const { alive } = quota;
  const worker = alive[(rest as { worker: number }).worker % alive.length]!;
  switch (kind) {
    case 'want':
      worker.want();
      break;
    case 'end': {
      const open = worker.takers.filter(({ state }) => state === 'has' || state === 'waiting');
      if (open.length > 0) worker.end(open[open.length >> 1]!);
      break;
    }
    case 'send':
      worker.toOwner.shift()?.();
      break;
    case 'receive':
      worker.fromOwner.shift()?.();
      break;
    case 'kill':
      quota.kill(worker);
      quota.start();
      break;
    default:
      quota.ledger.round();
      worker.quota.round();
  }
}

/** Everyone who was refused wants again, until nobody gets any more. Returns how many are still refused. */
function insist(quota: SimulatedQuota): number {
  for (let before = -1; before !== quota.taken; ) {
    before = quota.taken;
    quota.ledger.round();
    for (const worker of quota.alive) {
      const refused = worker.of('refused');
      for (const taker of refused) worker.end(taker);
      want(worker, refused.length);
      quota.settle();
    }
  }
  return quota.alive.reduce((sum, worker) => sum + worker.of('refused').length, 0);
}

suite('leases of a limit, in any order of events', () => {
  test('are never more than the limit, and serve all demand up to it in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 120 }),
        (limit, workers, steps) => {
          const quota = new SimulatedQuota(limit, workers);
          for (const one of steps) {
            run(quota, one);
            assert.ok(quota.taken <= limit, `${quota.taken} of ${limit} taken`);
          }
          quota.settle();
          const refused = insist(quota);
          assert.ok(quota.taken <= limit);
          if (refused > 0) assert.equal(quota.taken, limit);
          for (const worker of quota.alive) for (const taker of worker.takers) assert.ok(taker.answers <= 1);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('follow a limit that changes, once what was taken before has ended', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(stepOrLimit, { maxLength: 120 }), (workers, steps) => {
        const quota = new SimulatedQuota(5, workers);
        for (const one of steps) run(quota, one);
        quota.settle();
        for (const worker of quota.alive) {
          for (const taker of [...worker.takers]) worker.end(taker);
          quota.settle();
        }
        for (const worker of quota.alive) want(worker, quota.limit);
        quota.settle();
        insist(quota);
        assert.equal(quota.taken, quota.limit);
        assert.equal(quota.ledger.held, quota.limit);
      }),
      { numRuns: 500 },
    );
  });
});
