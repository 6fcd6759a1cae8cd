// However the bytes are split on their way, they are read the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endOfHead } from '../../src/wire/http1-fields.js';
import { type HeadLimits, Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { profiles, type WireProfile } from '../../src/wire/profile.js';
import { readChunkedBody } from './chunked-reading.js';
import { chunkedBody, cutAt, cuts, requestHead } from './wire-arbitraries.js';

const limits: HeadLimits = { maxHeadBytes: 16_384, maxFields: 100, maxTargetBytes: 8192 };

const profile = fc.constantFrom(profiles.strict, profiles.nginx, profiles.haproxy);

/** Reads a head as a connection does: the request and what follows it, or that it is refused or not there yet. */
function readHead(pieces: readonly string[], chosen: WireProfile): unknown {
  let received = '';
  for (const [index, piece] of pieces.entries()) {
    const from = Math.max(0, received.length - 3);
    received += piece;
    const end = endOfHead(received, from, chosen);
    if (end < 0) continue;
    const head = new Http1RequestHead();
    if (head.parse(received.slice(0, end), chosen, limits) !== null) return 'refused';
    const rest = received.slice(end) + pieces.slice(index + 1).join('');
    return [head.method, head.target, head.authority, head.framing.kind, head.count, rest];
  }
  return 'more';
}

test('a head does not depend on how its bytes are split', () => {
  fc.assert(
    fc.property(requestHead, fc.constantFrom('', 'body', '\r\n\r\n', '\n'), cuts, profile, (head, after, places, chosen) => {
      assert.deepEqual(readHead(cutAt(head + after, places), chosen), readHead([head + after], chosen));
    }),
    { numRuns: 5000 },
  );
});

test('a chunked body does not depend on how its bytes are split', () => {
  fc.assert(
    fc.property(chunkedBody, cuts, profile, (body, places, chosen) => {
      assert.deepEqual(readChunkedBody(cutAt(body, places), chosen), readChunkedBody([body], chosen));
    }),
    { numRuns: 5000 },
  );
});

test('nor do arbitrary bytes', () => {
  const bytes = fc
    .array(fc.constantFrom('\r', '\n', '\r\n', '0', '5', 'a', ';', ' ', ':', '\0', 'X: y'), { maxLength: 30 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(bytes, cuts, profile, (body, places, chosen) => {
      assert.deepEqual(readChunkedBody(cutAt(body, places), chosen), readChunkedBody([body], chosen));
    }),
    { numRuns: 5000 },
  );
});
