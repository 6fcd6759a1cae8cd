// What is decided about a connection before anything of its protocol is read: whether it is taken, and in tcp mode which way
// it goes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';
import { withOrigin } from './origin.js';
import { ok, type Stage, withWorker } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'limpet-connections-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const certificate = await certificateFiles(folder, await certificateFor('ec', 'a.test'));

const tls = { certificates: [certificate] };
const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

/** The listener in front of two servers, which say their names. */
function withListener(listener: Record<string, unknown>, action: (stage: Stage) => Promise<void>): Promise<void> {
  return withOrigin({ onRequest: ({ connection }) => connection.end(ok('one')) }, (one) =>
    withOrigin({ onRequest: ({ connection }) => connection.end(ok('two')) }, (two) =>
      withWorker(
        {
          listeners: { web: { address: '127.0.0.1:0', ...listener } },
          upstreams: { one: { servers: [one.address] }, two: { servers: [two.address] } },
        },
        action,
      ),
    ),
  );
}

async function answerTo(client: RawClient, preamble = ''): Promise<string> {
  client.send(preamble + get);
  return (await client.untilEnd()).split('\r\n\r\n')[1] ?? '';
}

async function overTls(stage: Stage, servername: string): Promise<string> {
  const socket = connectTls({ port: stage.port(), host: '127.0.0.1', rejectUnauthorized: false, servername });
  try {
    return await answerTo(RawClient.over(socket));
  } finally {
    socket.destroy();
  }
}

const deniedLines = (stage: Stage) => stage.lines.filter(({ fields }) => fields['code'] === 'denied').length;

for (const [what, more] of [
  ['plain', {}],
  ['before TLS', { tls }],
] as const) {
  test(`a connection that a rule denies is closed without a word: ${what}`, () =>
    withListener({ upstream: 'one', connectionRules: [{ when: { client: ['127.0.0.0/8'] }, deny: true }], ...more }, async (stage) => {
      const client = await stage.connect();
      client.send(get);
      assert.equal(await client.untilEnd(), '');
      await waitFor('a line about it', () => deniedLines(stage) === 1);
    }));
}

test('the first rule that holds decides', () =>
  withListener({ upstream: 'one', connectionRules: [{ when: { client: ['127.0.0.1'] }, accept: true }, { deny: true }] }, async (stage) =>
    assert.equal(await answerTo(await stage.connect()), 'one'),
  ));

test('behind the PROXY protocol the client is who it names', () =>
  withListener(
    {
      upstream: 'one',
      proxyProtocol: { from: ['127.0.0.1'] },
      connectionRules: [{ when: { client: ['192.0.2.0/24'], test: [{ value: '${listener.port}', is: '443' }] }, deny: true }],
    },
    async (stage) => {
      const ask = async (header: string) => answerTo(await stage.connect(), header);
      assert.equal(await ask('PROXY TCP4 192.0.2.1 192.0.2.9 1000 443\r\n'), '');
      assert.equal(await ask('PROXY TCP4 192.0.2.1 192.0.2.9 1000 80\r\n'), 'one');
      assert.equal(await ask('PROXY TCP4 198.51.100.1 192.0.2.9 1000 443\r\n'), 'one');
      assert.equal(deniedLines(stage), 1);
    },
  ));

test('a denied client behind the PROXY protocol gets no handshake', () =>
  withListener(
    {
      upstream: 'one',
      tls,
      proxyProtocol: { from: ['127.0.0.1'] },
      connectionRules: [{ when: { client: ['192.0.2.1'] }, deny: true }],
    },
    async (stage) => {
      const client = await stage.connect();
      client.send(Buffer.concat([Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.9 1 443\r\n'), Buffer.from([0x16, 3, 1, 0, 1, 1])]));
      assert.equal(await client.untilEnd(), '');
      await waitFor('a line about it', () => deniedLines(stage) === 1);
    },
  ));

test('in tcp mode the server name leads to an upstream', () =>
  withListener(
    {
      mode: 'tcp',
      tls,
      routes: [
        { match: { test: [{ value: '${tls.serverName}', is: 'two.test' }] }, upstream: 'two' },
        { match: { test: [{ value: '${tls.serverName}', is: 'none.test' }] }, deny: true },
        { match: { tls: true, client: ['127.0.0.1'] }, upstream: 'one' },
      ],
    },
    async (stage) => {
      assert.equal(await overTls(stage, 'one.test'), 'one');
      assert.equal(await overTls(stage, 'two.test'), 'two');
      assert.equal(await overTls(stage, 'none.test').catch(() => 'reset'), '');
      const upstreams = (await stage.logged(3)).map((line) => [line['upstream'] ?? '', line['fault'] ?? '']);
      assert.deepEqual(upstreams, [
        ['one', ''],
        ['two', ''],
        ['', 'denied'],
      ]);
    },
  ));

test('in tcp mode a connection that no route takes is closed', () =>
  withListener({ mode: 'tcp', routes: [{ match: { client: ['192.0.2.1'] }, upstream: 'one' }] }, async (stage) => {
    // The reset may come before the client knows that it is connected.
    const client = await stage.connect().catch(() => null);
    await client?.untilEnd();
    assert.equal(await stage.faultOf(1), 'no-route');
  }));
