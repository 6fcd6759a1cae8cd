import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PassiveHealth, passiveState } from '../../../src/upstream/health/passive.js';

const options = { failures: 3, windowMs: 1000, downForMs: 5000 };

function downAt(nowMs: number): PassiveHealth {
  const health = new PassiveHealth(options);
  for (let i = 0; i < options.failures; i++) health.recordFailure(nowMs);
  assert.equal(health.state, passiveState.down);
  return health;
}

describe('passive health', () => {
  test('the failure that fills the window takes the server down, and says so', () => {
    const health = new PassiveHealth(options);
    assert.deepEqual([health.recordFailure(0), health.recordFailure(500), health.recordFailure(1000)], [false, false, true]);
    assert.equal(health.downUntilMs, 6000);
  });

  test('failures further apart than the window do not add up', () => {
    const health = new PassiveHealth(options);
    assert.deepEqual(
      [0, 500, 1001, 1502, 2003].map((now) => health.recordFailure(now)),
      [false, false, false, false, false],
    );
    assert.equal(health.recordFailure(2400), true);
  });

  test('a limit of one failure: the first takes the server down', () => {
    assert.equal(new PassiveHealth({ ...options, failures: 1 }).recordFailure(0), true);
  });

  test('a success between failures does not save a server that fails again and again', () => {
    const health = new PassiveHealth(options);
    health.recordFailure(0);
    health.recordSuccess();
    health.recordFailure(1);
    health.recordSuccess();
    assert.equal(health.recordFailure(2), true);
  });

  test('down until the time is over, not a millisecond less', () => {
    const health = downAt(100);
    assert.equal(health.endDownTime(5099.9), false);
    assert.equal(health.endDownTime(5100), true);
    assert.equal(health.endDownTime(5100), false);
    assert.equal(health.downUntilMs, Infinity);
  });

  test('while down, late reports neither prolong nor shorten it', () => {
    const health = downAt(0);
    assert.equal(health.recordFailure(4000), false);
    health.recordSuccess();
    assert.equal(health.state, passiveState.down);
    assert.equal(health.downUntilMs, 5000);
  });

  test('what somebody else has found takes the server down for as long as is said, once, and is prolonged by a later word', () => {
    const health = new PassiveHealth(options);
    assert.equal(health.learnDown(100, 700), true);
    assert.equal(health.downUntilMs, 800);
    assert.equal(health.recordFailure(200), false);
    assert.equal(health.learnDown(300, 1000), false);
    assert.equal(health.downUntilMs, 1300);
    assert.equal(health.endDownTime(1300), true);
    assert.equal(health.recordFailure(1300), true);
    assert.equal(health.downUntilMs, 6300);
  });

  test('only a success that ends a trial is news', () => {
    const health = downAt(0);
    assert.equal(health.recordSuccess(), false);
    health.endDownTime(5000);
    assert.deepEqual([health.recordSuccess(), health.recordSuccess()], [true, false]);
  });

  test('on trial one failure is enough', () => {
    const health = downAt(0);
    health.endDownTime(5000);
    assert.equal(health.recordFailure(100_000), true);
    assert.equal(health.downUntilMs, 105_000);
  });

  test('after a success on trial it takes as many failures as at first', () => {
    const health = downAt(0);
    health.endDownTime(5000);
    health.recordSuccess();
    assert.deepEqual([health.recordFailure(5001), health.recordFailure(5002), health.recordFailure(5003)], [false, false, true]);
  });

  test('failures from before it went down do not count afterwards, however long the window', () => {
    const health = new PassiveHealth({ failures: 2, windowMs: 60_000, downForMs: 1000 });
    health.recordFailure(0);
    health.recordFailure(1);
    health.endDownTime(1001);
    health.recordSuccess();
    assert.deepEqual([health.recordFailure(1002), health.recordFailure(1003)], [false, true]);
  });

  test('while watching, it goes down exactly when the last failures lie within the window', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(800), { maxLength: 60 }), (failures, gaps) => {
        const health = new PassiveHealth({ failures, windowMs: 1000, downForMs: 5000 });
        let now = 0;
        let seen: number[] = [];
        for (const gap of gaps) {
          now += gap;
          seen.push(now);
          const oldest = seen.at(-failures);
          const expected = oldest !== undefined && now - oldest <= 1000;
          assert.equal(health.recordFailure(now), expected);
          if (!expected) continue;
          now += 5000;
          seen = [];
          health.endDownTime(now);
          health.recordSuccess();
        }
      }),
    );
  });

  test('with other options it judges the failures that it remembers as if they had held before', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(400)), (before, after, pauses) => {
        const changed = new PassiveHealth({ ...options, failures: before });
        const asBefore = new PassiveHealth({ ...options, failures: after });
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          if (changed.recordFailure(now)) return;
          asBefore.recordFailure(now);
        }
        // A change to more than it remembers cannot know what was before.
        fc.pre(after <= before && asBefore.state === passiveState.watching);
        changed.change({ ...options, failures: after });
        assert.equal(changed.recordFailure(now + 1), asBefore.recordFailure(now + 1));
        assert.equal(changed.downUntilMs, asBefore.downUntilMs);
      }),
    ));

  test('a change leaves a server that is down its time, and the next one lasts as long as is said now', () => {
    const health = downAt(0);
    health.change({ failures: 1, windowMs: 1000, downForMs: 9000 });
    assert.equal(health.downUntilMs, 5000);
    assert.ok(health.endDownTime(5000));
    assert.ok(health.recordFailure(6000));
    assert.equal(health.downUntilMs, 15_000);
  });
});
