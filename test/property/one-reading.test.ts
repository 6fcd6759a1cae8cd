// A request has one reading, or is refused: whatever we take, the strictest reader takes what we send on as the same
// request, and the profiles that take it agree about what it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BodyKind } from '../../src/wire/framing.js';
import { writeRequestHead } from '../../src/wire/http1-head-writer.js';
import { type HeadLimits, Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { profiles, type WireProfile } from '../../src/wire/profile.js';
import { requestHead } from './wire-arbitraries.js';

const limits: HeadLimits = { maxHeadBytes: 16_384, maxFields: 100, maxTargetBytes: 8192 };

function read(text: string, profile: WireProfile): Http1RequestHead | null {
  const head = new Http1RequestHead();
  return head.parse(text, profile, limits) === null ? head : null;
}

function summarise(head: Http1RequestHead): Record<string, unknown> {
  return {
    method: head.method,
    target: head.target,
    body: head.framing.kind,
    length: head.framing.kind === BodyKind.length ? head.framing.contentLength : -1,
    cookies: head.getAll('cookie'),
  };
}

for (const profile of [profiles.strict, profiles.nginx, profiles.haproxy]) {
  test(`what the ${profile.name} profile takes is sent on with one reading`, () => {
    let taken = 0;
    fc.assert(
      fc.property(requestHead, (text) => {
        const head = read(text, profile);
        if (head === null) return;
        taken++;
        const sent = writeRequestHead(head, 'server.example', '', '');
        assert.doesNotMatch(sent.replaceAll('\r\n', ''), /[\r\n\0]/);
        const again = read(sent, profiles.strict);
        assert.ok(again !== null, `refused: ${JSON.stringify(sent)}`);
        assert.deepEqual(summarise(again), summarise(head));
        assert.ok(again.getAll('content-length').length + again.getAll('transfer-encoding').length <= 1);
        assert.equal(writeRequestHead(again, 'server.example', '', ''), sent);
      }),
      { numRuns: 5000 },
    );
    assert.ok(taken > 500, `only ${taken} requests were taken: the property says little`);
  });
}

test('the profiles that take a request agree about it', () => {
  fc.assert(
    fc.property(requestHead, (text) => {
      const strict = read(text, profiles.strict);
      for (const profile of [profiles.nginx, profiles.haproxy]) {
        const head = read(text, profile);
        if (strict === null || head === null) continue;
        assert.deepEqual(summarise(head), summarise(strict));
        assert.equal(head.authority, strict.authority);
        assert.equal(head.keepsAlive, strict.keepsAlive);
      }
    }),
    { numRuns: 5000 },
  );
});

test('an object that is used again forgets the request before', () => {
  const used = new Http1RequestHead();
  fc.assert(
    fc.property(requestHead, requestHead, (before, text) => {
      used.parse(before, profiles.haproxy, limits);
      used.add('X-Added', '1');
      const fresh = new Http1RequestHead();
      const fault = used.parse(text, profiles.haproxy, limits);
      assert.equal(fault, fresh.parse(text, profiles.haproxy, limits));
      if (fault !== null) return;
      assert.equal(used.upgrade, fresh.upgrade);
      assert.equal(used.expectsContinue, fresh.expectsContinue);
      assert.equal(used.keepsAlive, fresh.keepsAlive);
      assert.equal(writeRequestHead(used, 'server.example', '', ''), writeRequestHead(fresh, 'server.example', '', ''));
    }),
    { numRuns: 3000 },
  );
});

test('no text makes the parser throw', () => {
  const byte = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    ':',
    '/',
    'GET',
    'HTTP/1.1',
    'Host',
    'a',
    ',',
    '\0',
    '\xff',
    'Content-Length',
    '5',
    'http://',
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), fc.constantFrom(profiles.strict, profiles.nginx, profiles.haproxy), (parts, profile) => {
      read(`${parts.join('')}\r\n\r\n`, profile);
      read(parts.join(''), profile);
    }),
    { numRuns: 5000 },
  );
});
