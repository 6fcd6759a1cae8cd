// What goes wrong while a proxy is measured becomes a refused sample with its reason, never a figure and never a crash.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CELLS, type Cell } from '../../bench/cells.js';
import { writeCertificates } from '../../bench/certificate.js';
import { isInstalled, LoadGenerator } from '../../bench/load.js';
import type { Peer } from '../../bench/peers/peer.js';
import { keepInstalled } from '../../bench/peers.js';
import type { PeerFacts, Sample, Skipped } from '../../bench/results.js';
import { RunningProxies } from '../../bench/running-proxy.js';
import { type Bench, LOAD_CPU, paceOf, takeSample } from '../../bench/sample.js';
import { Upstreams } from '../../bench/upstream.js';

const canMeasure = process.platform === 'linux' && availableParallelism() > 1 && isInstalled('taskset') && isInstalled('nginx', '-v');
const skip = canMeasure ? false : 'needs Linux, two processors, taskset and nginx (apt install util-linux nginx)';
const folder = mkdtempSync(join(tmpdir(), 'limpet-bench-test-'));
const upstreams = new Upstreams();
const cell = CELLS.find((each) => each.name === 'bare-100b') as Cell;
let bench: Bench;

/** Relays to the first server; `upset` is code that may do something else with the `request`-th one of a run. */
const RELAY = `
const { createServer, request: ask } = require('node:http');
const [port, serverPort, upset] = process.argv.slice(1);
let count = 0;
createServer((request, response) => {
  if (new Function('count', 'request', 'response', upset)(++count, request, response)) return;
  ask({ port: serverPort, host: '127.0.0.1', path: request.url }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  }).end();
}).listen(port, '127.0.0.1');
`;

before(async () => {
  if (skip !== false) return;
  await upstreams.start(folder, LOAD_CPU, { node: process.execPath, sizes: [cell.bytes] });
  const generator = new LoadGenerator('autocannon', LOAD_CPU, folder, process.execPath, undefined);
  const certificates = await writeCertificates(folder);
  bench = { folder, node: process.execPath, upstreams, generator, certificates, warmupSeconds: 1, durationSeconds: 1 };
});

after(async () => {
  await upstreams.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a proxy that does its work gives figures', { skip }, async () => {
  const sample = await sampleOf('');
  assert.equal(sample.refused, undefined);
  assert.ok(sample.completed > 0 && sample.userUs > 0 && sample.residentBytes > 0 && sample.restBytes > 0);
});

test('a proxy that drops requests under load is refused', { skip }, async () => {
  const sample = await sampleOf('if (count > 5 && count % 10 === 0) return request.socket.destroy()');
  assert.match(sample.refused ?? '', /\d+ errors under load, \d+ answers|nothing was answered/);
  assert.equal(sample.completed, 0);
});

test('a proxy whose server is stuck under load is refused', { skip }, async () => {
  assert.match((await sampleOf('return count > 1')).refused ?? '', /nothing was answered under load/);
});

test('a load that fails is refused, and nothing is watched any more', { skip }, async () => {
  const { generator } = bench;
  const failing = Object.assign(Object.create(generator) as LoadGenerator, {
    run: async () => {
      // The warm-up goes well.
      failing.run = () => Promise.reject(new Error('the load generator ended with 1'));
      return generator.run({ cell, port: upstreams.serversFor(cell)[0].port }, 0.1);
    },
  });
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const timersBefore = timers();
  assert.equal((await sampleOf('', undefined, undefined, failing)).refused, 'the load generator ended with 1');
  assert.equal(timers(), timersBefore);
});

test('a proxy that answers wrongly is refused before it is loaded', { skip }, async () => {
  assert.match((await sampleOf('return response.end("no")')).refused ?? '', /answers 2 bytes instead of 100/);
});

test('a program that is not there, or ends at once, is refused with its last words', { skip }, async () => {
  assert.match((await sampleOf('', ['no-such-proxy'])).refused ?? '', /ended with \d+ before it listened: .*no-such-proxy/);
});

test('a reload that does not take place is refused', { skip }, async () => {
  const reloading = { ...cell, connections: 4, reloads: true };
  const upset = "if (count === 1) process.on('SIGHUP', () => {});";
  assert.match((await sampleOf(upset, undefined, reloading)).refused ?? '', /the reload did not take place/);
});

test('a reload that takes place gives figures', { skip }, async () => {
  // The signal goes to a process of which the handler is set in the first request.
  const upset = `
    if (count === 1) process.on('SIGHUP', () => (global.hasReloaded = true));
    if (request.url === '/other/0') return response.writeHead(global.hasReloaded ? 204 : 404).end() || true;`;
  const sample = await sampleOf(upset, undefined, { ...cell, connections: 4, reloads: true });
  assert.equal(sample.refused, undefined);
});

test('where the load was the bottleneck there is no figure, unless the cell has a pace of its own', () => {
  assert.equal(paceOf(cell, 1000, 0.95, 0.95), 'proxy');
  assert.equal(paceOf(cell, 1000, 0.5, 0.5), 'neither');
  assert.throws(() => paceOf(cell, 1000, 0.5, 0.97), /the load was the bottleneck: load generator and servers 97 % busy, the proxy 50 %/);
  assert.equal(paceOf(cell, 1000, 0.95, undefined), 'proxy');
  assert.throws(
    () => paceOf(cell, 1000, 0.85, undefined),
    /the load was the bottleneck: load generator and servers never asleep, the proxy 85 %/,
  );
  assert.equal(paceOf({ ...cell, ratePerSecond: 1000 }, 960, 0.3, 0.97), 'cell');
  assert.throws(() => paceOf({ ...cell, ratePerSecond: 1000 }, 940, 0.3, 0.97), /only 940 of 1000 a second/);
  assert.equal(paceOf({ ...cell, ratePerSecond: 1000 }, 940, 0.93, 0.5), 'proxy');
  assert.equal(paceOf({ ...cell, load: 'idle' }, 10, 0.1, 0.95), 'cell');
});

test('a peer that is not installed is named with its install line, and the others go on', () => {
  const run = { peers: [] as PeerFacts[], skipped: [] as Skipped[] };
  const there = { name: 'there', version: () => '1' } as Peer;
  const missing = { name: 'missing', install: 'apt install missing', version: () => undefined } as unknown as Peer;
  assert.deepEqual(keepInstalled([missing, there], run), [there]);
  assert.deepEqual(run.skipped, [{ peer: 'missing', reason: 'not installed: apt install missing' }]);
  assert.deepEqual(run.peers, [{ name: 'there', version: '1' }]);
});

let round = 0;

async function sampleOf(
  upset: string,
  command?: readonly string[],
  of: Cell = { ...cell, connections: 4 },
  generator = bench.generator,
): Promise<Sample> {
  const peer: Peer = {
    name: 'relay',
    install: '',
    version: () => '1',
    cannot: () => undefined,
    reloadSignal: 'SIGHUP',
    launch: ({ port, servers, folder: own, node }) => ({
      command: command ?? [node, '-e', RELAY, String(port), String(servers[0].port), upset],
      configText: '',
      configPath: join(own, 'config'),
      logsToStdout: false,
    }),
  };
  const proxies = new RunningProxies({ ...bench, generator });
  try {
    return await takeSample({ ...bench, generator }, proxies, peer, of, ++round, () => {});
  } finally {
    await proxies.stopAll();
  }
}
