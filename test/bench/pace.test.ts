import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Pace } from '../../bench/pace.js';

test('without a rate everybody goes on at once', () => {
  let gone = 0;
  new Pace(0).next(() => gone++);
  assert.equal(gone, 1);
});

test('with a rate nobody goes on before it is due, and no more than that', async () => {
  const pace = new Pace(100);
  let gone = 0;
  const again = () => {
    gone++;
    pace.next(again);
  };
  const startedAtMs = performance.now();
  for (let client = 0; client < 10; client++) pace.next(again);
  assert.equal(gone, 0);
  while (gone < 20) await wait(5);
  const due = ((performance.now() - startedAtMs) * 100) / 1000;
  assert.ok(gone <= due + 1, `${gone} have gone when ${due} were due`);
});
