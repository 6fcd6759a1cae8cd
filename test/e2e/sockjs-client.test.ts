// The SockJS client that apps use, each of its transports forced, through Limpet with two servers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieJar } from '../fixtures/cookie-jar.js';
import { withCookies } from '../fixtures/cookies-for-node-clients.js';
import { SockjsClientClass } from '../fixtures/untyped-packages.js';
import { within } from '../fixtures/wait-for.js';
import { startStage, stickyCookie } from './two-servers.js';

interface Visit {
  readonly answers: string[];
  readonly closeCode: number;
}

/** Sends `messages` texts one after the other and collects the answers; ends early if the client gives up. */
function talk(url: string, transport: string, messages: number): Promise<Visit> {
  return new Promise((resolve) => {
    const answers: string[] = [];
    const client = new SockjsClientClass(url, null, { transports: transport });
    client.onopen = () => client.send('0');
    client.onmessage = ({ data }) => {
      answers.push(data);
      if (answers.length === messages) client.close();
      else client.send(String(answers.length));
    };
    client.onclose = ({ code }) => resolve({ answers, closeCode: code });
  });
}

for (const transport of ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling']) {
  test(`sockjs-client over ${transport}: ten sessions at once stay on their servers`, { timeout: 60_000 }, async (t) => {
    const { limpet } = await startStage(t, 'sockjs-server', { sticky: stickyCookie });
    const visits = await within(
      'ten visits',
      Promise.all(Array.from({ length: 10 }, () => withCookies(new CookieJar(), () => talk(`${limpet.url()}/sockjs`, transport, 5)))),
      30_000,
    );
    for (const { answers, closeCode } of visits) {
      const server = answers[0]?.split(':')[0];
      assert.deepEqual(
        answers,
        ['0', '1', '2', '3', '4'].map((text) => `${server}:${text}`),
      );
      assert.equal(closeCode, 1000);
    }
  });
}

test('sockjs-client over xhr-polling fails without stickiness', { timeout: 60_000 }, async (t) => {
  const { limpet, servers } = await startStage(t, 'sockjs-server', {});
  const visit = await within(
    'the visit',
    withCookies(new CookieJar(), () => talk(`${limpet.url()}/sockjs`, 'xhr-polling', 5)),
    30_000,
  );
  assert.ok(visit.answers.length < 5, 'the conversation broke off');
  assert.notEqual(visit.closeCode, 1000);
  const reports = await Promise.all(servers.map((server) => server.report()));
  assert.ok(reports.some((report) => (report['xhr_send 404'] ?? 0) > 0));
});
