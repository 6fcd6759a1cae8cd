// Connections keep their last head, because the next one mostly is the same: whatever came before and was done with it, a head
// must be read and written as if it were the first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BodyKind } from '../../src/wire/framing.js';
import { clientBodyKind, writeRequestHead, writeResponseHead } from '../../src/wire/http1-head-writer.js';
import { Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { Http1ResponseHead } from '../../src/wire/http1-response-head.js';
import { profiles, type WireProfile } from '../../src/wire/profile.js';
import { requestHead, responseHead } from './wire-arbitraries.js';

const limits = { maxHeadBytes: 16_384, maxFields: 100, maxTargetBytes: 8192 };
const narrow = { ...limits, maxFields: 2 };
/** Mostly one, so that heads come again. */
const profile = fc.oneof(
  { weight: 4, arbitrary: fc.constant(profiles.haproxy) },
  { weight: 2, arbitrary: fc.constant(profiles.nginx) },
  { weight: 1, arbitrary: fc.constant(profiles.strict) },
);
const names = ['x', 'cookie', 'host', 'content-length', 'x-added', 'x_y'];

type Edit = (head: Http1RequestHead | Http1ResponseHead) => void;
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.constantFrom(...names).map(
    (name): Edit =>
      (head) =>
        head.remove(name),
  ),
  fc.constantFrom(...names).map(
    (name): Edit =>
      (head) =>
        head.set(name, 'edited'),
  ),
  fc.constant<Edit>((head) => head.add('X-Added', 'added')),
  fc.constant<Edit>((head) => head.restoreFields({ ids: [], names: ['X-Restored'], values: ['1'] })),
  fc.constant<Edit>((head) => head.removeForwardedFields()),
  fc.constant<Edit>((head) => head.framing.clear()),
  // A body that was collected: it has a length now, whatever it came with.
  fc.constantFrom(7, 9).map(
    (length): Edit =>
      (head) =>
        Object.assign(head.framing, { kind: BodyKind.length, contentLength: length }),
  ),
  fc.constant<Edit>((head) => head.rest()),
  fc.constant<Edit>((head) => {
    if (head instanceof Http1RequestHead) head.target = '/elsewhere';
    else head.status = 503;
  }),
  fc.constant<Edit>((head) => {
    if (head instanceof Http1RequestHead) head.method = 'PATCH';
    else head.reason = 'Other';
  }),
);
/** Mostly none, so that what is written often serves again. */
const edits = fc.oneof({ weight: 2, arbitrary: fc.constant<Edit[]>([]) }, { weight: 1, arbitrary: fc.array(edit, { maxLength: 3 }) });

/** Heads that every profile takes, and with them what may come twice. */
const fields = 'Host: a\r\nCookie: b\r\nX: 1\r\nx_y: 2\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: X, keep-alive\r\n';
const good = [
  '',
  'Content-Length: 5\r\n',
  'Content-Length: 7\r\n',
  'Expect: 100-continue\r\nContent-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  `X-Long: ${'l'.repeat(3000)}\r\n`,
].map((framing) => `${fields}${framing}\r\n`);
const lines = [
  'POST /a HTTP/1.1',
  'POST /b HTTP/1.1',
  'PUT /a HTTP/1.0',
  'OPTIONS * HTTP/1.1',
  'GET http://c/a HTTP/1.1',
  'CONNECT /a HTTP/1.1',
  'TRACE /a HTTP/1.1',
  'G(T / HTTP/1.1',
];
const requests = fc.oneof(
  requestHead,
  fc.tuple(fc.constantFrom(...lines), fc.constantFrom(...good)).map(([line, rest]) => `${line}\r\n${rest}`),
);
const responses = fc.oneof(responseHead, fc.constantFrom(...good.map((rest) => `HTTP/1.1 200 OK\r\n${rest}`)));

/** What is done with one head after the other; `text` is one of two. */
const step = fc.record({
  text: fc.constantFrom(0, 0, 1),
  profile,
  isNarrow: fc.constantFrom(false, false, false, true),
  edits,
  added: fc.constantFrom('', 'X-Sent: 1\r\n'),
  // The same head is framed otherwise when it answers HEAD.
  method: fc.constantFrom('GET', 'GET', 'HEAD'),
  version: fc.constantFrom(11, 11, 10),
  keepsAlive: fc.constantFrom(true, true, false),
});
const steps = fc.array(step, { minLength: 2, maxLength: 6 });

/** Everything that anybody may ask of a head. */
function summary(head: Http1RequestHead | Http1ResponseHead): unknown {
  const { framing, version, keepsAlive, upgrade, hasPlainLine, hasPlainLength, isAddedTo, hasForwardedFields, hasUnderscores, count } =
    head;
  const line =
    head instanceof Http1RequestHead
      ? [head.method, head.target, head.authority, head.expectsContinue]
      : [head.status, head.reason, head.keepAliveSeconds];
  return [
    { ...framing },
    version,
    keepsAlive,
    upgrade,
    hasPlainLine,
    hasPlainLength,
    isAddedTo,
    hasForwardedFields,
    hasUnderscores,
    count,
    line,
    names.map((name) => head.getAll(name)),
    head.keepFields(),
  ];
}

test('a request is read and written the same, whatever the connection has read before', () => {
  let repeats = 0;
  let sameFields = 0;
  const run = (texts: readonly string[], used: Http1RequestHead, { text, profile, isNarrow, edits, added, keepsAlive }: Step): void => {
    const fresh = new Http1RequestHead();
    const by = isNarrow ? narrow : limits;
    if (used.isRepeated(texts[text]!, profile, by)) repeats++;
    else if (fieldsOf(used.text) === fieldsOf(texts[text]!)) sameFields++;
    const fault = used.parse(texts[text]!, profile, by);
    assert.equal(fault, fresh.parse(texts[text]!, profile, by));
    if (fault !== null) return;
    assert.deepEqual(summary(used), summary(fresh));
    const hop = { version: 11, keepsAlive };
    const write = (head: Http1RequestHead): string => writeRequestHead(head, 'server.example', added, '', hop);
    assert.equal(write(used), write(fresh));
    // Another one, for what has been written once is kept.
    const edited = new Http1RequestHead();
    edited.parse(texts[text]!, profile, by);
    for (const edit of edits) {
      edit(used);
      edit(edited);
    }
    assert.equal(write(used), write(edited));
  };
  fc.assert(
    fc.property(fc.tuple(requests, requests), steps, (texts, steps) => {
      const used = new Http1RequestHead();
      for (const step of steps) run(texts, used, step);
    }),
    { numRuns: 5000 },
  );
  assert.ok(repeats > 500 && sameFields > 1000, `only ${repeats} heads and ${sameFields} fields came again: the property says little`);
});

test('a method that a profile refuses is refused behind fields that come again', () => {
  const head = new Http1RequestHead();
  const read = (method: string, profile: WireProfile): string | undefined =>
    head.parse(`${method} /a HTTP/1.1\r\nHost: a\r\n\r\n`, profile, limits)?.code;
  for (const [method, profile, fault] of [
    ['GET', profiles.nginx, undefined],
    ['TRACE', profiles.nginx, 'method-not-allowed'],
    ['GET', profiles.nginx, undefined],
    ['CONNECT', profiles.nginx, 'method-not-allowed'],
    ['GET', profiles.strict, undefined],
    ['TRACE', profiles.strict, undefined],
    ['TRACE', profiles.nginx, 'method-not-allowed'],
  ] as const)
    assert.equal(read(method, profile), fault, `${method} ${profile.name}`);
});

test('a response is read and written the same, whatever the connection has read before', () => {
  let repeats = 0;
  const run = (
    texts: readonly string[],
    used: Http1ResponseHead,
    { text, profile, isNarrow, edits, method, version, keepsAlive }: Step,
  ): void => {
    const fresh = new Http1ResponseHead();
    const maxFields = isNarrow ? narrow.maxFields : limits.maxFields;
    if (used.isRepeated(texts[text]!, profile, maxFields)) repeats++;
    const fault = used.parse(texts[text]!, method, profile, maxFields);
    assert.equal(fault, fresh.parse(texts[text]!, method, profile, maxFields));
    if (fault !== null) return;
    assert.deepEqual(summary(used), summary(fresh));
    const write = (head: Http1ResponseHead): string => writeResponseHead(head, clientBodyKind(head, version), version, keepsAlive);
    assert.equal(write(used), write(fresh));
    // Another one, for what has been written once is kept.
    const edited = new Http1ResponseHead();
    edited.parse(texts[text]!, method, profile, maxFields);
    for (const edit of edits) {
      edit(used);
      edit(edited);
    }
    assert.equal(write(used), write(edited));
  };
  fc.assert(
    fc.property(fc.tuple(responses, responses), steps, (texts, steps) => {
      const used = new Http1ResponseHead();
      for (const step of steps) run(texts, used, step);
    }),
    { numRuns: 5000 },
  );
  assert.ok(repeats > 700, `only ${repeats} heads came again: the property says little`);
});

function fieldsOf(text: string): string {
  return text.slice(text.indexOf('\n') + 1);
}

interface Step {
  readonly text: number;
  readonly profile: WireProfile;
  readonly isNarrow: boolean;
  readonly edits: readonly Edit[];
  readonly added: string;
  readonly method: string;
  readonly version: number;
  readonly keepsAlive: boolean;
}
