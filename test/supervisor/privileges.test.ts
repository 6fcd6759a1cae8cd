// Who may become whom. What it looks like from outside is in test/e2e/privileges.test.ts.
import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { become, checkMayBecome } from '../../src/worker/privileges.js';

const user = { name: 'www', uid: 33, gid: 33 };

afterEach(() => mock.restoreAll());

/** Puts these in the place of the process's own; returns what was called. */
function pretend(uid: number): unknown[][] {
  const calls: unknown[][] = [];
  const functions = process as unknown as Record<string, (...args: unknown[]) => unknown>;
  mock.method(functions, 'geteuid', () => uid);
  for (const name of ['setgroups', 'initgroups', 'setgid', 'setuid']) {
    mock.method(functions, name, (...args: unknown[]) => void calls.push([name, ...args]));
  }
  return calls;
}

test('only root can become somebody else, and that is told in one line', () => {
  pretend(1000);
  assert.throws(() => checkMayBecome(user), {
    message: '"user": only root can become www; start Limpet as root or as www, or remove "user"',
  });
});

test('whoever is that user already has nothing to give up', () => {
  const calls = pretend(33);
  become(user);
  assert.deepEqual(calls, []);
});

test('groups go first, while there is still the right to change them', () => {
  const calls = pretend(0);
  become(user);
  become({ name: '33', uid: 33, gid: 7 });
  assert.deepEqual(calls, [
    ['initgroups', 'www', 33],
    ['setgid', 33],
    ['setuid', 33],
    ['setgroups', [7]],
    ['setgid', 7],
    ['setuid', 33],
  ]);
});
