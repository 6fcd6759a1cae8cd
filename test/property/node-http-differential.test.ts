// Raw bytes to node:http and to our parser: where both take a request, it is the same request; where we take one that
// node:http refuses, the reason is on a short list. That node:http takes more than we do is expected.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { BodyKind } from '../../src/wire/framing.js';
import { endOfHead } from '../../src/wire/http1-fields.js';
import { type HeadLimits, Http1RequestHead } from '../../src/wire/http1-request-head.js';
import { profiles } from '../../src/wire/profile.js';
import { readChunkedBody } from './chunked-reading.js';
import { NodeHttpReader, type ReadRequest } from './node-http-reader.js';
import { chunkedBody, requestHead } from './wire-arbitraries.js';

const limits: HeadLimits = { maxHeadBytes: 16_384, maxFields: 100, maxTargetBytes: 8192 };

/** What we take on purpose and node:http does not. */
const takenByUsAlone: readonly (readonly [why: string, holds: (text: string) => boolean])[] = [
  ['any token is a method: RFC 9110 §9.1', (text) => !/^(?:\r\n)?(?:GET|POST|PUT|DELETE|OPTIONS|HEAD) /.test(text)],
  ['raw UTF-8 in a target passes: many clients send it', (text) => /^[^\r]* [^ \r]*[\x80-\xff]/.test(text.trimStart())],
  ['a later minor version is read as 1.1: RFC 9110 §2.5', (text) => /^[^\r]*HTTP\/1\.[2-9]\r\n/m.test(text)],
  ['equal lengths may come twice: RFC 9110 §8.6', (text) => (text.match(/^content-length:/gim)?.length ?? 0) > 1],
  ['a tab may stand behind a value, chunked too: RFC 9112 §5', (text) => /^transfer-encoding:[^\r]*\t\r$/im.test(text)],
  ['blanks may stand before a chunk extension: RFC 9112 §7.1.1', (text) => /^[0-9a-f]+[ \t]+[;\r]/im.test(text)],
];

/** Our reading of the first request, in the form in which node:http gives its own; null when it is refused or not complete. */
function readByUs(text: string): ReadRequest | null {
  const headEnd = endOfHead(text, 0, profiles.strict);
  if (headEnd < 0) return null;
  const head = new Http1RequestHead();
  if (head.parse(text.slice(0, headEnd), profiles.strict, limits) !== null) return null;
  const rest = text.slice(headEnd);
  let body = '';
  if (head.framing.kind === BodyKind.length) {
    if (rest.length < head.framing.contentLength) return null;
    body = rest.slice(0, head.framing.contentLength);
  } else if (head.framing.kind === BodyKind.chunked) {
    const reading = readChunkedBody([rest], profiles.strict);
    if (reading.outcome !== 'done') return null;
    body = reading.data;
  }
  const fields = Array.from({ length: head.count }, (_, i) => [head.nameAt(i).toLowerCase(), head.valueAt(i)] as const);
  return { method: head.method, target: head.target, fields, body };
}

/** We turn absolute-form into origin-form; node:http leaves it as it came. */
function inOriginForm(request: ReadRequest): ReadRequest {
  const absolute = /^https?:\/\/[^/?]*(.*)$/i.exec(request.target);
  if (absolute === null) return request;
  const rest = absolute[1]!;
  const bare = request.method === 'OPTIONS' ? '*' : '/';
  return { ...request, target: rest === '' ? bare : rest.startsWith('/') ? rest : `/${rest}` };
}

let node: NodeHttpReader;
before(async () => {
  node = await NodeHttpReader.start();
});
after(() => node.close());

const bytes = fc
  .tuple(requestHead, fc.oneof(fc.constantFrom('', 'hello', 'hello world'), chunkedBody))
  .map(([head, body]) => (/transfer-encoding/i.test(head) && !body.includes('\r\n') ? `${head}5\r\nhello\r\n0\r\n\r\n` : head + body));

test('node:http and we read the same request, or we refuse it', async () => {
  let takenByBoth = 0;
  await fc.assert(
    fc.asyncProperty(bytes, async (text) => {
      const ours = readByUs(text);
      const theirs = await node.read(text);
      if (ours === null) return;
      if (theirs === null) {
        assert.ok(
          takenByUsAlone.some(([, holds]) => holds(text)),
          'we take it and node:http does not',
        );
        return;
      }
      takenByBoth++;
      assert.deepEqual(ours, inOriginForm(theirs));
    }),
    { numRuns: 2000 },
  );
  assert.ok(takenByBoth > 200, `only ${takenByBoth} requests were taken by both: the comparison says little`);
});
