// When a worker is replaced at once, and when not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartPause } from '../../src/supervisor/restart-pause.js';

test('the first end costs no pause, later ones more and more, up to a limit', () => {
  const pause = new RestartPause();
  const pauses = Array.from({ length: 12 }, () => pause.next(50));
  assert.deepEqual(pauses.slice(0, 5), [0, 100, 200, 400, 800]);
  assert.deepEqual(pauses.slice(-3), [10_000, 10_000, 10_000]);
});

test('a worker that lived long enough is replaced at once, whatever was before', () => {
  const pause = new RestartPause();
  for (let i = 0; i < 5; i++) pause.next(50);
  assert.equal(pause.next(60_000), 0);
  assert.equal(pause.next(50), 100);
});
