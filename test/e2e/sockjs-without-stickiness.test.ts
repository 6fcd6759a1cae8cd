// What users see when stickiness is missing: with no sticky policy the send that follows a receive goes to the other
// server and gets the 404 that a SockJS server has for a session that it does not know.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { httpTransports } from '../fixtures/sockjs-session.js';
import { SockjsWebSocketSession } from '../fixtures/sockjs-websocket-session.js';
import { startStage } from './two-servers.js';

for (const transport of httpTransports) {
  test(`without stickiness a send after ${transport} lands on the other server and is answered 404`, { timeout: 30_000 }, async (t) => {
    const { limpet, servers, onEnd } = await startStage(t, 'sockjs-server', {});
    const browser = new CookieBrowser();
    onEnd(() => browser.close());
    const session = `${limpet.url()}/sockjs/000/${transport}`;
    const receiving = await browser.open(`${session}/${transport}?c=cb`, { method: transport.startsWith('xhr') ? 'POST' : 'GET' });
    receiving.on('error', () => undefined);
    assert.equal(receiving.statusCode, 200);
    const viaForm = transport === 'jsonp';
    const sent = await browser.ask(`${session}/${viaForm ? 'jsonp_send' : 'xhr_send'}`, {
      method: 'POST',
      headers: { 'content-type': viaForm ? 'application/x-www-form-urlencoded' : 'text/plain' },
      body: viaForm ? `d=${encodeURIComponent('["lost"]')}` : '["lost"]',
    });
    assert.equal(sent.status, 404);
    assert.deepEqual(browser.cookies.received, [], 'no cookie was set');
    const reports = await Promise.all(servers.map((server) => server.report()));
    assert.deepEqual(
      reports.map((report) => report.opened ?? 0),
      [1, 0],
    );
    receiving.destroy();
  });
}

test('without stickiness a WebSocket works, because it is one request', { timeout: 30_000 }, async (t) => {
  const { limpet, onEnd } = await startStage(t, 'sockjs-server', {});
  const browser = new CookieBrowser();
  const session = new SockjsWebSocketSession(browser, `${limpet.url()}/sockjs`);
  onEnd(() => session.close());
  await session.open();
  for (const text of ['one', 'two', 'three']) {
    await session.send(text);
    assert.match(await session.receive(), new RegExp(`^[ab]:${text}$`));
  }
});
