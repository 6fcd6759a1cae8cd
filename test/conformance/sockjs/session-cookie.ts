// SockJS protocol checks: the JSESSIONID cookie of a service that asks for cookies, on every transport but /info.
import assert from 'node:assert/strict';
import { expectAnswer, expectNoCookie, expectSessionCookie } from './expectations.js';
import type { SockJsCheck, SockJsTarget } from './sockjs-target.js';

const service = '/cookie_needed_echo';

async function expectCookieOnStream(target: SockJsTarget, method: string, transport: string): Promise<void> {
  const stream = await target.stream(method, `${target.newSession(service)}/${transport}`);
  assert.equal(stream.head.status, 200);
  expectSessionCookie(stream.head, 'dummy');
  stream.close();
}

export const sessionCookieChecks: readonly SockJsCheck[] = [
  {
    name: '/info says that cookies are needed and sets none',
    async run(target) {
      const response = await target.get(`${service}/info`);
      assert.equal(response.status, 200);
      expectNoCookie(response);
      assert.equal((JSON.parse(response.body) as { cookie_needed: unknown }).cookie_needed, true);
    },
  },
  {
    name: 'xhr sets the cookie, and repeats the one that came',
    async run(target) {
      const fresh = await target.post(`${target.newSession(service)}/xhr`);
      expectAnswer(fresh, 200, 'o\n');
      expectSessionCookie(fresh, 'dummy');
      const known = await target.post(`${target.newSession(service)}/xhr`, { headers: { Cookie: 'JSESSIONID=abcdef' } });
      expectAnswer(known, 200, 'o\n');
      expectSessionCookie(known, 'abcdef');
    },
  },
  { name: 'xhr_streaming sets the cookie', run: (target) => expectCookieOnStream(target, 'POST', 'xhr_streaming') },
  { name: 'eventsource sets the cookie', run: (target) => expectCookieOnStream(target, 'GET', 'eventsource') },
  { name: 'htmlfile sets the cookie', run: (target) => expectCookieOnStream(target, 'GET', 'htmlfile?c=%63allback') },
  {
    name: 'jsonp and jsonp_send set the cookie',
    async run(target) {
      const session = target.newSession(service);
      const opened = await target.get(`${session}/jsonp?c=%63allback`);
      expectAnswer(opened, 200, '/**/callback("o");\r\n');
      expectSessionCookie(opened, 'dummy');
      const sent = await target.post(`${session}/jsonp_send`, {
        body: 'd=%5B%22x%22%5D',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      });
      expectAnswer(sent, 200, 'ok');
      expectSessionCookie(sent, 'dummy');
    },
  },
];
