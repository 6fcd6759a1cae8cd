// Reading heads, and reading them and writing them anew, as the data path does for each exchange.

import { clientBodyKind, writeRequestHead, writeResponseHead } from '../../src/wire/http1-head-writer.js';
import { type HeadLimits, Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { Http1ResponseHead } from '../../src/wire/http1-response-head.js';
import { profiles } from '../../src/wire/profile.js';
import type { MicroCase } from './measure.js';
import { BROWSER_REQUEST, SMALL_REQUEST, SMALL_RESPONSE } from './sample-heads.js';

const limits: HeadLimits = { maxHeadBytes: 16_384, maxFields: 100, maxTargetBytes: 8_192 };
const forwarded = 'X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: 127.0.0.1:8080\r\nX-Forwarded-Port: 8080\r\n';

export const headCases: MicroCase[] = [
  requestCase('request head, small: parse', SMALL_REQUEST, false),
  requestCase('request head, small: parse and write', SMALL_REQUEST, true),
  requestCase('request head, browser: parse', BROWSER_REQUEST, false),
  requestCase('request head, browser: parse and write', BROWSER_REQUEST, true),
  responseCase('response head: parse', false),
  responseCase('response head: parse and write', true),
];

/** Each call makes its text from bytes, as a read from a socket does: a constant string would have been flattened and hashed. */
function requestCase(name: string, text: string, writes: boolean): MicroCase {
  const bytes = Buffer.from(text, 'latin1');
  const head = new Http1RequestHead();
  refuseFault(name, head.parse(text, profiles.strict, limits));
  return {
    name,
    run: (times) => {
      let length = 0;
      for (let i = 0; i < times; i++) {
        head.parse(bytes.toString('latin1'), profiles.strict, limits);
        length += writes ? writeRequestHead(head, 'app', forwarded, '').length : head.target.length;
      }
      return length;
    },
  };
}

function responseCase(name: string, writes: boolean): MicroCase {
  const bytes = Buffer.from(SMALL_RESPONSE, 'latin1');
  const head = new Http1ResponseHead();
  refuseFault(name, head.parse(SMALL_RESPONSE, 'GET', profiles.strict, limits.maxFields));
  return {
    name,
    run: (times) => {
      let length = 0;
      for (let i = 0; i < times; i++) {
        head.parse(bytes.toString('latin1'), 'GET', profiles.strict, limits.maxFields);
        length += writes ? writeResponseHead(head, clientBodyKind(head, 11), 11, true).length : head.status;
      }
      return length;
    },
  };
}

function refuseFault(name: string, fault: unknown): void {
  if (fault !== null) throw new Error(`${name}: the sample head is refused: ${JSON.stringify(fault)}`);
}
