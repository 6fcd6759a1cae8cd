// Sockets that are bound here and listened on elsewhere: which address they get, and what is said when they get none.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Config, ListenerConfig } from '../../src/config/config.js';
import { parseListenAddress } from '../../src/net/address.js';
import { ListeningSockets, noSources } from '../../src/supervisor/listening-sockets.js';
import { unusedPort } from '../fixtures/scripted-server.js';

const folder = mkdtempSync(join(tmpdir(), 'sockets-'));
after(() => rmSync(folder, { recursive: true }));

/** Only the address of a listener matters here. */
function listeners(...addresses: string[]): Pick<Config, 'listeners' | 'user'> {
  const entries = addresses.map((text, index) => [
    `l${index + 1}`,
    { address: parseListenAddress(text), socketMode: null } as ListenerConfig,
  ]);
  return { listeners: Object.fromEntries(entries), user: null };
}

async function listen(address: net.ListenOptions): Promise<net.Server> {
  const server = net.createServer().listen(address);
  await once(server, 'listening');
  return server;
}

test('every worker gets the port that the system has chosen for the first', async () => {
  const sockets = await ListeningSockets.bind(listeners('127.0.0.1:0', '[::1]:0', ':0'), 3, noSources);
  const addresses = sockets.addresses();
  const ports = addresses.map(({ address }) => /^(?:127\.0\.0\.1|\[::1\]|\[::\]|0\.0\.0\.0):(\d+)$/.exec(address)?.[1]);
  assert.ok(
    ports.every((port) => Number(port) > 0),
    JSON.stringify(addresses),
  );
  for (let index = 0; index < 3; index++) {
    const own = sockets.ofWorker(index).map(({ handle }) => {
      const name: { port?: number } = {};
      handle.getsockname?.(name);
      return String(name.port);
    });
    assert.deepEqual(own, ports);
  }
  sockets.close();
});

test('from Node 22 on each worker has a socket of its own, among which the kernel spreads connections', async () => {
  const sockets = await ListeningSockets.bind(listeners('127.0.0.1:0'), 3, noSources);
  const handles = new Set([0, 1, 2].map((index) => sockets.ofWorker(index)[0].handle));
  assert.equal(handles.size, Number.parseInt(process.versions.node, 10) >= 22 ? 3 : 1);
  sockets.close();
});

test('a port that somebody listens on is refused in one line, and what was bound before is given back', async () => {
  const taken = await listen({ port: 0, host: '127.0.0.1' });
  const free = await unusedPort();
  const addresses = listeners(`127.0.0.1:${free}`, `127.0.0.1:${(taken.address() as AddressInfo).port}`);
  for (const workers of [1, 2]) {
    await assert.rejects(ListeningSockets.bind(addresses, workers, noSources), {
      message: /^listener "l2": its address is in use by another program/,
    });
  }
  taken.close();
  (await listen({ port: free, host: '127.0.0.1' })).close();
});

test('an address that no interface has is refused', async () => {
  await assert.rejects(ListeningSockets.bind(listeners('192.0.2.1:0'), 2, noSources), {
    message: `listener "l1": its address is none of this machine's`,
  });
});

test('a unix socket that is in use is refused, and its file stays', async () => {
  const path = join(folder, 'used.sock');
  const taken = await listen({ path });
  await assert.rejects(ListeningSockets.bind(listeners(`unix:${path}`), 2, noSources), {
    message: /^listener "l1": its address is in use/,
  });
  assert.ok(existsSync(path));
  taken.close();
});

test('the file of a unix socket is shared by all workers and goes when the socket is closed', async () => {
  const path = join(folder, 'own.sock');
  const sockets = await ListeningSockets.bind(listeners(`unix:${path}`), 2, noSources);
  assert.deepEqual(sockets.addresses(), [{ name: 'l1', address: `unix:${path}` }]);
  assert.equal(sockets.ofWorker(0)[0].handle, sockets.ofWorker(1)[0].handle);
  assert.ok(existsSync(path));
  sockets.close();
  assert.ok(!existsSync(path));
});

test('for another config only what is new is bound, and what is old is closed when that is in place', async () => {
  const [first, second] = [`127.0.0.1:${await unusedPort()}`, `127.0.0.1:${await unusedPort()}`];
  const sockets = await ListeningSockets.bind(listeners(first, '127.0.0.1:0'), 2, noSources);
  const before = sockets.addresses();
  const kept = sockets.ofWorker(1)[1]?.handle;
  const refused = await sockets.prepare(listeners(second, '127.0.0.1:0'));
  assert.deepEqual(refused.opened.addresses(), [{ name: 'l1', address: second }]);
  refused.discard();
  assert.deepEqual(sockets.addresses(), before);
  const change = await sockets.prepare(listeners(second, '127.0.0.1:0'));
  change.commit();
  assert.deepEqual(
    sockets
      .addresses()
      .map(({ address }) => address)
      .sort(),
    [second, before[1]?.address].sort(),
  );
  assert.ok(sockets.ofWorker(1).some(({ handle }) => handle === kept));
  (await listen({ host: '127.0.0.1', port: Number(first.split(':')[1]) })).close();
  sockets.close();
});

test('a socket is the same one under another name of its listener, and what cannot be bound leaves all as it was', async (t) => {
  const address = `127.0.0.1:${await unusedPort()}`;
  const taken = await listen({ port: 0, host: '127.0.0.1' });
  t.after(() => taken.close());
  const sockets = await ListeningSockets.bind(listeners(address), 1, noSources);
  const { handle } = sockets.ofWorker(0)[0];
  const server = net.createServer().listen(handle);
  t.after(() => server.close());
  await once(server, 'listening');
  const inUse = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  await assert.rejects(sockets.prepare(listeners('127.0.0.1:0', inUse)), { message: /^listener "l2": its address is in use/ });
  const renamed = await sockets.prepare(listeners('127.0.0.1:0', address));
  renamed.commit();
  assert.ok(sockets.ofWorker(0).some((socket) => socket.listener === 'l2' && socket.handle === handle));
  const wider = address.replace('127.0.0.1', '');
  await assert.rejects(sockets.prepare(listeners(wider)), { message: /^listener "l1": :\d+ overlaps 127\.0\.0\.1:\d+, which stays open/ });
  sockets.close();
});
