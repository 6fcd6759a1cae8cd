// SockJS protocol checks: the transports for browsers without XHR streaming: eventsource, htmlfile and jsonp.
import assert from 'node:assert/strict';
import { expectAnswer, expectContentType, expectNotCacheable } from './expectations.js';
import type { SentRequest, SockJsCheck, SockJsTarget } from './sockjs-target.js';

/** Names that a callback may not have, as they stand in a query. */
const badCallbacks = ['%20', '*', 'abc(', 'abc%28'];

function form(body: string): SentRequest {
  return { body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
}

async function openJsonp(target: SockJsTarget): Promise<string> {
  const session = target.newSession('/echo');
  assert.equal((await target.get(`${session}/jsonp?c=x`)).body, '/**/x("o");\r\n');
  return session;
}

async function expectCallbackRequired(target: SockJsTarget, transport: string): Promise<void> {
  const response = await target.get(`/echo/a/a/${transport}`);
  assert.equal(response.status, 500);
  assert.match(response.body, /"callback" parameter required/);
}

async function expectBadCallbacksRefused(target: SockJsTarget, transport: string): Promise<void> {
  for (const callback of badCallbacks) {
    const response = await target.get(`/echo/a/a/${transport}?c=${callback}`);
    assert.equal(response.status, 500, callback);
    assert.match(response.body, /invalid "callback" parameter/);
  }
}

/** What the part before the frames of a transport ends with, and what each frame does. */
interface Ends {
  readonly prelude: string;
  readonly frame: string;
}

const eventSourceEnds: Ends = { prelude: '\r\n', frame: '\r\n\r\n' };
const htmlFileEnds: Ends = { prelude: '\r\n\r\n', frame: '</script>\r\n' };

/** A stream takes one message beyond its limit, brings it whole, and ends. */
async function expectLimited(
  target: SockJsTarget,
  transport: string,
  ends: Ends,
  frame: (messages: string) => string,
  opening: string,
): Promise<void> {
  const session = target.newSession('/echo');
  const stream = await target.stream('GET', `${session}/${transport}`);
  assert.equal(stream.head.status, 200);
  assert.notEqual(await stream.read(ends.prelude), '');
  assert.equal(await stream.read(ends.frame), opening);
  const message = 'x'.repeat(4096);
  assert.equal((await target.post(`${session}/xhr_send`, { body: `["${message}"]` })).status, 204);
  assert.equal(await stream.read(ends.frame), frame(message));
  assert.equal(await stream.read(), '');
  stream.close();
}

const eventSourceChecks: readonly SockJsCheck[] = [
  {
    name: 'an eventsource session opens and brings each message',
    async run(target) {
      const session = target.newSession('/echo');
      const stream = await target.stream('GET', `${session}/eventsource`);
      assert.equal(stream.head.status, 200);
      expectContentType(stream.head, 'text/event-stream');
      expectNotCacheable(stream.head);
      assert.equal(await stream.read(eventSourceEnds.prelude), '\r\n');
      assert.equal(await stream.read(eventSourceEnds.frame), 'data: o\r\n\r\n');
      expectAnswer(await target.post(`${session}/xhr_send`, { body: '["x"]' }), 204, '');
      assert.equal(await stream.read(eventSourceEnds.frame), 'data: a["x"]\r\n\r\n');
      expectAnswer(await target.post(`${session}/xhr_send`, { body: '["  \\u0000\\n\\r "]' }), 204, '');
      assert.equal(await stream.read(eventSourceEnds.frame), 'data: a["  \\u0000\\n\\r "]\r\n\r\n');
      stream.close();
    },
  },
  {
    name: 'an eventsource stream ends when it has carried its limit',
    run: (target) => expectLimited(target, 'eventsource', eventSourceEnds, (message) => `data: a["${message}"]\r\n\r\n`, 'data: o\r\n\r\n'),
  },
];

const htmlFileChecks: readonly SockJsCheck[] = [
  {
    name: 'an htmlfile session opens with a page and brings each message as a script',
    async run(target) {
      const session = target.newSession('/echo');
      const stream = await target.stream('GET', `${session}/htmlfile?c=%63allback`);
      assert.equal(stream.head.status, 200);
      expectContentType(stream.head, 'text/html;charset=UTF-8');
      expectNotCacheable(stream.head);
      const page = await stream.read(htmlFileEnds.prelude);
      assert.ok(page.length > 1024);
      assert.match(page, /^<!doctype html>\n<html><head>\n/);
      assert.match(page, /<\/head><body><h2>Don't panic!<\/h2>\n/);
      assert.match(page, /var c = parent\.callback;\n\s*c\.start\(\);\n\s*function p\(d\) \{c\.message\(d\);\};\n/);
      assert.match(page, /window\.onload = function\(\) \{c\.stop\(\);\};\n\s*<\/script>\s*$/);
      assert.equal(await stream.read(htmlFileEnds.frame), '<script>\np("o");\n</script>\r\n');
      expectAnswer(await target.post(`${session}/xhr_send`, { body: '["x"]' }), 204, '');
      assert.equal(await stream.read(htmlFileEnds.frame), '<script>\np("a[\\"x\\"]");\n</script>\r\n');
      stream.close();
    },
  },
  { name: 'htmlfile demands a callback', run: (target) => expectCallbackRequired(target, 'htmlfile') },
  { name: 'htmlfile refuses a callback that is no name', run: (target) => expectBadCallbacksRefused(target, 'htmlfile') },
  {
    name: 'an htmlfile stream ends when it has carried its limit',
    run: (target) =>
      expectLimited(
        target,
        'htmlfile?c=callback',
        htmlFileEnds,
        (message) => `<script>\np("a[\\"${message}\\"]");\n</script>\r\n`,
        '<script>\np("o");\n</script>\r\n',
      ),
  },
];

const jsonpChecks: readonly SockJsCheck[] = [
  {
    name: 'a jsonp session opens, takes a form and echoes it',
    async run(target) {
      const session = target.newSession('/echo');
      const opened = await target.get(`${session}/jsonp?c=%63allback`);
      expectAnswer(opened, 200, '/**/callback("o");\r\n');
      expectContentType(opened, 'application/javascript;charset=UTF-8');
      expectNotCacheable(opened);
      const sent = await target.post(`${session}/jsonp_send`, form('d=%5B%22x%22%5D'));
      expectAnswer(sent, 200, 'ok');
      expectContentType(sent, 'text/plain;charset=UTF-8');
      expectNotCacheable(sent);
      expectAnswer(await target.get(`${session}/jsonp?c=%63allback`), 200, '/**/callback("a[\\"x\\"]");\r\n');
    },
  },
  { name: 'jsonp demands a callback', run: (target) => expectCallbackRequired(target, 'jsonp') },
  { name: 'jsonp refuses a callback that is no name', run: (target) => expectBadCallbacksRefused(target, 'jsonp') },
  {
    name: 'a broken or missing form is an error and leaves the jsonp session usable',
    async run(target) {
      const session = await openJsonp(target);
      const broken = await target.post(`${session}/jsonp_send`, form('d=%5B%22x'));
      assert.equal(broken.status, 500);
      assert.match(broken.body, /Broken JSON encoding\./);
      for (const body of ['', 'd=', 'p=p']) {
        const missing = await target.post(`${session}/jsonp_send`, form(body));
        assert.equal(missing.status, 500);
        assert.match(missing.body, /Payload expected\./);
      }
      assert.equal((await target.post(`${session}/jsonp_send`, form('d=%5B%22b%22%5D'))).body, 'ok');
      expectAnswer(await target.get(`${session}/jsonp?c=x`), 200, '/**/x("a[\\"b\\"]");\r\n');
    },
  },
  {
    name: 'a jsonp message may come as a form or as plain text',
    async run(target) {
      const session = await openJsonp(target);
      assert.equal((await target.post(`${session}/jsonp_send`, form('d=%5B%22abc%22%5D'))).body, 'ok');
      const plain = await target.post(`${session}/jsonp_send`, { body: '["%61bc"]', headers: { 'Content-Type': 'text/plain' } });
      assert.equal(plain.body, 'ok');
      expectAnswer(await target.get(`${session}/jsonp?c=x`), 200, '/**/x("a[\\"abc\\",\\"%61bc\\"]");\r\n');
    },
  },
  {
    name: 'a closed jsonp session repeats its close frame',
    async run(target) {
      const session = target.newSession('/close');
      assert.equal((await target.get(`${session}/jsonp?c=x`)).body, '/**/x("o");\r\n');
      for (let i = 0; i < 2; i++) {
        assert.equal((await target.get(`${session}/jsonp?c=x`)).body, '/**/x("c[3000,\\"Go away!\\"]");\r\n');
      }
    },
  },
  {
    name: 'a jsonp frame without messages may be sent',
    async run(target) {
      const session = await openJsonp(target);
      assert.equal((await target.post(`${session}/jsonp_send`, form('d=%5B%5D'))).body, 'ok');
      assert.equal((await target.post(`${session}/jsonp_send`, form('d=%5B%22x%22%5D'))).body, 'ok');
      expectAnswer(await target.get(`${session}/jsonp?c=x`), 200, '/**/x("a[\\"x\\"]");\r\n');
    },
  },
];

export const scriptTransportChecks: readonly SockJsCheck[] = [...eventSourceChecks, ...htmlFileChecks, ...jsonpChecks];
