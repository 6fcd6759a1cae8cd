// The demo as people see it: the built program, a real browser on its page, over HTTP and HTTPS. What the page
// shows is what is checked; the wire is the business of other tests.

import assert from 'node:assert/strict';
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { waitFor } from '../fixtures/wait-for.js';
import { pathOf, skipWithout } from './real-servers.js';

const pageTimeoutMs = 15_000;
const browserFlags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

interface Ports {
  readonly web: number;
  readonly secure: number;
  readonly raw: number;
  readonly a: number;
  readonly b: number;
  readonly echo: number;
}

function findProgram(): string {
  if (process.env.LIMPET_PROGRAM) return process.env.LIMPET_PROGRAM;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'dist/src/cli/main.js');
}

/** Ports that were free a moment ago. All are held at once, so that they differ; the demo's config cannot say 0. */
async function findFreePorts(): Promise<Ports> {
  const servers: Server[] = [];
  for (let i = 0; i < 6; i++) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const [web, secure, raw, a, b, echo] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return { web, secure, raw, a, b, echo };
}

function configFor(ports: Ports): object {
  const at = (port: number): string => `127.0.0.1:${port}`;
  const chat = [{ upstream: 'chat' }];
  return {
    accessLog: 'off',
    shutdownTimeout: '5s',
    listeners: {
      web: { address: at(ports.web), routes: chat },
      secure: { address: at(ports.secure), tls: { certificates: [{ cert: 'certs/dev.crt', key: 'certs/dev.key' }] }, routes: chat },
      raw: { address: at(ports.raw), mode: 'tcp', upstream: 'echo' },
    },
    upstreams: {
      chat: {
        servers: [
          { name: 'a', address: at(ports.a) },
          { name: 'b', address: at(ports.b) },
        ],
        sticky: { policy: 'cookie', name: 'route' },
      },
      echo: { servers: [at(ports.echo)] },
    },
  };
}

type DemoChild = ChildProcessByStdio<null, Readable, Readable>;

class RunningDemo {
  output = '';
  readonly child: DemoChild;

  constructor(folder: string) {
    const file = join(folder, 'proxy.config.json');
    this.child = spawn(process.execPath, [findProgram(), 'demo', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  async waitUntilRunning(): Promise<void> {
    const ended = new Promise<'ended'>((resolve) => this.child.once('close', () => resolve('ended')));
    const running = waitFor('the demo to run', () => this.output.includes('Ctrl-C ends everything'), 30_000);
    if ((await Promise.race([running, ended])) === 'ended') assert.fail(`the demo ended: ${this.output}`);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function waitUntilAllPortsAreFree(ports: Ports): Promise<void> {
  await waitFor(
    'every port of the demo to be free',
    async () => !(await Promise.all(Object.values(ports).map(isListening))).includes(true),
  );
}

const skip = skipWithout('chromium');

describe('the demo in a browser', { skip }, () => {
  let folder: string;
  let ports: Ports;
  let demo: RunningDemo;
  let browser: Browser;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'limpet-demo-'));
    ports = await findFreePorts();
    await writeFile(join(folder, 'proxy.config.json'), JSON.stringify(configFor(ports)));
    demo = new RunningDemo(folder);
    await demo.waitUntilRunning();
    browser = await chromium.launch({ executablePath: pathOf('chromium'), args: browserFlags.split(' ') });
  });

  after(async () => {
    await browser?.close();
    await demo?.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  // A test that fails half-way must not leave the next ones with one server.
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const start = (server: string) => fetch(`http://127.0.0.1:${ports.web}/demo/servers/${server}/start`, { method: 'POST' });
    await waitFor('both servers to run', async () => (await Promise.all(['a', 'b'].map(start))).every(({ status }) => status === 409));
  });

  async function openPage(scheme: 'http' | 'https'): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    context.setDefaultTimeout(pageTimeoutMs);
    const page = await context.newPage();
    await page.goto(`${scheme}://127.0.0.1:${scheme === 'http' ? ports.web : ports.secure}/`);
    await waitUntilConnected(page, 'WebSocket');
    return page;
  }

  async function waitUntilConnected(page: Page, transport: string): Promise<void> {
    await page.locator('#path[data-state=open] #transport-name', { hasText: new RegExp(`^${transport}$`) }).waitFor();
  }

  async function boundServer(page: Page): Promise<string> {
    return (await page.locator('#server-name').textContent()) ?? '';
  }

  async function waitForServerState(page: Page, server: string, state: string): Promise<void> {
    await page.locator(`#servers li[data-server=${server}][data-state=${state}]`).waitFor();
  }

  const transports = [
    ['Streaming', 'xhr-streaming'],
    ['EventSource', 'eventsource'],
    ['Long-polling', 'xhr-polling'],
    ['WebSocket', 'websocket'],
  ] as const;

  for (const scheme of ['http', 'https'] as const) {
    test(`${scheme}: every transport stays with the one server, and so do plain requests`, async () => {
      const page = await openPage(scheme);
      const server = await boundServer(page);
      assert.match(server, /^[ab]$/);
      for (const [label, value] of transports) {
        await page.locator(`input[value=${value}]`).check({ force: true });
        await waitUntilConnected(page, label);
        assert.equal(await boundServer(page), server, label);
        await page.locator('#plain-get', { hasText: server }).waitFor();
      }
      assert.match((await page.locator('#cookie').textContent()) ?? '', /^route=./);
      assert.equal(await page.locator('#seen-as').textContent(), `127.0.0.1, ${scheme}`);
      assert.equal(await page.locator('#rebinds').textContent(), '0');
    });

    for (const [label, value] of transports) {
      test(`${scheme}, ${label}: when its own server is stopped, the browser is re-bound and stays there`, async () => {
        const page = await openPage(scheme);
        await page.locator(`input[value=${value}]`).check({ force: true });
        await waitUntilConnected(page, label);
        const server = await boundServer(page);
        const other = server === 'a' ? 'b' : 'a';
        const cookie = (await page.locator('#cookie', { hasText: 'route=' }).textContent()) ?? '';

        await page.getByRole('button', { name: `Stop ${server}` }).click();
        await page.locator('#server-name', { hasText: other }).waitFor();
        await waitUntilConnected(page, label);
        await waitForServerState(page, server, 'stopped');
        assert.equal(await page.locator('#rebinds').textContent(), '1');
        await page.locator('#plain-get', { hasText: other }).waitFor();
        await page.locator('#cookie', { hasText: 'route=', hasNotText: cookie }).waitFor();
        assert.equal(await page.getByRole('button', { name: `Stop ${other}` }).isDisabled(), true);

        await page.getByRole('button', { name: `Start ${server}` }).click();
        await waitForServerState(page, server, 'running');
        await page.reload();
        await page.locator('#path[data-state=open]').waitFor();
        assert.equal(await boundServer(page), other, 'the start of its old server does not move it');
      });
    }
  }

  test('people on different servers hear each other', async () => {
    const ada = await openPage('http');
    // A server that was stopped by a test before gets browsers again only when its pause is over.
    let ben = await openPage('https');
    await waitFor('a new browser on the other server', async () => {
      if ((await boundServer(ben)) !== (await boundServer(ada))) return true;
      await ben.context().close();
      ben = await openPage('https');
      return false;
    });
    await ada.locator('#name').fill('Ada');
    await ada.locator('#text').fill('good morning <b>all</b>');
    await ada.locator('#text').press('Enter');
    for (const page of [ada, ben]) await page.locator('#lines li', { hasText: 'Ada good morning <b>all</b>' }).waitFor();
  });

  test('a server that is killed from outside is shown as stopped', async () => {
    const page = await openPage('http');
    const children = await readFile(`/proc/${demo.child.pid}/task/${demo.child.pid}/children`, 'utf8');
    const server = await boundServer(page);
    for (const pid of children.trim().split(' ')) {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      if (commandLine.includes(`"name":"${server}"`)) process.kill(Number(pid), 'SIGKILL');
    }
    await waitForServerState(page, server, 'stopped');
    assert.notEqual(await boundServer(page), server);
    await page.getByRole('button', { name: `Start ${server}` }).click();
    await waitForServerState(page, server, 'running');
  });
});

describe('the demo as a process', () => {
  async function withDemo(use: (demo: RunningDemo, ports: Ports, folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'limpet-demo-'));
    const ports = await findFreePorts();
    await writeFile(join(folder, 'proxy.config.json'), JSON.stringify(configFor(ports)));
    const demo = new RunningDemo(folder);
    try {
      await use(demo, ports, folder);
    } finally {
      await demo.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  }

  test('prints every address, passes lines over TCP, and ends with 0 and nothing left on SIGINT', async () => {
    await withDemo(async (demo, ports) => {
      await demo.waitUntilRunning();
      for (const target of [`http://127.0.0.1:${ports.web}`, `https://127.0.0.1:${ports.secure}`, `127.0.0.1:${ports.raw}`])
        assert.ok(demo.output.includes(target), target);
      const socket = connect(ports.raw, '127.0.0.1').setEncoding('utf8');
      let heard = '';
      socket.on('data', (text: string) => (heard += text));
      socket.write('good morning\n');
      await waitFor('the echo', () => heard.endsWith(': good morning\n'));
      assert.equal(await demo.end('SIGINT'), 0);
      socket.destroy();
      await waitUntilAllPortsAreFree(ports);
    });
  });

  test('takes its servers and Limpet with it when it is killed', async () => {
    await withDemo(async (demo, ports) => {
      await demo.waitUntilRunning();
      await demo.end('SIGKILL');
      await waitUntilAllPortsAreFree(ports);
    });
  });

  test('names every port that is in use, and exits with 1', async () => {
    await withDemo(async (first, ports, folder) => {
      await first.waitUntilRunning();
      const second = new RunningDemo(folder);
      await once(second.child, 'close');
      assert.equal(second.child.exitCode, 1);
      assert.match(second.output, new RegExp(`listener web: port ${ports.web} is in use`));
      assert.match(second.output, new RegExp(`chat server b: port ${ports.b} is in use`));
      assert.equal(await isListening(ports.web), true, 'the first demo is not disturbed');
    });
  });
});
