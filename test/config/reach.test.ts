import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { RawObject } from '../../src/config/raw.js';
import { Reach } from '../../src/config/reach.js';

/** The same by its definition: one match beside another. */
function hides(earlier: RawObject, later: RawObject): boolean {
  const keys = Object.keys(earlier);
  if (keys.length === 0 || isDeepStrictEqual(earlier, later)) return true;
  return keys.length === 1 && [earlier['path']].flat().includes('/*') && later['path'] !== undefined;
}

test('a route is hidden by the first one before it that takes all of its requests', () => {
  const path = fc.constantFrom('/a', '/b', '/*');
  const match = fc
    .record(
      {
        path: fc.oneof(path, fc.array(path, { minLength: 1, maxLength: 2 })),
        host: fc.constantFrom('a', 'b'),
        header: fc.constantFrom({ a: true, b: 'x' }, { b: 'x', a: true }, { a: true }),
      },
      { requiredKeys: [] },
    )
    // The order of keys says nothing.
    .chain((given) => fc.shuffledSubarray(Object.entries(given), { minLength: Object.keys(given).length }))
    .map((entries): RawObject => Object.fromEntries(entries));
  fc.assert(
    fc.property(fc.array(match, { maxLength: 12 }), (matches) => {
      const reach = new Reach();
      for (const [position, later] of matches.entries()) {
        const hiding = matches.slice(0, position).findIndex((earlier) => hides(earlier, later));
        assert.equal(reach.add(position, later), hiding < 0 ? null : hiding);
      }
    }),
  );
});
