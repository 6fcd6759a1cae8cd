// What h2load prints becomes figures, and what it does not say is an error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h2loadCommand, h2loadResult } from '../../bench/h2load.js';

const OUTPUT = `finished in 2.00s, 400.00 req/s, 453.52KB/s
requests: 800 total, 808 started, 800 done, 797 succeeded, 3 failed, 1 errored, 2 timeout
status codes: 797 2xx, 0 3xx, 1 4xx, 2 5xx
traffic: 907.03KB (928800) total, 85.94KB (88000) headers (space savings 0.00%), 781.25KB (800000) data
`;

test('counts, bytes, errors and percentiles are read', () => {
  const log = Array.from({ length: 1000 }, (_, index) => `17958\t200\t${1000 - index}`).join('\n');
  assert.deepEqual(h2loadResult(OUTPUT, `${log}\n`), {
    completed: 800,
    bytes: 928_800,
    errors: 6,
    durationMs: 2000,
    p50Ms: 0.501,
    p90Ms: 0.901,
    p99Ms: 0.991,
    p999Ms: 1,
  });
  assert.equal(h2loadResult(OUTPUT.replace('2.00s', '950.5ms'), log).durationMs, 950.5);
});

test('output without a result is an error that shows it', () => {
  assert.throws(() => h2loadResult('could not connect', ''), /h2load gave no result: could not connect/);
});

test('a rate is that of all connections together, and an upload is a file', () => {
  const common = { url: 'http://127.0.0.1:1/', connections: 8, seconds: 2, requestsAtOnce: 1, fields: [], logPath: 'log' };
  assert.ok(h2loadCommand({ ...common, perSecond: 100 }).includes('--rps=12.5'));
  const command = h2loadCommand({ ...common, bodyPath: 'body', fields: [['Cookie', 'a=b']] });
  assert.deepEqual(command.slice(-5), ['-d', 'body', '-H', 'Cookie: a=b', common.url]);
  assert.ok(command.includes('--h1') && !command.some((each) => each.startsWith('--rps')));
});
