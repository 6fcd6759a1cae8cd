// What a soak has recorded is judged: growth that goes on is found, waves and a warm-up are not taken for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soakPage } from '../../bench/soak/soak-page.js';
import type { SoakOfPeer, SoakRecord } from '../../bench/soak/soak-results.js';
import { answeredPerSecond, faultsOf, trendOf } from '../../bench/soak/verdict.js';

const MB = 2 ** 20;

test('memory that rises at first and then stays is flat', () => {
  const memory = (index: number) => (index < 20 ? 60 + index * 3 : 120 + (index % 4)) * MB;
  assert.deepEqual(faultsOf(soakWith({ records: records(memory) })), []);
});

test('memory that goes on rising is not, and the slope is told', () => {
  assert.deepEqual(faultsOf(soakWith({ records: records((index) => (100 + index) * MB) })), ['resident memory grows by 6.0 MB a minute']);
});

test('a wave that ends high is not growth', () => {
  const wave = (index: number) => (100 + (index > 56 ? 22 : 0)) * MB;
  const trend = trendOf(records(wave), (each) => each.residentBytes);
  assert.ok(trend?.isFlat);
  assert.ok(trend.lastOverFirst > 0);
});

test('a short soak does not judge memory', () => {
  const short = records((index) => (100 + index * 10) * MB).slice(0, 8);
  assert.deepEqual(faultsOf(soakWith({ records: short })), []);
  assert.equal(trendOf(short, (each) => each.residentBytes)?.isFlat, false);
});

test('a heap that grows under a flat resident size is found', () => {
  const growing = records(() => 200 * MB).map((each, index) => ({ ...each, heapBytes: (20 + index) * MB }));
  assert.deepEqual(faultsOf(soakWith({ records: growing })), ['the heap grows by 6.0 MB a minute']);
});

test('every error is a fault, and so are sockets that stay', () => {
  assert.deepEqual(faultsOf(soakWith({ errors: { 'request: wrong bytes': 2 }, descriptorsAfterwards: 25 })), [
    'request: wrong bytes (2 times)',
    '4 descriptors more than before are open when all clients have gone',
  ]);
  assert.deepEqual(faultsOf(soakWith({ records: [] })), ['nothing was recorded']);
});

test('what was answered in a second is counted between the first record and the last', () => {
  assert.equal(answeredPerSecond(records(() => 0)), 100);
  assert.equal(answeredPerSecond([]), 0);
});

test('the page of a soak says the verdict and draws what was recorded', () => {
  const soak = { ...soakWith({}), faults: ['resident memory grows'] };
  const page = soakPage({
    startedAt: '2026-01-31T12:00:00.000Z',
    command: 'npm run bench -- --soak',
    durationSeconds: 600,
    machine: { processor: 'test', processors: 2, kernel: '6.0' },
    versions: { Node: 'v20' },
    peers: [{ name: 'limpet', version: '1' }],
    skipped: [],
    configs: [{ peer: 'limpet', cell: 'soak', command: 'limpet', text: '<script>' }],
    soaks: [soak],
  });
  assert.match(page, /limpet: failed: resident memory grows/);
  assert.equal(page.match(/<svg/g)?.length, 4);
  assert.match(page, /<td>request<\/td><td>6,000<\/td>/);
  assert.ok(page.includes('&lt;script>') && !page.includes('<script'));
});

/** Sixty records, each ten seconds after the last, with a hundred requests a second. */
function records(memory: (index: number) => number): SoakRecord[] {
  return Array.from({ length: 60 }, (_, index) => ({
    seconds: (index + 1) * 10,
    residentBytes: memory(index),
    descriptors: 100,
    connections: 80,
    requests: (index + 1) * 1000,
    proxyShare: 0.5,
    errors: {},
  }));
}

function soakWith(changes: Partial<SoakOfPeer>): Omit<SoakOfPeer, 'faults'> {
  return {
    peer: 'limpet',
    unpacedPerSecond: 200,
    unpacedProxyShare: 1,
    perSecond: 100,
    records: records(() => 100 * MB),
    done: { request: 6000 },
    errors: {},
    descriptorsAtRest: 21,
    descriptorsAfterwards: 21,
    secondsUntilClosed: 55,
    ...changes,
  };
}
