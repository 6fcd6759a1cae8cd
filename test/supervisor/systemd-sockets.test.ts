// The variables with which systemd passes sockets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeSystemdSockets } from '../../src/supervisor/systemd-sockets.js';

const taken = (environment: NodeJS.ProcessEnv): Record<string, number[]> => Object.fromEntries(takeSystemdSockets(environment, 42));

test('descriptors count from 3, and several may have one name', () => {
  const environment = { LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'web:other:web' };
  assert.deepEqual(taken(environment), { web: [3, 5], other: [4] });
});

test('sockets without names are called as systemd calls them', () => {
  assert.deepEqual(taken({ LISTEN_PID: '42', LISTEN_FDS: '2' }), { unknown: [3, 4] });
});

test('those for another process are not ours', () => {
  assert.deepEqual(taken({ LISTEN_PID: '41', LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' }), {});
  assert.deepEqual(taken({}), {});
  assert.deepEqual(taken({ LISTEN_PID: '42', LISTEN_FDS: 'many' }), {});
});

test('the variables are gone afterwards, and others stay', () => {
  const environment = { LISTEN_PID: '42', LISTEN_FDS: '1', LISTEN_FDNAMES: 'web', PATH: '/bin' };
  taken(environment);
  assert.deepEqual(environment, { PATH: '/bin' });
});
