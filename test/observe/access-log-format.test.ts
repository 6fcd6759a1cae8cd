// What lines of the access log look like.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combinedFormat, jsonFormat } from '../../src/observe/access-log-format.js';
import { CommonLogTime, IsoTime } from '../../src/observe/access-log-time.js';
import { AccessRecord } from '../../src/observe/access-record.js';
import { EscapeMemo, PieceMemo } from '../../src/observe/escape-memo.js';

const timeMs = Date.UTC(2026, 0, 31, 11, 0, 0, 123);

function record(fields: Partial<AccessRecord> = {}): AccessRecord {
  return Object.assign(new AccessRecord(), {
    timeMs,
    clientIp: '203.0.113.9',
    method: 'GET',
    target: '/sockjs/info?t=1',
    httpVersion: 11,
    host: 'app.example',
    status: 200,
    bytesSent: 79,
    userAgent: 'curl/8.5',
    listener: 'web',
    upstream: 'meteor',
    server: 'a',
    serverAddress: '127.0.0.1:3000',
    binding: 'bound',
    attempts: 1,
    connectMs: 0,
    headMs: 1.2041,
    totalMs: 12.9996,
    ...fields,
  });
}

const combined = (fields: Partial<AccessRecord>): string => combinedFormat()(record(fields), undefined);
const json = (fields: Partial<AccessRecord>): Record<string, unknown> => JSON.parse(jsonFormat()(record(fields), undefined));

test('combined is the usual fields, then the others in one order', () => {
  assert.equal(
    combined({ scheme: 'https', tlsProtocol: 'TLSv1.3' }),
    `203.0.113.9 - - [${new CommonLogTime().format(timeMs)}] "GET /sockjs/info?t=1 HTTP/1.1" 200 79 "-" "curl/8.5" listener=web upstream=meteor server=a sticky=bound attempts=1 connect=0.000 head=1.204 total=13.000 in=0 scheme=https tls=TLSv1.3 fault=-\n`,
  );
});

test('combined has a dash for all that there is not', () => {
  const line = combinedFormat()(Object.assign(new AccessRecord(), { timeMs }), undefined);
  assert.match(
    line,
    /^unix - - \[[^\]]+\] "-" 0 0 "-" "-" listener=- upstream=- server=- sticky=- attempts=0 connect=- head=- total=0\.000 in=0 scheme=http tls=- fault=-\n$/,
  );
});

test('the versions of HTTP are told apart', () => {
  assert.match(combined({ httpVersion: 10 }), /"GET \/sockjs\/info\?t=1 HTTP\/1\.0" 200/);
  assert.match(combined({ httpVersion: 20 }), / HTTP\/2\.0" 200/);
});

test('the time is local, with its offset, as Apache writes it', () => {
  assert.match(new CommonLogTime().format(timeMs), /^\d\d\/(Jan|Feb)\/2026:\d\d:00:00 [+-]\d{4}$/);
  const before = process.env.TZ;
  process.env.TZ = 'Asia/Kolkata';
  assert.equal(new CommonLogTime().format(timeMs), '31/Jan/2026:16:30:00 +0530');
  process.env.TZ = 'America/New_York';
  assert.equal(new CommonLogTime().format(timeMs), '31/Jan/2026:06:00:00 -0500');
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

test('each second is formatted once, and a new one anew', () => {
  const time = new CommonLogTime();
  const first = time.format(timeMs);
  assert.equal(time.format(timeMs + 876), first);
  assert.notEqual(time.format(timeMs + 877), first);
  const iso = new IsoTime();
  for (const ms of [0, 1, 876, 877, 60_000]) assert.equal(iso.format(timeMs + ms), new Date(timeMs + ms).toISOString());
});

test('what clients send can neither end a line nor leave its quotes', () => {
  const line = combined({ target: '/"\r\n', referer: 'a\\b', userAgent: '\xff"' });
  assert.match(line, /"GET \/\\x22\\x0D\\x0A HTTP\/1\.1" 200 79 "a\\x5Cb" "\\xFF\\x22" listener/);
});

test('names with spaces stay one word', () => {
  assert.match(combined({ server: 'server one' }), / server=server\\x20one sticky/);
});

test('json has always the same keys, null for nothing', () => {
  const full = json({ scheme: 'https', tlsProtocol: 'TLSv1.3', fault: 'response-cut', referer: 'http://a/', bytesReceived: 7 });
  assert.deepEqual(full, {
    time: '2026-01-31T11:00:00.123Z',
    client: '203.0.113.9',
    method: 'GET',
    target: '/sockjs/info?t=1',
    version: '1.1',
    host: 'app.example',
    status: 200,
    bytesOut: 79,
    bytesIn: 7,
    referer: 'http://a/',
    userAgent: 'curl/8.5',
    listener: 'web',
    upstream: 'meteor',
    server: 'a',
    serverAddress: '127.0.0.1:3000',
    sticky: 'bound',
    attempts: 1,
    connectMs: 0,
    headMs: 1.204,
    totalMs: 13,
    scheme: 'https',
    tls: 'TLSv1.3',
    fault: 'response-cut',
  });
  const empty = JSON.parse(jsonFormat()(new AccessRecord(), undefined));
  assert.deepEqual(Object.keys(empty), Object.keys(full));
  for (const key of ['client', 'method', 'version', 'sticky', 'connectMs', 'headMs', 'tls', 'fault']) assert.equal(empty[key], null, key);
});

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) });

test('any text comes back from json, and both formats stay one line of ASCII', () => {
  const asJson = jsonFormat();
  const asCombined = combinedFormat();
  fc.assert(
    fc.property(anyText, anyText, anyText, anyText, (method, target, referer, userAgent) => {
      const filled = record({ method, target, referer, userAgent });
      const back = JSON.parse(asJson(filled, undefined));
      assert.deepEqual(
        [back.method ?? '', back.target ?? '', back.referer ?? '', back.userAgent ?? ''],
        [method, target, referer, userAgent],
      );
      for (const line of [asJson(filled, undefined), asCombined(filled, undefined)]) assert.match(line, /^[\x20-\x7e]+\n$/);
      assert.equal(asCombined(filled, undefined).split('"').length, 7, 'three quoted fields');
    }),
  );
});

test('reset restores every field', () => {
  const filled = record({ fault: 'x', referer: 'r', bytesReceived: 1, tlsProtocol: 't', scheme: 'tcp' });
  filled.reset();
  assert.deepEqual(filled, new AccessRecord());
});

test('memory of pieces and of escaped text gives what was asked for, and stays bounded', () => {
  let builds = 0;
  const pieces = new PieceMemo((text) => {
    builds++;
    return `<${text}>`;
  });
  for (let i = 0; i < 3; i++) assert.equal(pieces.get('a'), '<a>');
  assert.equal(builds, 1);
  for (let i = 0; i < 3000; i++) pieces.get(`name ${i}`);
  builds = 0;
  pieces.get('name 2999');
  assert.equal(builds, 1);
  const memo = new EscapeMemo((text) => `<${text}>`);
  for (const text of ['', 'a', 'b', 'a', '', 'a'.repeat(64), 'b']) assert.equal(memo.get(text), `<${text}>`);
});
