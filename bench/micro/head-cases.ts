// Reading heads, and reading them and writing them anew, as the data path does for each exchange.

import { latin1 } from '../../src/core/latin1.js';
import { clientBodyKind, writeRequestHead, writeResponseHead } from '../../src/wire/http1-head-writer.js';
import { type HeadLimits, Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { Http1ResponseHead } from '../../src/wire/http1-response-head.js';
import { profiles } from '../../src/wire/profile.js';
import type { MicroCase } from './measure.js';
import { BROWSER_REQUEST, SMALL_REQUEST, SMALL_RESPONSE } from './sample-heads.js';

const limits: HeadLimits = { maxHeadBytes: 16_384, maxFields: 100, maxTargetBytes: 8_192 };
const forwarded = 'X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: 127.0.0.1:8080\r\nX-Forwarded-Port: 8080\r\n';

/** Heads that a connection reads in turn: one that is always the same, one with another target each time, one with other fields. */
const turns = {
  again: [(text: string) => text],
  'other target': ['/0', '/1'].map((target) => (text: string) => text.replace(/ \S+ /, ` ${target} `)),
  'other fields': ['A: 0', 'A: 10'].map((line) => (text: string) => text.replace('\r\n', `\r\n${line}\r\n`)),
};

const requests = { small: SMALL_REQUEST, browser: BROWSER_REQUEST };

export const headCases: MicroCase[] = [
  ...Object.entries(requests).flatMap(([size, text]) =>
    Object.entries(turns).flatMap(([turn, changes]) => {
      const texts = changes.map((change) => change(text));
      return [false, true].map((writes) => requestCase(`request head, ${size}, ${turn}: ${what(writes)}`, texts, writes));
    }),
  ),
  ...(['again', 'other fields'] as const).flatMap((turn) => {
    const texts = turns[turn].map((change) => change(SMALL_RESPONSE));
    return [false, true].map((writes) => responseCase(`response head, ${turn}: ${what(writes)}`, texts, writes));
  }),
];

function what(writes: boolean): string {
  return writes ? 'parse and write' : 'parse';
}

/** Each call makes its text from bytes, as a read from a socket does: a constant string would have been flattened and hashed. */
function requestCase(name: string, texts: readonly string[], writes: boolean): MicroCase {
  const bytes = texts.map((text) => Buffer.from(text, 'latin1'));
  const head = new Http1RequestHead();
  for (const text of texts) refuseFault(name, head.parse(text, profiles.strict, limits));
  return {
    name,
    run: (times) => {
      let length = 0;
      for (let i = 0; i < times; i++) {
        const read = bytes[i % bytes.length]!;
        head.parse(latin1(read, 0, read.length), profiles.strict, limits);
        length += writes ? writeRequestHead(head, 'app', forwarded, '').length : head.target.length;
      }
      return length;
    },
  };
}

function responseCase(name: string, texts: readonly string[], writes: boolean): MicroCase {
  const bytes = texts.map((text) => Buffer.from(text, 'latin1'));
  const head = new Http1ResponseHead();
  for (const text of texts) refuseFault(name, head.parse(text, 'GET', profiles.strict, limits.maxFields));
  return {
    name,
    run: (times) => {
      let length = 0;
      for (let i = 0; i < times; i++) {
        const read = bytes[i % bytes.length]!;
        head.parse(latin1(read, 0, read.length), 'GET', profiles.strict, limits.maxFields);
        length += writes ? writeResponseHead(head, clientBodyKind(head, 11), 11, true).length : head.status;
      }
      return length;
    },
  };
}

function refuseFault(name: string, fault: unknown): void {
  if (fault !== null) throw new Error(`${name}: the sample head is refused: ${JSON.stringify(fault)}`);
}
