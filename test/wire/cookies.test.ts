import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCookie } from 'cookie';
import fc from 'fast-check';
import { cookieValueAt, findCookie } from '../../src/wire/cookies.js';

/** All values of a cookie, in order. */
function valuesOf(field: string, name: string): string[] {
  const values: string[] = [];
  for (let at = findCookie(field, name); at >= 0; at = findCookie(field, name, at)) values.push(cookieValueAt(field, at));
  return values;
}

describe('reading cookies', () => {
  const cases: { what: string; field: string; values: string[] }[] = [
    { what: 'the only one', field: 'route=abc', values: ['abc'] },
    { what: 'the first', field: 'route=abc; b=2', values: ['abc'] },
    { what: 'the last', field: 'a=1; route=abc', values: ['abc'] },
    { what: 'no blank after the semicolon', field: 'a=1;route=abc;b=2', values: ['abc'] },
    { what: 'blanks and tabs everywhere', field: ' \ta=1 ;\t route \t=  abc\t ; b', values: ['abc'] },
    { what: 'several of the name, in order', field: 'route=1; x=9; route=2; route=3', values: ['1', '2', '3'] },
    { what: 'empty values', field: 'route=; route= ;route=', values: ['', '', ''] },
    { what: 'a name that only begins so', field: 'routes=1; route2=2; route-x=3', values: [] },
    { what: 'a name that only ends so', field: 'xroute=1; my route=2', values: [] },
    { what: 'the name as another value', field: 'a=route; b=route=1', values: [] },
    { what: 'another case', field: 'Route=1; ROUTE=2', values: [] },
    { what: 'no equals sign', field: 'route; route', values: [] },
    { what: 'no equals sign first, then a pair', field: 'route; route=1', values: ['1'] },
    { what: 'quotes around the value', field: 'route="abc"; b="2"', values: ['abc'] },
    { what: 'empty quotes', field: 'route=""', values: [''] },
    { what: 'one quote is part of the value', field: 'route="; route="a; route=a"', values: ['"', '"a', 'a"'] },
    { what: 'a semicolon ends a value even in quotes', field: 'route="a;b"', values: ['"a'] },
    { what: 'equals signs in the value', field: 'route=a=b==', values: ['a=b=='] },
    { what: 'blanks within the value', field: 'route=a b', values: ['a b'] },
    { what: 'nothing is decoded', field: 'route=%61+%zz', values: ['%61+%zz'] },
    { what: 'commas part nothing', field: 'a=1, route=2', values: [] },
    { what: 'old attributes', field: '$Version=1; route="abc"; $Path="/"', values: ['abc'] },
    { what: 'stray semicolons', field: ';;; route=1;;', values: ['1'] },
    { what: 'an empty field', field: '', values: [] },
  ];
  for (const { what, field, values } of cases) {
    test(`${what}: ${JSON.stringify(field)}`, () => assert.deepEqual(valuesOf(field, 'route'), values));
  }

  // The package decodes percent signs unless told not to, and leaves quotes around a value; else the two must agree.
  test('gives what the package cookie gives, but for quotes around the value', () => {
    const piece = fc.constantFrom('a', 'b', 'ab', 'A', '=', ';', ' ', '\t', '"', ',', '%61', '; ', 'a=', 'b=', '$', 'é');
    const anyField = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(anyField, fc.constantFrom('a', 'b', 'ab', '$'), (field, name) => {
        const expected = parseCookie(field, { decode: (value) => value })[name];
        const unquoted = expected !== undefined && /^".*"$/s.test(expected) && expected.length > 1 ? expected.slice(1, -1) : expected;
        assert.equal(valuesOf(field, name)[0], unquoted);
      }),
      { numRuns: 5000 },
    );
  });

  test('all values of a name come in order, and never one of another', () => {
    const pair = fc.tuple(fc.constantFrom('r', 'rr', 'x'), fc.stringMatching(/^[a-z0-9=]{0,6}$/));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 10 }), (pairs) => {
        const field = pairs.map(([name, value]) => `${name}=${value}`).join('; ');
        assert.deepEqual(
          valuesOf(field, 'r'),
          pairs.filter(([name]) => name === 'r').map(([, value]) => value),
        );
      }),
    );
  });
});
