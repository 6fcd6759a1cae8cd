// SockJS protocol checks: the greeting, the iframe page and /info.
import assert from 'node:assert/strict';
import {
  expectCacheable,
  expectContentType,
  expectNoCookie,
  expectNotCacheable,
  expectPreflight,
  expectSharedWith,
} from './expectations.js';
import type { SockJsCheck, SockJsTarget } from './sockjs-target.js';

/** The page's frame; what stands between the quotes of `src` is the server's choice. */
const iframeParts = [
  '<!DOCTYPE html>\n<html>\n<head>',
  '<meta http-equiv="X-UA-Compatible" content="IE=edge" />',
  '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />',
  'document.domain = document.domain;',
  'SockJS.bootstrap_iframe();',
  '</body>\n</html>',
];

async function expectIframe(target: SockJsTarget, path: string): Promise<void> {
  const response = await target.get(path);
  assert.equal(response.status, 200, path);
  expectContentType(response, 'text/html;charset=UTF-8');
  expectCacheable(response);
  assert.ok(response.fields.get('etag'));
  assert.ok(!response.fields.get('last-modified'));
  expectNoCookie(response);
  const page = response.body.trim();
  assert.ok(page.startsWith(iframeParts[0]!) && page.endsWith(iframeParts.at(-1)!), page);
  for (const part of iframeParts) assert.ok(page.includes(part), part);
  assert.match(page, /<script src="(?:\/|http)[^"]*"><\/script>/);
}

interface Info {
  websocket: unknown;
  cookie_needed: unknown;
  origins: unknown;
  entropy: unknown;
}

export const staticPageChecks: readonly SockJsCheck[] = [
  {
    name: 'the prefix greets, with and without a slash',
    async run(target) {
      for (const path of ['/echo', '/echo/']) {
        const response = await target.get(path);
        assert.equal(response.status, 200);
        expectContentType(response, 'text/plain;charset=UTF-8');
        assert.equal(response.body, 'Welcome to SockJS!\n');
        expectNoCookie(response);
      }
    },
  },
  {
    name: 'other paths under the prefix are not found',
    async run(target) {
      for (const suffix of ['/a', '/a.html', '//', '///', '/a/a', '/a/a/', '/a', '/a/']) {
        assert.equal((await target.get(`/echo${suffix}`)).status, 404, suffix);
      }
    },
  },
  { name: 'the iframe page is there', run: (target) => expectIframe(target, '/echo/iframe.html') },
  {
    name: 'the iframe page is there for every version',
    async run(target) {
      for (const version of ['-a', '-', '-0.1.2', '-0.1.2abc-dirty.2144']) await expectIframe(target, `/echo/iframe${version}.html`);
    },
  },
  {
    name: 'the iframe page is there with a query',
    async run(target) {
      for (const rest of ['-a.html?t=1234', '-0.1.2.html?t=123414', '-0.1.2abc-dirty.2144.html?t=qweqweq123']) {
        await expectIframe(target, `/echo/iframe${rest}`);
      }
    },
  },
  {
    name: 'what only resembles the iframe page is not found',
    async run(target) {
      for (const path of ['iframe.htm', 'iframe', 'IFRAME.HTML', 'IFRAME', 'iframe.HTML', 'iframe.xml', 'iframe-/.html']) {
        assert.equal((await target.get(`/echo/${path}`)).status, 404, path);
      }
    },
  },
  {
    name: 'the iframe page keeps its ETag and answers 304 to it',
    async run(target) {
      const etag = (await target.get('/echo/iframe.html')).fields.get('etag');
      assert.ok(etag);
      assert.equal((await target.get('/echo/iframe.html')).fields.get('etag'), etag);
      const unchanged = await target.get('/echo/iframe.html', { headers: { 'If-None-Match': etag } });
      assert.equal(unchanged.status, 304);
      assert.ok(!unchanged.fields.get('content-type'));
      assert.equal(unchanged.body, '');
    },
  },
  {
    name: '/info describes the service',
    async run(target) {
      const response = await target.get('/echo/info', { headers: { Origin: 'test' } });
      assert.equal(response.status, 200);
      expectContentType(response, 'application/json;charset=UTF-8');
      expectNoCookie(response);
      expectNotCacheable(response);
      expectSharedWith(response, 'test');
      const info = JSON.parse(response.body) as Info;
      assert.equal(info.websocket, true);
      assert.equal(typeof info.cookie_needed, 'boolean');
      assert.deepEqual(info.origins, ['*:*']);
      assert.ok(Number.isInteger(info.entropy));
    },
  },
  {
    name: '/info gives fresh entropy each time',
    async run(target) {
      const first = JSON.parse((await target.get('/echo/info')).body) as Info;
      const second = JSON.parse((await target.get('/echo/info')).body) as Info;
      assert.ok(Number.isInteger(first.entropy) && Number.isInteger(second.entropy));
      assert.notEqual(first.entropy, second.entropy);
    },
  },
  { name: '/info answers a preflight', run: (target) => expectPreflight(target, '/echo/info', ['OPTIONS', 'GET']) },
  {
    name: '/info answers the preflight of a page without origin',
    async run(target) {
      const response = await target.options('/echo/info', { Origin: 'null', 'Access-Control-Request-Method': 'POST' });
      assert.ok(response.status === 204 || response.status === 200);
      assert.equal(response.body, '');
      assert.equal(response.fields.get('access-control-allow-origin'), 'null');
    },
  },
  {
    name: '/info says that WebSockets are off',
    async run(target) {
      const response = await target.get('/disabled_websocket_echo/info');
      assert.equal(response.status, 200);
      assert.equal((JSON.parse(response.body) as Info).websocket, false);
    },
  },
];
