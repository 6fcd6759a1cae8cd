// A change of the config while Limpet runs: nobody notices who has nothing to do with it, what is removed is drained, and
// the log says what has changed. With one worker and with several.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { RawClient } from '../fixtures/raw-client.js';
import { type ScriptedServer, startScriptedServer } from '../fixtures/scripted-server.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type ConfigData, type LimpetProcess, startLimpet } from './limpet-process.js';
import { answerWith, switchingProtocols, upgradeRequest } from './one-scripted-server.js';
import { type ChangeableConfig, changeConfig, reload } from './reload-steps.js';
import { SteadyLoad } from './steady-load.js';
import { connectAndGet, getRequest, workerPids } from './worker-processes.js';

/** Answers with its name, echoes in tunnels, and answers /slow when told to. */
interface NamedServer extends ScriptedServer {
  readonly waiting: (() => void)[];
}

async function startServer(name: string): Promise<NamedServer> {
  const waiting: (() => void)[] = [];
  const server = await startScriptedServer((connection, head) => {
    if (head.startsWith('GET /chat ')) {
      connection.write(switchingProtocols);
      connection.on('data', (chunk) => connection.write(chunk));
    } else if (head.startsWith('GET /slow ')) {
      waiting.push(() => connection.write(answerWith(`${name} at last`)));
    } else {
      connection.write(answerWith(name));
    }
  });
  return Object.assign(server, { waiting });
}

async function withServers(names: readonly string[], action: (...servers: NamedServer[]) => Promise<void>): Promise<void> {
  const servers = await Promise.all(names.map(startServer));
  try {
    await action(...servers);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

async function withLimpet(config: ConfigData, action: (limpet: LimpetProcess) => Promise<void>): Promise<void> {
  const limpet = await startLimpet({ shutdownTimeout: '60s', drainTimeout: '60s', ...config });
  try {
    await action(limpet);
  } finally {
    await limpet.kill();
  }
}

const toApp = { address: '127.0.0.1:0', upstream: 'app' };
const answering = (body: string) => ({ routes: [{ respond: { status: 200, body } }] });
const sticky = { policy: 'cookie', name: 'route' };

function upstreamOf(servers: Record<string, NamedServer>, more: ConfigData = {}): ConfigData {
  return { servers: Object.entries(servers).map(([name, { address }]) => ({ name, address })), sticky, ...more };
}

const request = (path: string, cookie = '') => `GET ${path} HTTP/1.1\r\nHost: limpet.test\r\n${cookie && `Cookie: ${cookie}\r\n`}\r\n`;

async function get(port: number, cookie = ''): Promise<{ body: string; cookie: string }> {
  const client = await RawClient.connect(port);
  client.send(request('/', cookie));
  const { body, fields } = await client.readResponse();
  client.destroy();
  return { body, cookie: (fields.get('set-cookie') ?? '').split(';')[0]! };
}

/** The cookie of a client that is bound to the server. */
async function cookieOf(port: number, server: string): Promise<string> {
  let answer = await get(port);
  for (let tries = 0; answer.body !== server && tries < 20; tries++) answer = await get(port);
  assert.equal(answer.body, server);
  return answer.cookie;
}

async function openTunnel(port: number, cookie = ''): Promise<RawClient> {
  const tunnel = await RawClient.connect(port);
  tunnel.send(cookie === '' ? upgradeRequest : upgradeRequest.replace('\r\n\r\n', `\r\nCookie: ${cookie}\r\n\r\n`));
  assert.equal((await tunnel.readHead()).status, 101);
  return tunnel;
}

async function echoes(tunnel: RawClient, text: string): Promise<void> {
  tunnel.send(text);
  assert.equal(await tunnel.readBytes(text.length), text);
}

async function isRefused(port: number): Promise<boolean> {
  const client = await RawClient.connect(port).catch(() => null);
  client?.destroy();
  return client === null;
}

/** What is different from one reload to the next in the test of many: each kind of change comes and goes. */
function vary(config: ChangeableConfig, round: number, spare: NamedServer): void {
  const { listeners, upstreams } = config;
  upstreams['app']!.servers[0] = { ...(upstreams['app']!.servers[0] as ConfigData), weight: 1 + (round % 3) };
  upstreams['app']!.servers.length = 2;
  if (round % 2 === 1) upstreams['app']!.servers.push({ name: 'c', address: spare.address });
  listeners['web']!['response'] = { set: { 'X-Round': String(round) } };
  if (round % 4 === 1) listeners['other'] = { address: '127.0.0.1:0', ...answering('other') };
  if (round % 4 === 3) delete listeners['other'];
}

for (const workers of [1, 2]) {
  suite(`a reload with ${workers} of a process`, { timeout: 180_000 }, () => {
    test('many of them under load lose no request and no tunnel', () =>
      withServers(['a', 'b', 'c'], async (a, b, c) => {
        await withLimpet({ workers, listeners: { web: toApp }, upstreams: { app: upstreamOf({ a, b }) } }, async (limpet) => {
          const port = limpet.port();
          const load = new SteadyLoad(port, 4);
          const tunnels = await Promise.all(Array.from({ length: 20 }, () => openTunnel(port)));
          for (let round = 1; round <= 40; round++) {
            const answered = load.answered;
            const lines = await reload(limpet, (config) => vary(config, round, c));
            assert.match(lines.at(-1)!, / reloaded changes=\d+$/);
            await waitFor('the load to go on', () => load.answered > answered + 5);
          }
          for (const tunnel of tunnels) await echoes(tunnel, 'still here');
          await load.stop();
          assert.deepEqual(load.lost, []);
          for (const tunnel of tunnels) tunnel.destroy();
          await limpet.stop();
        });
      }));

    test('leads the next request of an open connection where the new routes say, and the one under way where the old ones did', () =>
      withServers(['a', 'b'], async (a, b) => {
        const upstreams = { app: upstreamOf({ a }), next: upstreamOf({ b }, { sticky: undefined }) };
        await withLimpet({ workers, listeners: { web: toApp }, upstreams }, async (limpet) => {
          const [open, waiting] = [await connectAndGet(limpet.port()), await RawClient.connect(limpet.port())];
          waiting.send(request('/slow'));
          await waitFor('the server to be asked', () => a.waiting.length === 1);
          const lines = await reload(limpet, ({ listeners }) => {
            listeners['web']!['upstream'] = 'next';
          });
          assert.deepEqual(lines, [
            'info reloading reason=SIGHUP',
            'info listener changed name=web keys=routes',
            'info reloaded changes=1',
          ]);
          open.send(getRequest);
          assert.equal((await open.readResponse()).body, 'b');
          a.waiting[0]!();
          assert.equal((await waiting.readResponse()).body, 'a at last');
          waiting.send(getRequest);
          assert.equal((await waiting.readResponse()).body, 'b');
          for (const client of [open, waiting]) client.destroy();
          await limpet.stop();
        });
      }));

    test('gives a server that drains no new session and leaves it its own, until it is ready again', () =>
      withServers(['a', 'b'], async (a, b) => {
        await withLimpet({ workers, listeners: { web: toApp }, upstreams: { app: upstreamOf({ a, b }) } }, async (limpet) => {
          const port = limpet.port();
          const cookie = await cookieOf(port, 'b');
          const setAdmin = (admin: string) =>
            reload(limpet, ({ upstreams }) => {
              (upstreams['app']!.servers[1] as ConfigData)['admin'] = admin;
            });
          assert.ok((await setAdmin('drain')).includes('info server changed upstream=app name=b keys=admin'));
          for (let times = 0; times < 8; times++) assert.equal((await get(port)).body, 'a');
          assert.deepEqual(await get(port, cookie), { body: 'b', cookie: '' });
          await setAdmin('ready');
          await cookieOf(port, 'b');
          await limpet.stop();
        });
      }));

    test('lets what a removed server has go on, and binds its clients anew', () =>
      withServers(['a', 'b'], async (a, b) => {
        await withLimpet({ workers, listeners: { web: toApp }, upstreams: { app: upstreamOf({ a, b }) } }, async (limpet) => {
          const port = limpet.port();
          const [ofA, ofB] = [await cookieOf(port, 'a'), await cookieOf(port, 'b')];
          const [tunnel, waiting] = [await openTunnel(port, ofB), await RawClient.connect(port)];
          waiting.send(request('/slow', ofB));
          await waitFor('the server to be asked', () => b.waiting.length === 1);
          const lines = await reload(limpet, ({ upstreams }) => void upstreams['app']!.servers.pop());
          assert.ok(lines.includes(`info server removed upstream=app name=b address=${b.address}`), lines.join('\n'));
          assert.deepEqual(await get(port, ofB), { body: 'a', cookie: ofA });
          b.waiting[0]!();
          assert.equal((await waiting.readResponse()).body, 'b at last');
          await echoes(tunnel, 'still here');
          for (const client of [tunnel, waiting]) client.destroy();
          // Nothing is kept for later.
          await waitFor('the connections to the server to be closed', () => b.openConnections() === 0);
          await limpet.stop();
        });
      }));

    test('cuts what is left at a removed server when drainTimeout is over, and nothing else', () =>
      withServers(['a', 'b'], async (a, b) => {
        const config = { workers, drainTimeout: '200ms', listeners: { web: toApp }, upstreams: { app: upstreamOf({ a, b }) } };
        await withLimpet(config, async (limpet) => {
          const port = limpet.port();
          const [ofA, ofB] = [await cookieOf(port, 'a'), await cookieOf(port, 'b')];
          const [kept, cut, waiting] = [await openTunnel(port, ofA), await openTunnel(port, ofB), await RawClient.connect(port)];
          waiting.send(request('/slow', ofB));
          await waitFor('the server to be asked', () => b.waiting.length === 1);
          await reload(limpet, ({ upstreams }) => void upstreams['app']!.servers.pop());
          assert.equal((await waiting.readResponse()).status, 503);
          assert.equal(await cut.untilEnd(), '');
          await echoes(kept, 'still here');
          await waitFor('the connections to the server to be closed', () => b.openConnections() === 0);
          for (const client of [kept, cut, waiting]) client.destroy();
          await limpet.stop();
          assert.equal((await limpet.accessLog()).filter(({ fault }) => fault === 'taken-out').length, 2);
        });
      }));

    test('opens a listener that is added, and closes one that is removed to all but those who are there', () =>
      withServers(['a'], async (a) => {
        const upstreams = { app: upstreamOf({ a }) };
        await withLimpet({ workers, listeners: { web: toApp, old: toApp }, upstreams }, async (limpet) => {
          const old = limpet.port('old');
          const [idle, tunnel] = [await connectAndGet(old), await openTunnel(old)];
          const lines = await reload(limpet, ({ listeners }) => {
            delete listeners['old'];
            listeners['new'] = { address: '127.0.0.1:0', ...answering('new') };
          });
          assert.equal((await get(limpet.port('new'))).body, 'new');
          assert.ok(lines.includes('info listener added name=new address=127.0.0.1:0'), lines.join('\n'));
          assert.ok(lines.includes('info listener removed name=old address=127.0.0.1:0'), lines.join('\n'));
          await waitFor('the old one to be closed', () => isRefused(old));
          idle.send(getRequest);
          assert.equal((await idle.readResponse()).fields.get('connection')?.toLowerCase(), 'close');
          assert.equal(await idle.untilEnd(), '');
          await echoes(tunnel, 'still here');
          await reload(limpet, (config) => {
            config['drainTimeout'] = '100ms';
            delete config.listeners['new'];
          });
          // Its time was set when it left.
          await echoes(tunnel, 'still here');
          for (const client of [idle, tunnel]) client.destroy();
          await limpet.stop();
        });
      }));

    test('cuts what is left at a removed listener when drainTimeout is over', () =>
      withServers(['a'], async (a) => {
        const upstreams = { app: upstreamOf({ a }) };
        const config = { workers, drainTimeout: '200ms', listeners: { web: toApp, old: toApp }, upstreams };
        await withLimpet(config, async (limpet) => {
          const clients = [await connectAndGet(limpet.port('old')), await openTunnel(limpet.port('old')), await openTunnel(limpet.port())];
          await reload(limpet, ({ listeners }) => void delete listeners['old']);
          for (const client of clients.slice(0, 2)) assert.equal(await client.untilEnd(), '');
          await echoes(clients[2]!, 'still here');
          for (const client of clients) client.destroy();
          await limpet.stop();
        });
      }));

    test('shows a new certificate at the next handshake, and resumes the sessions from before', async () => {
      const [first, second] = [await certificateFor('ec', 'limpet.test'), await certificateFor('ec', 'limpet.test', 'second.test')];
      await withLimpet({ workers, listeners: { web: { address: '127.0.0.1:0', ...answering('hello') } } }, async (limpet) => {
        const open = async (more: { ca?: string; session?: Buffer }): Promise<TLSSocket> => {
          const socket = connectTls({ port: limpet.port('secure'), host: '127.0.0.1', servername: 'limpet.test', ...more });
          await within('the handshake', once(socket, 'secureConnect'));
          return socket;
        };
        const files = await certificateFiles(limpet.folder, first);
        await reload(limpet, ({ listeners }) => {
          listeners['secure'] = { address: '127.0.0.1:0', ...answering('secure'), tls: { certificates: [files] } };
        });
        const before = await open({ ca: first.cert });
        const [session] = (await within('a ticket', once(before, 'session'))) as [Buffer];
        await certificateFiles(limpet.folder, second);
        assert.deepEqual(await reload(limpet), [
          'info reloading reason=SIGHUP',
          `info certificate changed listener=secure file=${files.cert}`,
          'info reloaded changes=1',
        ]);
        for (let times = 0; times < 4; times++) {
          (await open({ ca: second.cert })).destroy();
          const resumed = await open({ ca: first.cert, session });
          assert.equal(resumed.isSessionReused(), true);
          resumed.destroy();
        }
        const client = RawClient.over(before);
        client.send(getRequest);
        assert.equal((await client.readResponse()).body, 'secure');
        client.destroy();
        await limpet.stop();
      });
    });

    test('writes the logs where the new config says, and in its form', async () => {
      await withLimpet({ workers, listeners: { web: { address: '127.0.0.1:0', ...answering('hello') } } }, async (limpet) => {
        const client = await connectAndGet(limpet.port());
        const [access, errors] = [join(limpet.folder, 'moved/access.log'), join(limpet.folder, 'moved/error.log')];
        await changeLogs(limpet, access, errors);
        client.send(getRequest);
        assert.equal((await client.readResponse()).body, 'hello');
        client.destroy();
        await limpet.stop();
        assert.equal((await limpet.accessLog()).length, 1);
      });

      async function changeLogs(limpet: LimpetProcess, access: string, errors: string): Promise<void> {
        const lines = await reload(limpet, (config) => {
          config['accessLog'] = { to: access, format: '${method} ${path} ${response.status}', flushInterval: '10ms' };
        });
        assert.ok(lines.includes('info setting changed key=accessLog'), lines.join('\n'));
        (await connectAndGet(limpet.port())).destroy();
        await waitFor('a line in the new access log', async () => (await readFile(access, 'utf8').catch(() => '')) === 'GET / 200\n');
        await changeConfig(limpet, (config) => {
          config['errorLog'] = { to: errors, level: 'info' };
        });
        process.kill(limpet.pid, 'SIGHUP');
        await waitFor('the end of the reload in the new error log', async () =>
          / info reloaded changes=1\n/.test(await readFile(errors, 'utf8').catch(() => '')),
        );
        await changeConfig(limpet, (config) => {
          config['errorLog'] = { to: 'stderr' };
        });
        const before = limpet.output().length;
        process.kill(limpet.pid, 'SIGHUP');
        await waitFor('the log to be back', () =>
          limpet
            .output()
            .slice(before)
            .some((line) => / reloaded changes=1$/.test(line)),
        );
      }
    });

    test('with nothing new says so, and with what takes a restart says that', async () => {
      await withLimpet({ workers, listeners: { web: { address: '127.0.0.1:0', ...answering('hello') } } }, async (limpet) => {
        assert.deepEqual(await reload(limpet), ['info reloading reason=SIGHUP', 'info reloaded: nothing has changed changes=0']);
        const lines = await reload(limpet, (config) => {
          config['workers'] = workers + 1;
          config['drainTimeout'] = '7s';
        });
        assert.deepEqual(lines, [
          'info reloading reason=SIGHUP',
          'warn this setting is taken at the start only: restart, or upgrade, for it to change key=workers',
          'info setting changed key=drainTimeout',
          'info reloaded changes=1',
        ]);
        await limpet.stop();
      });
    });
  });
}

test('a worker that is killed after a reload is replaced by one with the new config', { timeout: 60_000 }, async () => {
  await withLimpet({ workers: 2, listeners: { web: { address: '127.0.0.1:0', ...answering('old') } } }, async (limpet) => {
    await reload(limpet, ({ listeners }) => {
      listeners['web'] = { ...listeners['web'], ...answering('new') };
      listeners['more'] = { address: '127.0.0.1:0', ...answering('more') };
    });
    const pids = workerPids(limpet);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await waitFor('the replacements', () => workerPids(limpet).every((pid, index) => pid !== pids[index]));
    for (let times = 0; times < 6; times++) {
      assert.equal((await get(limpet.port())).body, 'new');
      assert.equal((await get(limpet.port('more'))).body, 'more');
    }
    await rm(join(limpet.folder, 'proxy.config.json'));
    await limpet.stop();
  });
});
