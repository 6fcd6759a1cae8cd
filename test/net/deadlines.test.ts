// Coarse deadlines, on a clock that the tests move.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { armDeadline, disarmDeadline, LATENESS_MS, Waiting } from '../../src/net/deadlines.js';

class Waiter extends Waiting {
  fired = 0;
  constructor(private readonly onFired: () => void = () => {}) {
    super();
  }
  override onDeadline(): void {
    this.fired++;
    this.onFired();
  }
}

/** Moves the time on in steps, as timers do; in one step only where the process is said to be busy. */
function useClock(t: TestContext): { nowMs: number; pass(ms: number, stepMs?: number): void } {
  const clock = {
    nowMs: 1_000_000,
    pass(ms: number, stepMs = 10) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.nowMs += stepMs;
        t.mock.timers.tick(stepMs);
      }
    },
  };
  t.mock.method(performance, 'now', () => clock.nowMs);
  t.mock.timers.enable({ apis: ['setInterval'] });
  // The timer of the last test must not outlive its clock.
  t.after(() => clock.pass(1_000));
  return clock;
}

test('a deadline fires once, never early, and at most its lateness late', (t) => {
  const clock = useClock(t);
  for (const offsetMs of [0, 30, 70, 90]) {
    for (const durationMs of [10, 100, 250, 5_000]) {
      const other = new Waiter();
      armDeadline(other, 60_000);
      clock.pass(offsetMs);
      const waiter = new Waiter();
      armDeadline(waiter, durationMs);
      clock.pass(durationMs - 10);
      assert.equal(waiter.fired, 0, `${durationMs} ms, early`);
      clock.pass(10 + LATENESS_MS);
      assert.equal(waiter.fired, 1, `${durationMs} ms, late`);
      clock.pass(durationMs + 1_000);
      assert.equal(waiter.fired, 1);
      disarmDeadline(other);
    }
  }
});

test('what is armed after the process was busy is not early either', (t) => {
  const clock = useClock(t);
  const other = new Waiter();
  armDeadline(other, 60_000);
  clock.pass(100);
  // Two seconds in which no timer could run; then, before any does, something is armed.
  clock.nowMs += 2_000;
  const waiter = new Waiter();
  armDeadline(waiter, 300);
  clock.pass(290);
  assert.equal(waiter.fired, 0);
  clock.pass(10 + LATENESS_MS);
  assert.equal(waiter.fired, 1);
  disarmDeadline(other);
});

test('to be armed again begins anew, with whatever duration', (t) => {
  const clock = useClock(t);
  const waiter = new Waiter();
  armDeadline(waiter, 1_000);
  clock.pass(900);
  armDeadline(waiter, 1_000);
  clock.pass(900);
  armDeadline(waiter, 500);
  clock.pass(490);
  assert.equal(waiter.fired, 0);
  clock.pass(10 + LATENESS_MS);
  assert.equal(waiter.fired, 1);
});

test('a disarmed deadline never fires, and disarming twice harms nobody', (t) => {
  const clock = useClock(t);
  const waiters = [new Waiter(), new Waiter(), new Waiter()];
  for (const waiter of waiters) armDeadline(waiter, 1_000);
  disarmDeadline(waiters[1]);
  disarmDeadline(waiters[1]);
  armDeadline(waiters[2], 0);
  clock.pass(3_000);
  assert.deepEqual(
    waiters.map(({ fired }) => fired),
    [1, 0, 0],
  );
  assert.ok(waiters.every(({ deadlineList, deadlineNext }) => deadlineList === null && deadlineNext === null));
});

test('deadlines fire in the order in which they end, and may arm and disarm each other while they do', (t) => {
  const clock = useClock(t);
  const order: string[] = [];
  const late = new Waiter(() => order.push('late'));
  const cancelled = new Waiter(() => order.push('cancelled'));
  const early = new Waiter(() => {
    order.push('early');
    disarmDeadline(cancelled);
    if (early.fired < 3) armDeadline(early, 500);
  });
  armDeadline(late, 2_500);
  armDeadline(early, 500);
  armDeadline(cancelled, 500);
  clock.pass(5_000);
  assert.deepEqual(order, ['early', 'early', 'early', 'late']);
});

test('many different durations, as reloads leave them behind, all fire', (t) => {
  const clock = useClock(t);
  const waiters = Array.from({ length: 200 }, () => new Waiter());
  for (const [index, waiter] of waiters.entries()) armDeadline(waiter, 1_000 + index);
  clock.pass(2_000);
  for (const [index, waiter] of waiters.entries()) armDeadline(waiter, 1_000 + index);
  clock.pass(2_000);
  assert.ok(waiters.every(({ fired }) => fired === 2));
});
