// A server closes a connection that was idle for as long as it says, and a request that is on its way just then gets
// no answer. A SockJS send is a POST and must not be repeated, so Limpet has to be out of the way in time.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import type { Script } from '../fixtures/scripted-server.js';
import { withScriptedServer } from './one-scripted-server.js';

const keepAliveSeconds = 2;
/** Requests that come later than this on an idle connection find it closed: the server's limit less what the network may take. */
const tooLateMs = keepAliveSeconds * 1_000 - 500;

/** A server that says when it closes idle connections, and leaves requests that come about then unanswered. */
function impatientServer(): { script: Script; unanswered: () => number } {
  const answeredAt = new WeakMap<Socket, number>();
  let unanswered = 0;
  const script: Script = (connection) => {
    if (Date.now() - (answeredAt.get(connection) ?? Infinity) > tooLateMs) {
      unanswered += 1;
      connection.destroy();
      return;
    }
    answeredAt.set(connection, Date.now());
    connection.write(`HTTP/1.1 200 OK\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\nContent-Length: 2\r\n\r\nok`);
  };
  return { script, unanswered: () => unanswered };
}

test('POSTs that come when the server is about to close its idle connections are all answered', { timeout: 60_000 }, async () => {
  const { script, unanswered } = impatientServer();
  await withScriptedServer(script, async ({ limpet, server }) => {
    const browsers = Array.from({ length: 10 }, () => new CookieBrowser());
    const post = { method: 'POST', headers: { 'content-length': '0' } };
    const statusesOf = async (browser: CookieBrowser, waitMs: number) => {
      const first = await browser.ask(limpet.url(), post);
      await delay(waitMs);
      const second = await browser.ask(limpet.url(), post);
      return [first.status, second.status];
    };
    const statuses = await Promise.all(browsers.map((browser, index) => statusesOf(browser, tooLateMs + 30 + index * 40)));
    for (const pair of statuses) assert.deepEqual(pair, [200, 200]);
    assert.equal(unanswered(), 0);
    assert.equal(server.heads.length, 20, 'nothing was sent twice');
    for (const browser of browsers) browser.close();
  });
});
