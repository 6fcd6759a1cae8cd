// What the tables' facts mean for a message head: each key is one question to the parsed head, or to the head that
// is sent on in its place.
import assert from 'node:assert/strict';
import { BodyKind, type Framing } from '../../src/wire/framing.js';
import type { MessageHead } from '../../src/wire/message-head.js';
import type { Fact } from './table.js';

export interface ReadHead {
  readonly head: MessageHead;
  /** What is sent on. */
  readonly written: string;
  /** The facts that are particular to this kind of head, by key. */
  readonly properties: Readonly<Record<string, string>>;
}

/** How the tables write the end of a body: none, the length in bytes, chunked, or close. */
export function describeBody(framing: Framing): string {
  switch (framing.kind) {
    case BodyKind.none:
      return 'none';
    case BodyKind.length:
      return String(framing.contentLength);
    case BodyKind.chunked:
      return 'chunked';
    default:
      return 'close';
  }
}

export function describeBoolean(value: boolean): string {
  return value ? 'yes' : 'no';
}

function linesOf(head: string): string[] {
  return head.split('\r\n').slice(0, -2);
}

function linesNamed(head: string, name: string): string[] {
  return linesOf(head).filter((line) => line.toLowerCase().startsWith(`${name}:`));
}

/** The head that is sent on must be one that nobody can read otherwise. */
export function expectUnambiguous(written: string): void {
  assert.ok(written.endsWith('\r\n\r\n'), 'the head does not end with an empty line');
  for (const line of linesOf(written)) assert.doesNotMatch(line, /[\r\n\0]/);
  for (const line of linesOf(written).slice(1)) assert.match(line, /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:/);
  assert.ok(linesNamed(written, 'content-length').length + linesNamed(written, 'transfer-encoding').length <= 1, written);
}

export function expectFact(read: ReadHead, fact: Fact): void {
  const { key, value } = fact;
  if (key === 'sends') assert.equal(read.written, value);
  else if (key === 'has') assert.ok(linesOf(read.written).includes(value), `no line ${value} in ${JSON.stringify(read.written)}`);
  else if (key === 'lacks') assert.deepEqual(linesNamed(read.written, value), []);
  else if (key === 'once') assert.equal(linesNamed(read.written, value).length, 1, read.written);
  else if (key.startsWith('field:')) assert.equal(read.head.getAll(key.slice(6)).join('\n'), value);
  else {
    assert.ok(key in read.properties, `the tables know no fact ${key}`);
    assert.equal(read.properties[key], value, key);
  }
}
