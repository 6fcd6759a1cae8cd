// Every SockJS transport, as a browser with cookies uses it, through Limpet with two servers: many sessions at once,
// every message answered by the server that the session began on. The same conversation straight at one server first,
// so that a failure behind Limpet is Limpet's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChildServer } from '../fixtures/child-server.js';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { httpTransports, SockjsHttpSession, type SockjsSession } from '../fixtures/sockjs-session.js';
import { SockjsWebSocketSession } from '../fixtures/sockjs-websocket-session.js';
import { startStage, stickyCookie } from './two-servers.js';

const transports = ['websocket', ...httpTransports] as const;
type Transport = (typeof transports)[number];

function sessionOver(transport: Transport, browser: CookieBrowser, url: string): SockjsSession {
  const prefix = `${url}/sockjs`;
  return transport === 'websocket' ? new SockjsWebSocketSession(browser, prefix) : new SockjsHttpSession(browser, prefix, transport);
}

/** A browser's whole visit; returns the name of the one server that answered it. */
async function visit(url: string, transport: Transport, messages: number): Promise<string> {
  const browser = new CookieBrowser();
  const session = sessionOver(transport, browser, url);
  try {
    const info = await browser.ask(`${url}/sockjs/info`);
    assert.equal((JSON.parse(info.text) as { websocket: boolean }).websocket, true);
    await session.open();
    const answeredBy = new Set<string>();
    for (let number = 0; number < messages; number += 1) {
      const text = `message ${number} – ünïcödé "quoted"`;
      await session.send(text);
      const [server, echo] = splitAtFirst(await session.receive(), ':');
      assert.equal(echo, text);
      answeredBy.add(server);
    }
    assert.equal(answeredBy.size, 1, `one session was answered by ${[...answeredBy].join(' and ')}`);
    return [...answeredBy][0] as string;
  } finally {
    session.close();
    browser.close();
  }
}

function splitAtFirst(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

for (const transport of transports) {
  test(`SockJS over ${transport} works straight at a server`, { timeout: 30_000 }, async (t) => {
    const server = await startChildServer('sockjs-server', 'a');
    t.after(() => server.kill());
    assert.equal(await visit(`http://${server.address}`, transport, 5), 'a');
  });

  test(`SockJS over ${transport}: twenty sessions at once stay on their servers`, { timeout: 60_000 }, async (t) => {
    const { limpet, servers } = await startStage(t, 'sockjs-server', { sticky: stickyCookie });
    const visits = await Promise.all(Array.from({ length: 20 }, () => visit(limpet.url(), transport, 5)));
    assert.deepEqual(
      ['a', 'b'].map((name) => visits.filter((answered) => answered === name).length),
      [10, 10],
      'round-robin gives each server half of the new clients',
    );
    for (const server of servers) {
      const report = await server.report();
      assert.equal(report.messages, 50);
      assert.equal(report['xhr_send 404'] ?? 0, 0);
      assert.equal(report['jsonp_send 404'] ?? 0, 0);
    }
  });
}

for (const transport of ['xhr_streaming', 'eventsource', 'htmlfile'] as const) {
  test(`SockJS over ${transport}: a stream that the server cuts at its size limit is reopened on the same server`, {
    timeout: 30_000,
  }, async (t) => {
    const { limpet, onEnd } = await startStage(t, 'sockjs-server', { sticky: stickyCookie });
    const browser = new CookieBrowser();
    const session = new SockjsHttpSession(browser, `${limpet.url()}/sockjs`, transport);
    onEnd(() => {
      session.close();
      browser.close();
    });
    await session.open();
    const long = 'x'.repeat(20_000);
    const servers = new Set<string>();
    for (let number = 0; number < 15; number += 1) {
      await session.send(long);
      const [server, echo] = splitAtFirst(await session.receive(), ':');
      assert.equal(echo.length, long.length);
      servers.add(server);
    }
    assert.equal(servers.size, 1);
    assert.ok(session.receives >= 3, `300 kB came over ${session.receives} streams`);
  });
}
