// Every row of the tables in this folder against the code that reads the wire, without a socket.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Fault, faults } from '../../src/core/errors.js';
import { normalisePath } from '../../src/route/path.js';
import { ChunkedDecoder, cleanTrailers } from '../../src/wire/chunked.js';
import { endOfHead } from '../../src/wire/http1-fields.js';
import { clientBodyKind, writeRequestHead, writeResponseHead } from '../../src/wire/http1-head-writer.js';
import { type HeadLimits, Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { Http1ResponseHead } from '../../src/wire/http1-response-head.js';
import { profiles, type WireProfile } from '../../src/wire/profile.js';
import { describeBody, describeBoolean, expectFact, expectUnambiguous, type ReadHead } from './head-facts.js';
import { type Outcome, profileNames, readTable, type TableCase } from './table.js';

/** Small, so that the tables can go beyond them. */
const limits: HeadLimits = { maxHeadBytes: 4096, maxFields: 8, maxTargetBytes: 80 };
const maxTrailerBytes = 160;

/** What the server is called when the client named nobody. */
const fallbackHost = 'server.example';

type Reader = (entry: TableCase, profile: WireProfile, outcome: Outcome) => void;

function statusOf(fault: Fault, profile: WireProfile): number {
  if (fault === faults.headTooLarge) return profile.headTooLargeStatus;
  if (fault === faults.targetTooLong) return profile.targetTooLongStatus;
  return fault.status;
}

function expectRefused(fault: Fault | null, profile: WireProfile, outcome: Outcome): void {
  assert.ok(fault !== null, 'it was accepted');
  assert.ok(outcome.kind === 'refused', `it was refused: ${fault.code}`);
  assert.equal(statusOf(fault, profile), outcome.status, fault.code);
}

const readRequest: Reader = (entry, profile, outcome) => {
  const head = new Http1RequestHead();
  const fault = head.parse(entry.input, profile, limits);
  if (fault !== null || outcome.kind !== 'accepted') {
    expectRefused(fault, profile, outcome);
    return;
  }
  const written = writeRequestHead(head, fallbackHost, '', '');
  const read: ReadHead = {
    head,
    written,
    properties: {
      method: head.method,
      target: head.target,
      authority: head.authority,
      version: String(head.version),
      body: describeBody(head.framing),
      keeps: describeBoolean(head.keepsAlive),
      continue: describeBoolean(head.expectsContinue),
      upgrade: head.upgrade,
      upgraded: writeRequestHead(head, fallbackHost, '', head.upgrade),
    },
  };
  for (const fact of outcome.facts) expectFact(read, fact);
  expectUnambiguous(written);
  expectSameReading(head, written);
};

/** The strictest reader takes what is sent on as the same request. */
function expectSameReading(head: Http1RequestHead, written: string): void {
  const again = new Http1RequestHead();
  assert.equal(again.parse(written, profiles.strict, { ...limits, maxFields: limits.maxFields + 2 }), null, written);
  assert.equal(again.method, head.method);
  assert.equal(again.target, head.target);
  assert.equal(describeBody(again.framing), describeBody(head.framing));
}

const readResponse: Reader = (entry, profile, outcome) => {
  const head = new Http1ResponseHead();
  const fault = head.parse(entry.input, entry.asked, profile, limits.maxFields);
  if (fault !== null || outcome.kind !== 'accepted') {
    expectRefused(fault, profile, outcome);
    return;
  }
  const written = writeResponseHead(head, clientBodyKind(head, 11), 11, true);
  const read: ReadHead = {
    head,
    written,
    properties: {
      status: String(head.status),
      reason: head.reason,
      version: String(head.version),
      body: describeBody(head.framing),
      keeps: describeBoolean(head.keepsAlive),
      keepAliveSeconds: String(head.keepAliveSeconds),
      upgrade: head.upgrade,
      to10: writeResponseHead(head, clientBodyKind(head, 10), 10, false),
    },
  };
  for (const fact of outcome.facts) expectFact(read, fact);
  expectUnambiguous(written);
  assert.equal(new Http1ResponseHead().parse(written, entry.asked, profiles.strict, limits.maxFields + 2), null, written);
};

interface DecodedBody {
  readonly isBad: boolean;
  readonly isDone: boolean;
  readonly data: string;
  readonly trailers: string | Fault;
  readonly rest: string;
}

/** Decodes the input in two pieces, the first of `firstLength` bytes. */
function decode(input: string, firstLength: number, profile: WireProfile): DecodedBody {
  const decoder = new ChunkedDecoder();
  decoder.reset();
  let data = '';
  let rest = '';
  for (const piece of [input.slice(0, firstLength), input.slice(firstLength)]) {
    const buffer = Buffer.from(piece, 'latin1');
    const end = decoder.decode(buffer, 0, buffer.length, maxTrailerBytes);
    data += buffer.toString('latin1', decoder.dataStart, decoder.dataEnd);
    if (decoder.isDone) rest += buffer.toString('latin1', end);
  }
  const trailers = decoder.isDone ? cleanTrailers(decoder.trailers, profile, limits.maxFields) : '';
  return { isBad: decoder.isBad || typeof trailers !== 'string', isDone: decoder.isDone, data, trailers, rest };
}

const readChunked: Reader = (entry, profile, outcome) => {
  for (let firstLength = 0; firstLength < entry.input.length; firstLength++) {
    const body = decode(entry.input, firstLength, profile);
    if (body.isBad) {
      expectRefused(faults.badChunk, profile, outcome);
    } else if (!body.isDone) {
      assert.equal(outcome.kind, 'more', 'it waits for more');
    } else {
      assert.ok(outcome.kind === 'accepted', `it was accepted, split at ${firstLength}`);
      const facts: Record<string, unknown> = { data: body.data, trailers: body.trailers, rest: body.rest };
      for (const { key, value } of outcome.facts) assert.equal(facts[key], value, `${key}, split at ${firstLength}`);
      if (!outcome.facts.some(({ key }) => key === 'rest')) assert.equal(body.rest, '');
    }
  }
};

const readPath: Reader = (entry, profile, outcome) => {
  const parts: Record<string, string> & { path: string; query: string } = { path: 'unset', query: 'unset' };
  const fault = normalisePath(entry.input, parts);
  if (fault !== null || outcome.kind !== 'accepted') {
    expectRefused(fault, profile, outcome);
    return;
  }
  for (const { key, value } of outcome.facts) assert.equal(parts[key], value, key);
};

const readers: readonly (readonly [table: string, read: Reader])[] = [
  ['request-head', readRequest],
  ['request-target', readRequest],
  ['request-framing', readRequest],
  ['connection-fields', readRequest],
  ['upgrade', readRequest],
  ['response-head', readResponse],
  ['response-framing', readResponse],
  ['chunked', readChunked],
  ['paths', readPath],
];

for (const [table, read] of readers) {
  describe(`${table}.tsv`, () => {
    const cases = readTable(table);
    for (const entry of cases) {
      for (const profileName of profileNames) {
        const outcome = entry.outcomes.get(profileName);
        if (outcome === undefined) continue;
        test(`${profileName}: ${entry.name} (line ${entry.line}, RFC ${entry.reference})`, () =>
          read(entry, profiles[profileName], outcome));
      }
    }

    test('no two cases have one name', () => assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length));

    if (read === readRequest || read === readResponse) {
      test('every head ends where it ends', () => {
        for (const { input, line } of cases) {
          const emptyLines = /^\r?\n\r?\n/.exec(input);
          const expected = emptyLines === null ? input.length : emptyLines[0].length;
          for (const profileName of profileNames) assert.equal(endOfHead(input, 0, profiles[profileName]), expected, `line ${line}`);
        }
      });
    }
  });
}
