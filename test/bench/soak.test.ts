// A soak finds a proxy that leaks sockets, mixes bytes up or fails requests, and passes one that only moves bytes.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Certificates, writeCertificates } from '../../bench/certificate.js';
import { isInstalled } from '../../bench/load.js';
import type { Peer } from '../../bench/peers/peer.js';
import { soak } from '../../bench/soak/soak.js';
import type { SoakOfPeer } from '../../bench/soak/soak-results.js';

const canMeasure = process.platform === 'linux' && availableParallelism() > 1 && isInstalled('taskset');
const skip = canMeasure ? false : 'needs Linux, two processors and taskset (apt install util-linux)';
const folder = mkdtempSync(join(tmpdir(), 'limpet-soak-test-'));
let certificates: Certificates;

/** Relays bytes; `upset` is code that may do something to the `count`-th connection's `client` and `server`. */
const RELAY = `
const { connect, createServer } = require('node:net');
const [port, serverPort, upset] = process.argv.slice(1);
const upsetThem = new Function('count', 'client', 'server', upset);
let count = 0;
createServer({ allowHalfOpen: true }, (client) => {
  const server = connect({ port: Number(serverPort), host: '127.0.0.1', allowHalfOpen: true });
  for (const [from, to] of [[client, server], [server, client]]) from.on('error', () => {});
  if (upsetThem(++count, client, server)) return;
  for (const [from, to] of [[client, server], [server, client]]) from.pipe(to).on('close', () => from.destroy());
}).listen(Number(port), '127.0.0.1', 1000);
`;

before(async () => {
  certificates = await writeCertificates(folder);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('a relay that closes what has ended passes, and everything was done', { skip }, async () => {
  const passed = await soakOf('');
  assert.deepEqual(passed.faults, []);
  assert.equal(passed.descriptorsAfterwards, passed.descriptorsAtRest);
  const behaviours = ['request', 'websocket', 'slow reader', 'abort in head', 'abort in body', 'abort in answer'];
  for (const behaviour of behaviours) assert.ok(passed.done[behaviour] > 0, behaviour);
  assert.ok(passed.records.length >= 2 && passed.records.every((record) => record.residentBytes > 0 && record.descriptors > 0));
});

test('a relay that keeps the server’s socket when the client goes is found', { skip }, async () => {
  const leaking = await soakOf('client.pipe(server, { end: false }); server.pipe(client); return true');
  assert.match(leaking.faults.join('\n'), /^\d+ descriptors more than before are open/m);
});

test('a relay that changes a byte now and then is found', { skip }, async () => {
  const upset = 'server.prependListener("data", (bytes) => { if (Math.random() < 0.01) bytes[bytes.length - 1] ^= 1; })';
  assert.match((await soakOf(upset)).faults.join('\n'), /wrong bytes|chunk/);
});

test('a relay that cuts some answers is found', { skip }, async () => {
  const upset = 'if (count % 5 === 0) server.once("data", () => client.destroy())';
  assert.match((await soakOf(upset)).faults.join('\n'), /: cut/);
});

test('a program that does not start is an error with its last words', { skip }, async () => {
  await assert.rejects(soakOf('', ['no-such-proxy']), /ended with \d+ before it listened: .*no-such-proxy/);
});

let count = 0;

async function soakOf(upset: string, command?: readonly string[]): Promise<SoakOfPeer> {
  const peer: Peer = {
    name: 'relay',
    install: '',
    version: () => '1',
    cannot: () => undefined,
    launch: ({ port, servers, folder: own, node }) => ({
      command: command ?? [node, '-e', RELAY, String(port), String(servers[0].port), upset],
      configText: '',
      configPath: join(own, 'config'),
      logsToStdout: false,
    }),
  };
  const own = join(folder, String(++count));
  mkdirSync(own);
  const plan = {
    folder: own,
    node: process.execPath,
    certificate: certificates.ecdsa,
    durationSeconds: 4,
    unpacedSeconds: 1,
    recordEverySeconds: 1,
    closingSeconds: 3,
    isSticky: false,
  };
  return soak(
    plan,
    peer,
    () => {},
    () => {},
  );
}
