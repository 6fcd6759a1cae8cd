import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SessionRecords } from '../../src/store/session-records.js';

const idleMs = 10_000;

function records(maxSessions: number): SessionRecords {
  return new SessionRecords({ maxSessions, idleMs });
}

describe('the records of a session table', () => {
  test('the first to bind a key wins, and later ones learn who holds', () => {
    const table = records(100);
    assert.equal(table.lookUp('k', 0).server, null);
    assert.deepEqual(table.bind('k', 'a', false, 0), { server: 'a', isConfirmed: false, isCertain: true });
    assert.equal(table.bind('k', 'b', true, 0).server, 'a');
    assert.deepEqual(table.lookUp('k', 0), { server: 'a', isConfirmed: false, isCertain: true });
    table.confirm('k', 0);
    assert.deepEqual(table.lookUp('k', 0), { server: 'a', isConfirmed: true, isCertain: true });
  });

  test('another table with the same secret takes all of them in, in the order of their use', () => {
    const table = new SessionRecords({ maxSessions: 40_000, idleMs }, 'secret');
    for (let i = 0; i < 12_000; i++) table.bind(`k${i}`, `server ${i % 3}`, i >= 4_000, i / 100);
    const other = new SessionRecords({ maxSessions: 16_000, idleMs }, 'secret');
    for (const batch of table.batches()) other.addBatch(batch, 1_000);
    assert.deepEqual([other.pendingCount, other.confirmedCount], [2_000, 8_000]);
    for (let i = 0; i < 12_000; i++) {
      const expected = i < 2_000 ? null : `server ${i % 3}`;
      const { server, isConfirmed } = other.lookUp(`k${i}`, 1_000);
      assert.deepEqual([server, isConfirmed], [expected, i >= 4_000], `k${i}`);
    }
    assert.equal(other.lookUp('k11999', 1_000 + 2 * idleMs).server, null);
  });

  test('a session is re-bound only from the server that holds it', () => {
    const table = records(100);
    table.bind('k', 'a', true, 0);
    assert.equal(table.rebind('k', 'b', 'c', 0).server, 'a');
    assert.equal(table.rebind('k', 'a', 'b', 0).server, 'b');
    assert.equal(table.rebind('k', 'a', 'c', 0).server, 'b');
    assert.deepEqual(table.lookUp('k', 0), { server: 'b', isConfirmed: true, isCertain: true });
    assert.deepEqual(table.rebind('gone', 'a', 'b', 0), { server: 'b', isConfirmed: false, isCertain: true });
  });

  test('a session that nobody asks for is gone after the idle time, one that is asked for stays', () => {
    const table = records(100);
    table.bind('used', 'a', true, 0);
    table.bind('idle', 'b', true, 0);
    assert.equal(table.lookUp('used', idleMs - 1).server, 'a');
    assert.equal(table.lookUp('used', 2 * idleMs - 2).server, 'a');
    assert.equal(table.lookUp('idle', 2 * idleMs - 2).server, null);
    assert.equal(table.confirmedCount, 1);
  });

  test('those that are over make room before anybody has to', () => {
    const table = records(8);
    for (let i = 0; i < 7; i++) table.bind(`old${i}`, 'a', true, 0);
    table.bind('new', 'a', true, 2 * idleMs);
    assert.equal(table.hasEvictedLately(2 * idleMs), false);
    assert.equal(table.confirmedCount, 6);
  });

  test('a full table gives up the least recently used', () => {
    const table = records(8);
    for (let i = 0; i < 7; i++) table.bind(`k${i}`, 'a', true, i);
    table.lookUp('k0', 10);
    table.bind('k7', 'a', true, 11);
    assert.equal(table.hasEvictedLately(11), true);
    assert.equal(table.hasEvictedLately(11 + idleMs), false);
    assert.equal(table.lookUp('k1', 12).server, null);
    for (const key of ['k0', 'k2', 'k6', 'k7']) assert.equal(table.lookUp(key, 12).server, 'a', key);
  });

  test('keys that somebody invents push out nothing but each other', () => {
    const table = records(800);
    for (let i = 0; i < 700; i++) {
      table.bind(`real${i}`, 'a', false, 0);
      table.confirm(`real${i}`, 0);
    }
    for (let i = 0; i < 100_000; i++) table.bind(`invented${i}`, 'b', false, 1);
    assert.deepEqual([table.confirmedCount, table.pendingCount], [700, 100]);
    for (let i = 0; i < 700; i++) assert.equal(table.lookUp(`real${i}`, 2).server, 'a');
    assert.equal(table.lookUp('invented99999', 2).server, 'b');
    assert.equal(table.lookUp('invented99899', 2).server, null);
  });

  test('a smaller bound takes effect at once, a larger one too', () => {
    const table = records(80);
    for (let i = 0; i < 70; i++) table.bind(`k${i}`, 'a', true, i);
    table.setOptions({ maxSessions: 8, idleMs });
    assert.equal(table.confirmedCount, 7);
    assert.equal(table.lookUp('k69', 70).server, 'a');
    table.setOptions({ maxSessions: 80_000, idleMs });
    for (let i = 0; i < 60_000; i++) table.bind(`n${i}`, 'b', true, 71);
    assert.equal(table.confirmedCount, 60_007);
    for (let i = 0; i < 60_000; i++) assert.equal(table.lookUp(`n${i}`, 72).server, 'b');
  });

  test('does what a plain map would, whatever comes in whatever order', () => {
    const action = fc.tuple(
      fc.constantFrom('lookUp', 'bind', 'bindConfirmed', 'rebind', 'confirm', 'wait'),
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom('a', 'b', 'c'),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        // Room for all of them: what goes for want of room is shown above.
        const table = records(1000);
        const model = new Map<string, { server: string; isConfirmed: boolean; usedMs: number }>();
        let now = 0;
        for (const [what, number, server] of actions) {
          const key = `key ${number}`;
          let known = model.get(key);
          if (known !== undefined && now - known.usedMs > idleMs) {
            model.delete(key);
            known = undefined;
          }
          if (known !== undefined) known.usedMs = now;
          let answer = null;
          if (what === 'wait') now += 1_000 * number;
          else if (what === 'confirm') table.confirm(key, now);
          else if (what === 'lookUp') answer = table.lookUp(key, now);
          else if (what === 'rebind') answer = table.rebind(key, 'a', server, now);
          else answer = table.bind(key, server, what === 'bindConfirmed', now);
          if (what === 'wait') {
            if (known !== undefined) known.usedMs = now - 1_000 * number;
            continue;
          }
          if (known === undefined && what !== 'confirm' && what !== 'lookUp') {
            known = { server, isConfirmed: what === 'bindConfirmed', usedMs: now };
            model.set(key, known);
          } else if (known !== undefined) {
            if (what === 'rebind' && known.server === 'a') known.server = server;
            if (what === 'confirm' || (what === 'bindConfirmed' && known.server === server)) known.isConfirmed = true;
          }
          if (answer !== null)
            assert.deepEqual(answer, { server: known?.server ?? null, isConfirmed: known?.isConfirmed ?? false, isCertain: true });
        }
      }),
    );
  });
});
