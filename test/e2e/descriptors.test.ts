// File descriptors running out: the built program under a limit of 256 stays below it, closes its oldest idle
// connections first, then refuses politely; it neither dies nor spins, and afterwards serves as before.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor, within } from '../fixtures/wait-for.js';
import { type Origin, type OriginOptions, withOrigin } from '../proxy/origin.js';
import { get, ok } from '../proxy/stage.js';

const limit = 256;

class LimitedLimpet {
  text = '';
  private readonly folder = mkdtempSync(join(tmpdir(), 'limpet-descriptors-'));
  private readonly child: ChildProcess;

  constructor(config: unknown) {
    const file = join(this.folder, 'proxy.config.json');
    writeFileSync(file, JSON.stringify(config));
    // Node raises its soft limit to the hard one: both are set.
    this.child = spawn('sh', ['-c', `ulimit -n ${limit} && exec "$0" "$@"`, process.execPath, program(), 'run', file], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, LIMPET_TEST_COUNTERS: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => void (this.text += text));
  }

  async ready(): Promise<void> {
    await waitFor('Limpet to be ready', () => / ready\b/i.test(this.text) || this.child.exitCode !== null);
    assert.equal(this.child.exitCode, null, this.text);
  }

  get port(): number {
    return Number(/listening name=web address=\S*:(\d+)/i.exec(this.text)![1]);
  }

  get descriptors(): number {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  /** Processor time so far, user and system. */
  get cpuMs(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<void> {
    assert.ok(this.isAlive, this.text);
    this.child.kill('SIGTERM');
    const [code] = await within('Limpet to end', once(this.child, 'close'), 15_000);
    assert.equal(code, 0, this.text);
    const counters = JSON.parse(/^counters (\{.*\})$/m.exec(this.text)![1]!) as Record<string, number>;
    assert.ok(
      Object.values(counters).every((value) => value === 0),
      JSON.stringify(counters),
    );
    assert.doesNotMatch(this.text, /code=internal/);
  }

  kill(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function program(): string {
  if (process.env['LIMPET_PROGRAM'] !== undefined) return process.env['LIMPET_PROGRAM'];
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'dist/src/cli/main.js');
}

function withLimited(options: OriginOptions, action: (limpet: LimitedLimpet, origin: Origin) => Promise<void>): Promise<void> {
  return withOrigin(options, async (origin) => {
    const limpet = new LimitedLimpet({
      accessLog: 'off',
      shutdownTimeout: '2s',
      listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }] } },
      // Two servers, or passive health would never take one out: that it does not is part of what is shown.
      upstreams: {
        app: { servers: [origin.address, { name: 'never', address: origin.address.replace('127.0.0.1', '127.0.0.2'), backup: true }] },
      },
    });
    try {
      await limpet.ready();
      await action(limpet, origin);
      await limpet.stop();
    } finally {
      limpet.kill();
    }
  });
}

/** Nothing but waiting: the processor time that it takes must be a small part of the time that passes. */
async function assertQuiet(limpet: LimitedLimpet): Promise<void> {
  const before = limpet.cpuMs;
  await delay(1_000);
  const spent = limpet.cpuMs - before;
  assert.ok(spent < 300, `${spent} ms of processor time in a second of waiting`);
}

async function assertServes(limpet: LimitedLimpet): Promise<void> {
  const client = await RawClient.connect(limpet.port);
  client.send(get('/', 'Connection: close\r\n'));
  assert.equal((await client.readResponse()).status, 200);
  client.destroy();
}

const answerOk = { onRequest: ({ connection }: Origin['requests'][number]) => void connection.write(ok('served')) };

test('idle clients are closed oldest first, and nobody is refused', { timeout: 60_000 }, () =>
  withLimited(answerOk, async (limpet) => {
    const clients: RawClient[] = [];
    let most = 0;
    for (let index = 0; index < 500; index++) {
      const client = await RawClient.connect(limpet.port);
      client.send(get('/'));
      assert.equal((await client.readResponse()).status, 200);
      clients.push(client);
      most = Math.max(most, limpet.descriptors);
    }
    assert.ok(most < limit, `${most} descriptors`);
    await waitFor('the oldest to be closed', () => clients.slice(0, 300).every(({ hasEnded }) => hasEnded));
    const firstOpen = clients.findIndex(({ hasEnded }) => !hasEnded);
    assert.ok(
      clients.slice(firstOpen).every(({ hasEnded }) => !hasEnded),
      'one was closed before an older one',
    );
    assert.ok(clients.length - firstOpen >= 100, `only ${clients.length - firstOpen} were kept`);
    await assertQuiet(limpet);
    clients.at(-1)!.send(get('/'));
    assert.equal((await clients.at(-1)!.readResponse()).status, 200);
    for (const client of clients) client.destroy();
    await assertServes(limpet);
  }),
);

test('busy clients are kept, those that are too many refused with 503, and all is well afterwards', { timeout: 60_000 }, () =>
  withLimited(
    {
      onRequest: ({ connection, target }) => {
        if (target !== '/wait') connection.write(ok('served'));
      },
    },
    async (limpet, origin) => {
      const outcomes: (number | 'closed')[] = [];
      const clients: RawClient[] = [];
      const waiting = (): number => origin.requests.filter(({ target }) => target === '/wait').length;
      let most = 0;
      for (let index = 0; index < 400; index++) {
        const client = await RawClient.connect(limpet.port);
        client.send(get('/wait'));
        clients.push(client);
        const outcome = client.readResponse().then(
          ({ status }) => status,
          () => 'closed' as const,
        );
        void outcome.then((settled) => {
          outcomes.push(settled);
          if (settled === 503) client.destroy();
        });
        await waitFor('it to be served or refused', () => outcomes.length + waiting() === clients.length);
        if (index % 10 === 0) most = Math.max(most, limpet.descriptors);
      }
      assert.ok(most < limit, `${most} descriptors`);
      assert.ok(waiting() >= 80, `only ${waiting()} are served`);
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== 503),
        [],
      );
      await assertQuiet(limpet);
      for (const { connection, target } of origin.requests) if (target === '/wait') connection.write(ok('served'));
      await waitFor('the others to be answered', () => outcomes.filter((outcome) => outcome === 200).length === waiting());
      for (const client of clients) client.destroy();
      await assertServes(limpet);
    },
  ),
);

test('a storm that comes all at once is survived', { timeout: 60_000 }, () =>
  withLimited(answerOk, async (limpet) => {
    const before = limpet.cpuMs;
    for (let round = 0; round < 5; round++) {
      const results = await Promise.allSettled(
        Array.from({ length: 500 }, async () => {
          const client = await RawClient.connect(limpet.port);
          client.send(get('/'));
          const { status } = await client.readResponse().finally(() => client.destroy());
          return status;
        }),
      );
      assert.ok(limpet.isAlive, limpet.text);
      assert.ok(limpet.descriptors < limit);
      const statuses = results.map((result) => (result.status === 'fulfilled' ? result.value : 0));
      assert.ok(
        statuses.every((status) => status === 200 || status === 503 || status === 0),
        String(statuses),
      );
      assert.ok(statuses.includes(200));
    }
    const spent = limpet.cpuMs - before;
    assert.ok(spent < 10_000, `${spent} ms of processor time for 2,500 connections`);
    await waitFor('room', async () => (await RawClient.connect(limpet.port)).error === null);
    await assertServes(limpet);
  }),
);
