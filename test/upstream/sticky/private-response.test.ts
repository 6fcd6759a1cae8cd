import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { markPrivate } from '../../../src/upstream/sticky/private-response.js';
import { responseOf } from '../stand-in-exchange.js';

describe('marking a response private', () => {
  const cases: { before: string[]; after: string }[] = [
    { before: [], after: 'private' },
    { before: [''], after: 'private' },
    { before: ['public'], after: 'private' },
    { before: ['PUBLIC , max-age=60'], after: 'private, max-age=60' },
    { before: ['private'], after: 'private' },
    { before: ['private="set-cookie, x", max-age=1'], after: 'private, max-age=1' },
    { before: ['s-maxage=600, stale-while-revalidate=30'], after: 'private, stale-while-revalidate=30' },
    { before: ['no-cache="a, public", no-store'], after: 'private, no-cache="a, public", no-store' },
    { before: ['x="a\\", public", public'], after: 'private, x="a\\", public"' },
    { before: ['max-age=0', 'public, must-revalidate'], after: 'private, max-age=0, must-revalidate' },
    { before: ['x="never closed, public'], after: 'private, x="never closed, public' },
    { before: ['publicity=1,,'], after: 'private, publicity=1' },
  ];
  for (const { before, after } of cases) {
    test(`${JSON.stringify(before)} becomes ${JSON.stringify(after)}`, () => {
      const head = responseOf(
        200,
        before.map((value) => ['Cache-Control', value]),
      );
      markPrivate(head);
      assert.deepEqual(head.list, [['Cache-Control', after]]);
      markPrivate(head);
      assert.deepEqual(head.list, [['Cache-Control', after]], 'a second time changes nothing');
    });
  }
});
