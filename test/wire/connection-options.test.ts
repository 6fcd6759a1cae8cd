// Connection fields as long as a head allows: what they name is removed, what they must not name is kept, in one walk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeRequestHead } from '../../src/wire/http1-head-writer.js';
import { Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { profiles } from '../../src/wire/profile.js';

const limits = { maxHeadBytes: 64 * 1024, maxFields: 200, maxTargetBytes: 8192 };

/** Counts how often a field is looked at. */
class CountingHead extends Http1RequestHead {
  looks = 0;
  override idAt(index: number): number {
    this.looks++;
    return super.idAt(index);
  }
  override nameAt(index: number): string {
    this.looks++;
    return super.nameAt(index);
  }
  override remove(name: string): void {
    this.looks += this.count;
    super.remove(name);
  }
}

const protectedLines = [
  'Cookie: route=a',
  'Content-Length: 3',
  'X-Forwarded-For: 192.0.2.1',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: b',
  'X-Forwarded-Port: 443',
  'Forwarded: for=192.0.2.1',
  'X-Real-IP: 192.0.2.1',
];
const fields = Array.from({ length: 90 }, (_, index) => `X-Field-${index}: ${index}`);

function parse(options: readonly string[]): CountingHead {
  const lines = ['POST / HTTP/1.1', 'Host: a', ...fields, ...options.map((value) => `Connection: ${value}`), ...protectedLines];
  const head = new CountingHead();
  assert.equal(head.parse(`${lines.join('\r\n')}\r\n\r\n`, profiles.strict, limits), null);
  return head;
}

/** `count` options that name no field. */
function strangers(count: number): string {
  return Array.from({ length: count }, (_, index) => `y${index}`).join(',');
}

const protectedNames = protectedLines.map((line) => line.split(':', 1)[0]!);
const many = [
  `${strangers(2_000)}, x-field-7 ,${strangers(2_000)}`,
  `X-FIELD-0,,${protectedNames.join(',')},Host,Transfer-Encoding`,
  `${strangers(1_000)}, x-field-89, close`,
];

test('among thousands of options each one counts', () => {
  const head = parse(many);
  const written = writeRequestHead(head, 'server.example', '', '').split('\r\n');
  for (const named of [0, 7, 89]) assert.ok(!written.includes(fields[named]!), fields[named]);
  for (const line of fields.filter((_, index) => ![0, 7, 89].includes(index))) assert.ok(written.includes(line), line);
  for (const line of protectedLines) assert.ok(written.includes(line), line);
  assert.ok(written.includes('Host: a'));
  assert.equal(head.keepsAlive, false);
  assert.equal(head.framing.contentLength, 3);
});

test('what an option costs does not depend on the number of fields', () => {
  const few = parse(['y0, x-field-7']);
  const lots = parse([`${strangers(4_000)}, x-field-7`]);
  assert.equal(few.get('x-field-7'), undefined);
  assert.equal(lots.get('x-field-7'), undefined);
  assert.equal(lots.looks, few.looks);
});
