// A config that cannot be used: every problem is told in one line, by the log and by who asked, and what runs goes on as
// if nothing had been asked.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { type ConfigData, type LimpetProcess, startLimpet } from './limpet-process.js';
import { type ChangeableConfig, changeConfig, reload, reloadedBy, replaceFile } from './reload-steps.js';
import { SteadyLoad } from './steady-load.js';
import { connectAndGet, getRequest, socketsOf, workerPids } from './worker-processes.js';

const answering = (body: string) => ({ address: '127.0.0.1:0', routes: [{ respond: { status: 200, body } }] });
const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

async function withLimpet(config: ConfigData, action: (limpet: LimpetProcess) => Promise<void>, options: string[] = []): Promise<void> {
  const limpet = await startLimpet({ listeners: { web: answering('hello') }, ...config }, ['--pid-file', 'FOLDER/limpet.pid', ...options]);
  try {
    await action(limpet);
  } finally {
    await limpet.kill();
  }
}

interface CommandEnd {
  readonly code: number;
  readonly stdout: string[];
  readonly stderr: string[];
}

/** Runs `limpet reload`. */
async function reloadCommand(pidFile: string): Promise<CommandEnd> {
  const child = spawn(process.execPath, [program, 'reload', '--pid-file', pidFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = [linesOf(child.stdout), linesOf(child.stderr)];
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout: out(), stderr: err() };
}

function linesOf(stream: NodeJS.ReadableStream): () => string[] {
  let text = '';
  stream.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return () => text.split('\n').filter((line) => line !== '');
}

const last = 'error not reloaded: what runs goes on problems=1';

for (const workers of [1, 2]) {
  suite(`with ${workers} of a process`, { timeout: 120_000 }, () => {
    test('whatever is wrong with the new config, it is told in a line and nothing changes', async (t) => {
      const taken = createServer().listen(0, '127.0.0.1');
      t.after(() => taken.close());
      await once(taken, 'listening');
      const takenPort = (taken.address() as AddressInfo).port;
      const certificate = await certificateFor('ec', 'limpet.test');
      await withLimpet({ workers }, async (limpet) => {
        const files = await certificateFiles(limpet.folder, certificate);
        await reload(limpet, ({ listeners }) => {
          listeners['secure'] = { ...answering('secure'), tls: { certificates: [files] } };
        });
        const open = await connectAndGet(limpet.port());
        const processes = [limpet.pid, ...workerPids(limpet)];
        const openSockets = (): number => processes.map(socketsOf).reduce((sum, count) => sum + count);
        const before = openSockets();
        const load = new SteadyLoad(limpet.port(), 2);
        t.after(() => load.stop());
        const isRefused = async (expected: RegExp, change: (config: ChangeableConfig) => void): Promise<void> => {
          let text = '';
          const lines = await reloadedBy(limpet, async () => {
            text = await changeConfig(limpet, change);
            process.kill(limpet.pid, 'SIGHUP');
          });
          assert.equal(lines.length, 3, lines.join('\n'));
          assert.match(lines[1]!, expected);
          assert.equal(lines[2], last);
          await replaceFile(join(limpet.folder, 'proxy.config.json'), text);
          open.send(getRequest);
          assert.equal((await open.readResponse()).body, 'hello');
        };
        const changes = (config: ChangeableConfig): void => {
          config.listeners['web'] = answering('changed');
          config.listeners['another'] = answering('another');
        };
        await isRefused(/^error \S+proxy\.config\.json:\d+:\d+: .*"upstrem"/, (config) => {
          changes(config);
          config['upstrem'] = {};
        });
        await isRefused(/^error listener "taken": its address is in use by another program/, (config) => {
          changes(config);
          config.listeners['taken'] = { ...answering('taken'), address: `127.0.0.1:${takenPort}` };
        });
        await isRefused(/^error cannot open the log .*access\.log/, (config) => {
          changes(config);
          config['accessLog'] = { to: join(files.cert, 'access.log') };
        });
        await isRefused(/^error \S+proxy\.config\.json:\d+:\d+: .*nobody-has-this-name/, (config) => {
          changes(config);
          config['user'] = 'nobody-has-this-name';
        });
        await rm(files.cert);
        await isRefused(/^error \S+proxy\.config\.json:\d+:\d+: there is no file .*site\.crt/, changes);
        await load.stop();
        assert.deepEqual(load.lost, []);
        // Of what was opened for the new configs nothing is left.
        await waitFor('the sockets to be those from before', () => openSockets() === before);
        await writeFile(files.cert, certificate.cert);
        assert.deepEqual((await reload(limpet)).slice(1), ['info reloaded: nothing has changed changes=0']);
        open.destroy();
        await limpet.stop();
      });
    });

    test('limpet reload tells what has changed, or every problem, and its exit code says which', async () => {
      await withLimpet({ workers }, async (limpet) => {
        const pidFile = join(limpet.folder, 'limpet.pid');
        assert.deepEqual(await reloadCommand(pidFile), { code: 0, stdout: ['reloaded: nothing has changed'], stderr: [] });
        await changeConfig(limpet, ({ listeners }) => {
          listeners['more'] = answering('more');
        });
        const added = ['listener added name=more address=127.0.0.1:0', 'reloaded'];
        assert.deepEqual(await reloadCommand(pidFile), { code: 0, stdout: added, stderr: [] });
        (await connectAndGet(limpet.port('more'))).destroy();
        await changeConfig(limpet, (config) => {
          config['wrokers'] = 1;
          config['drainTimeout'] = 'soon';
        });
        const refused = await reloadCommand(pidFile);
        assert.equal(refused.code, 1);
        assert.deepEqual(refused.stdout, []);
        assert.equal(refused.stderr.length, 3, refused.stderr.join('\n'));
        assert.match(refused.stderr[0]!, /proxy\.config\.json:\d+:\d+: .*drainTimeout|wrokers/);
        assert.equal(refused.stderr[2], 'not reloaded: what runs goes on');
        await limpet.stop();
        assert.ok(!existsSync(`${pidFile}.reload`));
        const gone = await reloadCommand(pidFile);
        assert.equal(gone.code, 1);
        assert.match(gone.stderr[0]!, /^limpet: no Limpet runs by the pid file/);
      });
    });

    test('a file or a certificate that changes is noticed with --watch, sound or not', async () => {
      const [first, second] = [await certificateFor('ec', 'limpet.test'), await certificateFor('ec', 'limpet.test', 'second.test')];
      const watched = async (limpet: LimpetProcess): Promise<void> => {
        const file = join(limpet.folder, 'proxy.config.json');
        const files = await certificateFiles(limpet.folder, first);
        const lines = await reloadedBy(limpet, async () => {
          await changeConfig(limpet, ({ listeners }) => {
            listeners['secure'] = { ...answering('secure'), tls: { certificates: [files] } };
          });
        });
        assert.equal(lines[0], 'info reloading reason="a file has changed"');
        assert.equal(lines.at(-1), 'info reloaded changes=1');
        let text = '';
        const refused = await reloadedBy(limpet, async () => {
          text = await changeConfig(limpet, () => {});
          await writeFile(file, '{');
        });
        assert.equal(refused.at(-1), last);
        await reloadedBy(limpet, () => replaceFile(file, text));
        // The key first: whichever of the two is noticed, what comes of it ends well.
        const swapped = async (): Promise<boolean> => limpet.output().some((line) => / certificate changed /.test(line));
        await replaceFile(files.key, second.key);
        await replaceFile(files.cert, second.cert);
        await waitFor('the certificate to be noticed', swapped, 20_000);
        await limpet.stop();
      };
      await withLimpet({ workers }, watched, ['--watch']);
    });
  });
}

test('a worker that does not answer keeps a new config from all of them', { timeout: 90_000 }, async () => {
  await withLimpet({ workers: 2 }, async (limpet) => {
    const [first] = workerPids(limpet);
    process.kill(first!, 'SIGSTOP');
    const lines = await reload(limpet, ({ listeners }) => {
      listeners['web'] = { ...listeners['web'], ...{ routes: [{ respond: { status: 200, body: 'changed' } }] } };
    });
    assert.deepEqual(lines.slice(1), ['error a worker does not answer', last]);
    process.kill(first!, 'SIGCONT');
    for (let times = 0; times < 6; times++) {
      const client = await RawClient.connect(limpet.port());
      client.send(getRequest);
      assert.equal((await client.readResponse()).body, 'hello');
      client.destroy();
    }
    assert.equal((await reload(limpet)).at(-1), 'info reloaded changes=1');
    await limpet.stop();
  });
});

test('a worker that dies while it makes itself ready keeps a new config from all of them, its replacement too', {
  timeout: 60_000,
}, async () => {
  await withLimpet({ workers: 2 }, async (limpet) => {
    const [first] = workerPids(limpet);
    process.kill(first!, 'SIGSTOP');
    const lines = await reloadedBy(limpet, async () => {
      await changeConfig(limpet, ({ listeners }) => {
        listeners['web'] = { ...listeners['web'], ...{ routes: [{ respond: { status: 200, body: 'changed' } }] } };
      });
      const begun = (): number => limpet.output().filter((line) => / reloading /.test(line)).length;
      process.kill(limpet.pid, 'SIGHUP');
      await waitFor('the reload to begin', () => begun() === 1);
      process.kill(first!, 'SIGKILL');
    });
    assert.ok(lines.includes('error worker 1 ended while it made itself ready'), lines.join('\n'));
    assert.equal(lines.at(-1), last);
    await waitFor('the replacement', () => workerPids(limpet)[0] !== first);
    for (let times = 0; times < 6; times++) {
      const client = await connectAndGet(limpet.port());
      client.send(getRequest);
      assert.equal((await client.readResponse()).body, 'hello');
      client.destroy();
    }
    await limpet.stop();
  });
});
