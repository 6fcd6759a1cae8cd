// Two real Tomcats behind Limpet: their HTTP sessions live in one of them, so each browser's session survives only if
// the route cookie takes it back there. Their WebSocket echo goes through the tunnel.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { WebSocket } from 'ws';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { startTomcat, type Tomcat } from '../fixtures/tomcat.js';
import { within } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';
import { pathOf, skipWithout } from './real-servers.js';
import { stickyCookie } from './two-servers.js';

const sessionPage = '/examples/servlets/servlet/SessionExample';
const skip = skipWithout('tomcat10');

suite('Tomcat', { skip, timeout: 120_000 }, () => {
  let tomcats: Tomcat[] = [];

  before(async () => {
    tomcats = await Promise.all(['jvm1', 'jvm2'].map((route) => startTomcat(pathOf('tomcat10'), route)));
  });
  after(() => Promise.all(tomcats.map((tomcat) => tomcat.stop())));

  function start(upstream: Record<string, unknown>, workers = 1): Promise<LimpetProcess> {
    return startLimpet({
      workers,
      listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'tomcats' }] } },
      upstreams: { tomcats: { servers: tomcats.map(({ jvmRoute, address }) => ({ name: jvmRoute, address })), ...upstream } },
    });
  }

  /** Puts values into the session, one request each, and tells which of them the last page still shows. */
  async function storeAndRead(url: string, browser: CookieBrowser, count: number): Promise<{ stored: string[]; routes: Set<string> }> {
    let page = '';
    const routes = new Set<string>();
    for (let number = 0; number < count; number += 1) {
      const answer = await browser.ask(`${url}${sessionPage}?dataname=name${number}&datavalue=value${number}`);
      assert.equal(answer.status, 200);
      page = answer.text;
      routes.add(browser.cookies.get('JSESSIONID')?.split('.')[1] ?? 'none');
    }
    return { stored: Array.from(page.matchAll(/name(\d) = value\1/g), (match) => match[0]), routes };
  }

  test('straight at one Tomcat a session keeps its values', async (t) => {
    const browser = new CookieBrowser();
    t.after(() => browser.close());
    const { stored } = await storeAndRead(`http://${tomcats[0]?.address}`, browser, 5);
    assert.equal(stored.length, 5);
  });

  test('eight browsers keep their sessions, half on each Tomcat', async () => {
    const limpet = await start({ sticky: stickyCookie });
    try {
      const browsers = Array.from({ length: 8 }, () => new CookieBrowser());
      const visits = await Promise.all(browsers.map((browser) => storeAndRead(limpet.url(), browser, 5)));
      for (const { stored, routes } of visits) {
        assert.equal(stored.length, 5);
        assert.equal(routes.size, 1);
      }
      assert.deepEqual(visits.map(({ routes }) => [...routes][0]).toSorted(), [
        'jvm1',
        'jvm1',
        'jvm1',
        'jvm1',
        'jvm2',
        'jvm2',
        'jvm2',
        'jvm2',
      ]);
      for (const browser of browsers) browser.close();
      await limpet.stop();
    } finally {
      await limpet.kill();
    }
  });

  /** Names that no jvmRoute has: what is known of a session is what was learned when it was set. */
  const namedOtherwise = () => tomcats.map(({ address }, index) => ({ name: `server${index}`, address }));

  const recognised: [string, () => Record<string, unknown>][] = [
    ['by its jvmRoute', () => ({})],
    ['by what was learned', () => ({ servers: namedOtherwise() })],
  ];
  for (const [how, upstream] of recognised) {
    test(`their own session is enough, ${how}, over two workers`, async () => {
      const limpet = await start({ sticky: { policy: 'app-cookie' }, ...upstream() }, 2);
      try {
        // A connection for each request: any worker may have any of them.
        const browsers = Array.from({ length: 8 }, () => new CookieBrowser(false));
        const visits = await Promise.all(browsers.map((browser) => storeAndRead(limpet.url(), browser, 5)));
        for (const [index, { stored, routes }] of visits.entries()) {
          assert.equal(stored.length, 5);
          assert.equal(routes.size, 1);
          assert.equal(browsers[index]!.cookies.get('route'), undefined);
        }
        assert.equal(new Set(visits.flatMap(({ routes }) => [...routes])).size, 2);
        for (const browser of browsers) browser.close();
        await limpet.stop();
      } finally {
        await limpet.kill();
      }
    });

    test(`without cookies the session in the path is enough, ${how}`, async () => {
      const limpet = await start({ sticky: { policy: 'app-cookie' }, ...upstream() }, 2);
      try {
        for (let visit = 0; visit < 4; visit++) {
          const first = new CookieBrowser(false);
          await first.ask(`${limpet.url()}${sessionPage}`);
          const session = first.cookies.get('JSESSIONID');
          let page = '';
          for (let number = 0; number < 5; number++) {
            const stranger = new CookieBrowser(false);
            const target = `${sessionPage};jsessionid=${session}?dataname=name${number}&datavalue=value${number}`;
            page = (await stranger.ask(`${limpet.url()}${target}`)).text;
            stranger.close();
          }
          assert.equal(Array.from(page.matchAll(/name(\d) = value\1/g)).length, 5);
          first.close();
        }
        await limpet.stop();
      } finally {
        await limpet.kill();
      }
    });
  }

  test('without stickiness a session loses what the other Tomcat was told', async () => {
    const limpet = await start({});
    const browser = new CookieBrowser();
    try {
      const { stored } = await storeAndRead(limpet.url(), browser, 5);
      assert.ok(stored.length < 5, `all of ${stored.join()} were still there`);
      browser.close();
      await limpet.stop();
    } finally {
      browser.close();
      await limpet.kill();
    }
  });

  test('the WebSocket echo of a Tomcat works through the tunnel', async () => {
    const limpet = await start({ sticky: stickyCookie });
    const socket = new WebSocket(`${limpet.url().replace('http', 'ws')}/examples/websocket/echoProgrammatic`);
    try {
      await within('the WebSocket to open', once(socket, 'open'));
      for (const text of ['one', 'ü'.repeat(1_000), 'three']) {
        socket.send(text);
        const [data] = (await within('an echo', once(socket, 'message'))) as [Buffer];
        assert.equal(data.toString('utf8'), text);
      }
      socket.close();
      await within('the WebSocket to close', once(socket, 'close'));
      await limpet.stop();
    } finally {
      socket.terminate();
      await limpet.kill();
    }
  });
});
