import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration, suggestDuration } from '../../src/config/duration.js';

test('durations are read in each unit', () => {
  assert.deepEqual(
    ['250ms', '30s', '5m', '1h', '7d', '1.5s', '0s'].map(parseDuration),
    [250, 30_000, 300_000, 3_600_000, 604_800_000, 1500, 0],
  );
});

test('what is no duration is null', () => {
  for (const text of ['', '30', 's', '-1s', '1 s', '1S', '1s ', '.5s', '1e3s', '99999999999999999999d'])
    assert.equal(parseDuration(text), null, text);
});

test('a written duration is read as the same', () => {
  fc.assert(fc.property(fc.nat(), (milliseconds) => assert.equal(parseDuration(formatDuration(milliseconds)), milliseconds)));
  assert.deepEqual([0, 250, 90_000, 60_000, 86_400_000].map(formatDuration), ['0s', '250ms', '90s', '1m', '1d']);
});

test('the suggestion keeps the number and finds the unit', () => {
  assert.deepEqual(['30 sec', '5 minutes', '100 millis', '2HRS', '1 day', '7', 'soon'].map(suggestDuration), [
    '30s',
    '5m',
    '100ms',
    '2h',
    '1d',
    '7s',
    '30s',
  ]);
});
