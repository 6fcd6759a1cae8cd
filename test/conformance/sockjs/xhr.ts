// SockJS protocol checks: the polling and the streaming XHR transports, and how messages are escaped.
import assert from 'node:assert/strict';
import { expectAnswer, expectContentType, expectNotCacheable, expectPreflight, expectSharedWith } from './expectations.js';
import type { SockJsCheck, SockJsTarget } from './sockjs-target.js';

async function openPolling(target: SockJsTarget): Promise<string> {
  const session = target.newSession('/echo');
  expectAnswer(await target.post(`${session}/xhr`), 200, 'o\n');
  return session;
}

/** Ranges of UTF-16 code units that a server must never send as they are. */
const escapedByServers = [
  [0x200c, 0x200f],
  [0x2028, 0x202f],
  [0x2060, 0x206f],
  [0xfff0, 0xffff],
] as const;

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, '0')}`;
}

/** The bytes of a body as the text that they encode, without the frame `a[…]` and the line feed. */
function messageIn(body: string): string {
  return Buffer.from(body, 'latin1').toString('utf8').trim().slice(2, -1);
}

export const xhrChecks: readonly SockJsCheck[] = [
  {
    name: 'xhr and xhr_send answer a preflight',
    async run(target) {
      for (const suffix of ['xhr', 'xhr_send']) await expectPreflight(target, `/echo/abc/abc/${suffix}`, ['OPTIONS', 'POST']);
    },
  },
  {
    name: 'a polling session opens, takes a message and echoes it',
    async run(target) {
      const session = target.newSession('/echo');
      const opened = await target.post(`${session}/xhr`, { headers: { Origin: 'test' } });
      expectAnswer(opened, 200, 'o\n');
      expectContentType(opened, 'application/javascript;charset=UTF-8');
      expectSharedWith(opened, 'test');
      expectNotCacheable(opened);
      const sent = await target.post(`${session}/xhr_send`, { body: '["x"]', headers: { Origin: 'test' } });
      expectAnswer(sent, 204, '');
      expectContentType(sent, 'text/plain;charset=UTF-8');
      expectSharedWith(sent, 'test');
      expectNotCacheable(sent);
      expectAnswer(await target.post(`${session}/xhr`), 200, 'a["x"]\n');
    },
  },
  {
    name: 'a message for an unknown session is not found',
    async run(target) {
      assert.equal((await target.post(`${target.newSession('/echo')}/xhr_send`, { body: '["x"]' })).status, 404);
    },
  },
  {
    name: 'a broken or missing message is an error and leaves the session usable',
    async run(target) {
      const session = await openPolling(target);
      const broken = await target.post(`${session}/xhr_send`, { body: '["x' });
      assert.equal(broken.status, 500);
      assert.match(broken.body, /Broken JSON encoding\./);
      const missing = await target.post(`${session}/xhr_send`);
      assert.equal(missing.status, 500);
      assert.match(missing.body, /Payload expected\./);
      expectAnswer(await target.post(`${session}/xhr_send`, { body: '["a"]' }), 204, '');
      expectAnswer(await target.post(`${session}/xhr`), 200, 'a["a"]\n');
    },
  },
  {
    name: 'messages may come with any content type',
    async run(target) {
      const session = await openPolling(target);
      const types = [
        'text/plain',
        'T',
        'application/json',
        'application/xml',
        '',
        'application/json; charset=utf-8',
        'text/xml; charset=utf-8',
        'text/xml',
      ];
      for (const type of types) {
        expectAnswer(await target.post(`${session}/xhr_send`, { body: '["a"]', headers: { 'Content-Type': type } }), 204, '');
      }
      expectAnswer(await target.post(`${session}/xhr`), 200, `a[${types.map(() => '"a"').join(',')}]\n`);
    },
  },
  {
    name: 'a preflight gets back the request fields that it names',
    async run(target) {
      const path = `${target.newSession('/echo')}/xhr`;
      for (const [asked, allowed] of [
        ['a, b, c', 'a, b, c'],
        ['', undefined],
        [undefined, undefined],
      ] as const) {
        const response = await target.options(path, {
          Origin: 'test',
          'Access-Control-Request-Method': 'POST',
          ...(asked === undefined ? {} : { 'Access-Control-Request-Headers': asked }),
        });
        assert.ok(response.status === 204 || response.status === 200);
        expectSharedWith(response, 'test');
        assert.equal(response.fields.get('access-control-allow-headers') || undefined, allowed);
      }
    },
  },
  {
    name: 'a frame without messages may be sent',
    async run(target) {
      const session = await openPolling(target);
      assert.equal((await target.post(`${session}/xhr_send`, { body: '[]' })).status, 204);
      assert.equal((await target.post(`${session}/xhr_send`, { body: '["a"]' })).status, 204);
      expectAnswer(await target.post(`${session}/xhr`), 200, 'a["a"]\n');
    },
  },
  {
    name: 'xhr_streaming answers a preflight',
    run: (target) => expectPreflight(target, '/echo/abc/abc/xhr_streaming', ['OPTIONS', 'POST']),
  },
  {
    name: 'a stream begins with 2 KiB, opens, and brings each message as it comes',
    async run(target) {
      const session = target.newSession('/echo');
      const stream = await target.stream('POST', `${session}/xhr_streaming`, { headers: { Origin: 'test' } });
      assert.equal(stream.head.status, 200);
      expectContentType(stream.head, 'application/javascript;charset=UTF-8');
      expectSharedWith(stream.head, 'test');
      expectNotCacheable(stream.head);
      assert.equal(await stream.read(), `${'h'.repeat(2048)}\n`);
      assert.equal(await stream.read(), 'o\n');
      expectAnswer(await target.post(`${session}/xhr_send`, { body: '["x"]' }), 204, '');
      assert.equal(await stream.read(), 'a["x"]\n');
      stream.close();
    },
  },
  {
    name: 'a stream ends when it has carried its limit',
    async run(target) {
      const session = target.newSession('/echo');
      const stream = await target.stream('POST', `${session}/xhr_streaming`);
      assert.equal(stream.head.status, 200);
      assert.notEqual(await stream.read(), '');
      assert.equal(await stream.read(), 'o\n');
      const frame = `["${'x'.repeat(128)}"]`;
      for (let i = 0; i < 31; i++) {
        assert.equal((await target.post(`${session}/xhr_send`, { body: frame })).status, 204);
        assert.equal(await stream.read(), `a${frame}\n`);
      }
      assert.equal(await stream.read(), '');
      stream.close();
    },
  },
  {
    name: 'the server escapes what browsers would mangle',
    async run(target) {
      const session = await openPolling(target);
      const codeUnits = escapedByServers.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      const body = `["${String.fromCharCode(...codeUnits)}"]`;
      assert.equal((await target.post(`${session}/xhr_send`, { body })).status, 204);
      const echoed = await target.post(`${session}/xhr`);
      assert.equal(echoed.status, 200);
      assert.equal(messageIn(echoed.body), `"${codeUnits.map(escaped).join('')}"`);
    },
  },
  {
    name: 'the server understands every escaped character',
    async run(target) {
      const session = await openPolling(target);
      const message = `"${Array.from({ length: 0x10000 }, (_, codeUnit) => escaped(codeUnit)).join('')}"`;
      assert.equal((await target.post(`${session}/xhr_send`, { body: `[${message}]` })).status, 204);
      const echoed = await target.post(`${session}/xhr`);
      assert.equal(echoed.status, 200);
      assert.equal(JSON.parse(messageIn(echoed.body)), JSON.parse(message));
    },
  },
];
