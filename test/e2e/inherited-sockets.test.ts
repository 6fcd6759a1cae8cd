// Listeners on sockets that whoever starts the program has bound: by number, or as systemd passes them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { bindTcpHandles, bindUnixHandle, type ListeningHandle } from '../../src/net/listening-handle.js';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { startLimpet } from './limpet-process.js';
import { connectAndGet, getRequest, isRunning, workerPids } from './worker-processes.js';

const answersItself = { routes: [{ respond: { status: 200, body: '${listener.name}' } }] };

const bindTcp = (): ListeningHandle => bindTcpHandles({ kind: 'tcp', host: '127.0.0.1', port: 0 }, 1)[0] as ListeningHandle;

function portOf(handle: ListeningHandle): number {
  const name: { port?: number } = {};
  handle.getsockname?.(name);
  return name.port ?? 0;
}

async function answerOn(target: number | string): Promise<string> {
  const socket = typeof target === 'string' ? net.connect(target) : net.connect(target, '127.0.0.1');
  await within('the connection', once(socket, 'connect'));
  const client = RawClient.over(socket);
  client.send(getRequest);
  const { body } = await client.readResponse();
  client.destroy();
  return body;
}

suite('inherited sockets', { timeout: 180_000 }, () => {
  for (const workers of [1, 2]) {
    test(`by number, with ${workers} of a process: served, kept while workers die, and handed on by an upgrade`, async () => {
      const tcp = bindTcp();
      const folder = await mkdtemp(join(tmpdir(), 'inherited-'));
      const path = join(folder, 'web.sock');
      const unix = bindUnixHandle(path, { mode: null, owner: null });
      const listeners = { web: { address: 'fd:3', ...answersItself }, local: { address: 'fd:4', ...answersItself } };
      const limpet = await startLimpet({ workers, listeners }, [], { inherited: [tcp.fd, unix.fd] });
      const port = portOf(tcp);
      try {
        assert.equal(limpet.port(), port);
        assert.equal(await answerOn(port), 'web');
        assert.equal(await answerOn(path), 'local');
        for (const pid of workerPids(limpet)) process.kill(pid, 'SIGKILL');
        assert.equal(await answerOn(port), 'web');
        process.kill(limpet.pid, 'SIGUSR2');
        await waitFor('the new process', () => limpet.currentPid() !== limpet.pid, 30_000);
        await waitFor('the old one to end', () => !isRunning(limpet.pid), 30_000);
        assert.equal(await answerOn(port), 'web');
        assert.equal(await answerOn(path), 'local');
        await limpet.stop();
        assert.ok(existsSync(path));
      } finally {
        await limpet.kill();
        tcp.close();
        unix.close();
        await rm(folder, { recursive: true, force: true });
      }
    });

    test(`as systemd passes them, with ${workers} of a process, several of one name among them`, async () => {
      const bound = [bindTcp(), bindTcp(), bindTcp()];
      const listeners = { web: { address: 'systemd:web', ...answersItself }, other: { address: 'systemd:other.socket', ...answersItself } };
      const limpet = await startLimpet({ workers, listeners }, [], {
        inherited: bound.map(({ fd }) => fd),
        systemdNames: ['web', 'other.socket', 'web'],
      });
      try {
        const [first, second, third] = bound.map(portOf) as [number, number, number];
        assert.deepEqual([await answerOn(first), await answerOn(second), await answerOn(third)], ['web', 'other', 'web']);
        await limpet.stop();
      } finally {
        await limpet.kill();
        for (const handle of bound) handle.close();
      }
    });
  }

  const web = (address: string) => ({ listeners: { web: { address, ...answersItself } } });

  test('a number under which there is no socket is told in one line', async () => {
    await assert.rejects(startLimpet(web('fd:77')), {
      message:
        /^Limpet ended with 1 before it was ready:\n\S+ error listener "web": descriptor 77 is no listening socket \(\w+\); [^\n]+\n$/,
    });
  });

  test('a name that systemd has not passed is told in one line, with those that it has', async () => {
    await assert.rejects(startLimpet(web('systemd:web')), {
      message: /^[^\n]+\n\S+ error listener "web": systemd has passed no socket named "web"; it has passed none\n$/,
    });
    const other = bindTcp();
    await assert.rejects(startLimpet(web('systemd:web'), [], { inherited: [other.fd], systemdNames: ['other'] }), {
      message: /^[^\n]+\n\S+ error listener "web": systemd has passed no socket named "web"; it has passed "other"\n$/,
    });
    other.close();
  });

  test('an address that the system knows is shown to Values and clients as any other', async () => {
    const tcp = bindTcp();
    const limpet = await startLimpet(web('fd:3'), [], { inherited: [tcp.fd] });
    try {
      assert.match(limpet.output().join('\n'), new RegExp(` listening name=web address=127\\.0\\.0\\.1:${portOf(tcp)}$`, 'm'));
      (await connectAndGet(limpet.port())).destroy();
      await limpet.stop();
    } finally {
      await limpet.kill();
      tcp.close();
    }
  });
});
