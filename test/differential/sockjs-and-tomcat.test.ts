// The files that people write for Meteor, Tomcat and TCP, run by nginx or HAProxy and by the built Limpet: real SockJS servers
// and Tomcats behind them, the same clients in front, the same experience.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pathOf, skipWithout } from '../e2e/real-servers.js';
import { certificateFor } from '../fixtures/certificates.js';
import { type ChildServer, startChildServer } from '../fixtures/child-server.js';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { unusedPort } from '../fixtures/scripted-server.js';
import { type HttpTransport, SockjsHttpSession, SockjsRefused, type SockjsSession } from '../fixtures/sockjs-session.js';
import { SockjsWebSocketSession } from '../fixtures/sockjs-websocket-session.js';
import { startTomcat, type Tomcat } from '../fixtures/tomcat.js';
import { waitFor } from '../fixtures/wait-for.js';
import { accepts, nginxConf, stop } from './nginx-process.js';

type Program = 'nginx' | 'sticky nginx' | 'haproxy' | 'limpet';

/** An nginx with the sticky module, which CONTRIBUTING.md says how to build. */
const stickyNginx = process.env['LIMPET_STICKY_NGINX'];

const limpetMain = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

function commandOf(program: Program, file: string): [string, string[]] {
  if (program === 'nginx') return [pathOf('nginx'), ['-c', file]];
  if (program === 'sticky nginx') return [stickyNginx!, ['-c', file]];
  if (program === 'haproxy') return [pathOf('haproxy'), ['-db', '-f', file]];
  return [process.execPath, [limpetMain, 'run', file]];
}

/** What `visit` finds when the program runs the file; `text` gets the port and the folder. */
async function under<T>(
  program: Program,
  name: string,
  text: (port: number, folder: string) => string,
  visit: (port: number) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'limpet-peer-'));
  const port = await unusedPort();
  const file = join(folder, name);
  writeFileSync(file, text(port, folder));
  const [path, words] = commandOf(program, file);
  const child = spawn(path, words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  try {
    await waitFor(`${program} to listen`, () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
      return accepts(port);
    });
    return await visit(port);
  } finally {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a session comes to: each message's answer, or the status that ended it. */
async function experience(session: SockjsSession): Promise<string[]> {
  const seen: string[] = [];
  try {
    await session.open();
    for (const text of ['one', 'two', 'three']) {
      await session.send(text);
      seen.push((await session.receive()).replace(/^[ab]:/, ''));
    }
  } catch (error) {
    if (!(error instanceof SockjsRefused)) throw error;
    seen.push(`${error.request} ${error.status}`);
  } finally {
    session.close();
  }
  return seen;
}

async function overHttp(port: number, transport: HttpTransport): Promise<{ seen: string[]; cookies: string[] }> {
  const browser = new CookieBrowser();
  try {
    const seen = await experience(new SockjsHttpSession(browser, `http://127.0.0.1:${port}/sockjs`, transport));
    return { seen, cookies: browser.cookies.received.map((line) => line.split('=')[0]!) };
  } finally {
    browser.close();
  }
}

/** The statuses of a poll that opens a session and of the send that follows it. */
async function pollThenSend(port: number): Promise<number[]> {
  const browser = new CookieBrowser();
  const session = `http://127.0.0.1:${port}/sockjs/000/abcdefgh`;
  try {
    const polled = await browser.ask(`${session}/xhr`, { method: 'POST' });
    const sent = await browser.ask(`${session}/xhr_send`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '["lost"]' });
    return [polled.status, sent.status];
  } finally {
    browser.close();
  }
}

async function overWebSocket(port: number): Promise<string[]> {
  const browser = new CookieBrowser();
  try {
    return await experience(new SockjsWebSocketSession(browser, `http://127.0.0.1:${port}/sockjs`));
  } finally {
    browser.close();
  }
}

suite('SockJS behind nginx and behind Limpet with the same file', { skip: skipWithout('nginx'), timeout: 120_000 }, () => {
  let servers: ChildServer[] = [];
  before(async () => {
    servers = await Promise.all([startChildServer('sockjs-server', 'a'), startChildServer('sockjs-server', 'b')]);
  });
  after(() => Promise.all(servers.map((server) => server.kill())));

  const meteor = (inUpstream: string, inLocation: string) => (port: number, folder: string) =>
    nginxConf(
      `  upstream meteor {${inUpstream} server ${servers[0]!.address}; server ${servers[1]!.address}; }
  server { listen 127.0.0.1:${port}; server_name localhost; location / { proxy_pass http://meteor; ${inLocation} } }`,
      folder,
    );
  const upgrade = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';

  test('plain round robin: long-polling gets its 404, a WebSocket gets no upgrade', async () => {
    const visit = async (port: number) => [await pollThenSend(port), await overWebSocket(port)];
    const real = await under('nginx', 'nginx.conf', meteor('', ''), visit);
    assert.deepEqual(await under('limpet', 'nginx.conf', meteor('', ''), visit), real);
    assert.deepEqual(real, [[200, 404], ['websocket 400']]);
  });

  test('with the Upgrade lines a WebSocket works', async () => {
    const real = await under('nginx', 'nginx.conf', meteor('', upgrade), overWebSocket);
    assert.deepEqual(await under('limpet', 'nginx.conf', meteor('', upgrade), overWebSocket), real);
    assert.deepEqual(real, ['one', 'two', 'three']);
  });

  test('with "sticky;" every transport stays with its server', async (t) => {
    if (stickyNginx === undefined) t.diagnostic('not compared: LIMPET_STICKY_NGINX names no nginx that has the sticky module');
    for (const transport of ['xhr', 'jsonp'] as const) {
      const visit = (port: number) => overHttp(port, transport);
      const { seen, cookies } = await under('limpet', 'nginx.conf', meteor(' sticky;', upgrade), visit);
      assert.deepEqual(seen, ['one', 'two', 'three']);
      assert.ok(cookies.includes('route'));
      if (stickyNginx !== undefined)
        assert.deepEqual({ seen, cookies }, await under('sticky nginx', 'nginx.conf', meteor(' sticky;', upgrade), visit));
    }
    if (stickyNginx === undefined) return;
    const seen = await under('limpet', 'nginx.conf', meteor(' sticky;', upgrade), overWebSocket);
    assert.deepEqual(seen, await under('sticky nginx', 'nginx.conf', meteor(' sticky;', upgrade), overWebSocket));
  });
});

suite('SockJS, Tomcat and TCP behind HAProxy and behind Limpet with the same file', {
  skip: skipWithout('haproxy'),
  timeout: 120_000,
}, () => {
  const defaults = (mode: string) => `defaults\n  mode ${mode}\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n`;
  const serverLines = (addresses: readonly string[]) =>
    addresses.map((address, index) => `  server s${index} ${address} cookie s${index} check\n`).join('');

  test('cookie … insert indirect nocache: every transport stays with its server', async (t) => {
    const servers = await Promise.all([startChildServer('sockjs-server', 'a'), startChildServer('sockjs-server', 'b')]);
    t.after(() => Promise.all(servers.map((server) => server.kill())));
    const text = (port: number) =>
      `${defaults('http')}frontend web\n  bind 127.0.0.1:${port}\n  default_backend meteor\nbackend meteor\n  balance roundrobin\n  cookie SRV insert indirect nocache\n${serverLines(servers.map(({ address }) => address))}`;
    const visit = async (port: number) => [await overHttp(port, 'xhr'), await overHttp(port, 'eventsource'), await overWebSocket(port)];
    const real = await under('haproxy', 'haproxy.cfg', text, visit);
    assert.deepEqual(await under('limpet', 'haproxy.cfg', text, visit), real);
    assert.deepEqual(real[2], ['one', 'two', 'three']);
  });

  test('cookie JSESSIONID prefix: a Tomcat session keeps its values', { skip: skipWithout('tomcat10') }, async (t) => {
    const tomcats: Tomcat[] = await Promise.all(['jvm1', 'jvm2'].map((route) => startTomcat(pathOf('tomcat10'), route)));
    t.after(() => Promise.all(tomcats.map((tomcat) => tomcat.stop())));
    const text = (port: number) =>
      `${defaults('http')}frontend web\n  bind 127.0.0.1:${port}\n  default_backend tomcats\nbackend tomcats\n  balance roundrobin\n  cookie JSESSIONID prefix\n${serverLines(tomcats.map(({ address }) => address))}`;
    const visit = async (port: number) => {
      const browser = new CookieBrowser();
      try {
        let page = '';
        for (let number = 0; number < 4; number++) {
          const url = `http://127.0.0.1:${port}/examples/servlets/servlet/SessionExample?dataname=name${number}&datavalue=value${number}`;
          page = (await browser.ask(url)).text;
        }
        const prefix = browser.cookies.get('JSESSIONID')?.split('~')[0];
        return { kept: [...page.matchAll(/name(\d) = value\1/g)].length, isPrefixed: prefix === 's0' || prefix === 's1' };
      } finally {
        browser.close();
      }
    };
    const real = await under('haproxy', 'haproxy.cfg', text, visit);
    assert.deepEqual(await under('limpet', 'haproxy.cfg', text, visit), real);
    assert.deepEqual(real, { kept: 4, isPrefixed: true });
  });

  test('TCP with TLS', async (t) => {
    const server = await startChildServer('sockjs-server', 'a');
    t.after(() => server.kill());
    const { cert, key } = await certificateFor('rsa', 'localhost');
    const text = (port: number, folder: string) => {
      writeFileSync(join(folder, 'both.pem'), `${cert.trim()}\n${key.trim()}\n`);
      return `${defaults('tcp')}frontend web\n  bind 127.0.0.1:${port} ssl crt ${join(folder, 'both.pem')}\n  default_backend app\nbackend app\n  server a ${server.address}\n`;
    };
    const visit = async (port: number) => {
      const browser = new CookieBrowser();
      try {
        const session = new SockjsHttpSession(browser, `https://127.0.0.1:${port}/sockjs`, 'xhr');
        return await experience(session);
      } finally {
        browser.close();
      }
    };
    const real = await under('haproxy', 'haproxy.cfg', text, visit);
    assert.deepEqual(await under('limpet', 'haproxy.cfg', text, visit), real);
    assert.deepEqual(real, ['one', 'two', 'three']);
  });
});
