import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../src/core/nearest-name.js';

const names = ['listeners', 'upstreams', 'workers', 'to'];

const cases: [written: string, meant: string | null][] = [
  ['listners', 'listeners'],
  ['Upstream', 'upstreams'],
  ['wrokers', 'workers'],
  ['listeners', 'listeners'],
  ['too', 'to'],
  ['x', null],
  ['', null],
  ['something else', null],
  ['l'.repeat(1_000_000), null],
];

for (const [written, meant] of cases) {
  test(`${written.slice(0, 20) || 'nothing'} was probably meant to be ${meant ?? 'none of them'}`, () =>
    assert.equal(nearestName(written, names), meant));
}

test('of equally near names the first wins', () => {
  assert.equal(nearestName('bat', ['cat', 'hat']), 'cat');
});
