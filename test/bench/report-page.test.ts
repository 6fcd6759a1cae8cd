// The page needs nothing from elsewhere, and what is in a name or a configuration cannot become markup.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barChart } from '../../bench/bar-chart.js';
import { CELLS } from '../../bench/cells.js';
import { reportPage } from '../../bench/report-page.js';
import type { RunResult } from '../../bench/results.js';

test('a bar is as long as its value, and the whole range fits', () => {
  const chart = barChart('HTTP', 'µs', [
    { label: 'one', value: { median: 10, lowest: 5, highest: 20 }, isOurs: true, marks: '' },
    { label: 'two', value: { median: 20, lowest: 20, highest: 20 }, isOurs: false, marks: '†' },
  ]);
  assert.match(chart, /class="ours" x="170" y="5" width="200\.0"/);
  assert.match(chart, /class="bar" x="170" y="29" width="400\.0"/);
  assert.equal(chart.match(/class="range"/g)?.length, 1);
  assert.match(chart, />20\.0†</);
});

test('the page stands alone, follows the colour scheme and escapes what it shows', () => {
  const page = reportPage({
    startedAt: '2026-01-31T12:00:00.000Z',
    command: 'npm run bench --',
    repeat: 1,
    durationSeconds: 1,
    warmupSeconds: 1,
    machine: { processor: 'test', processors: 2, kernel: '6.0' },
    versions: {},
    cells: CELLS.slice(0, 1),
    peers: [],
    skipped: [{ peer: 'h2o', reason: 'not installed: apt install h2o' }],
    configs: [{ peer: 'nginx', cell: 'http-100b', command: 'nginx', text: '<script>' }],
    samples: [],
  } satisfies RunResult);
  assert.match(page, /prefers-color-scheme: dark/);
  assert.match(page, /h2o: skipped, not installed: apt install h2o/);
  assert.match(page, /No peer has a figure here/);
  assert.ok(page.includes('&lt;script>') && !page.includes('<script'));
  assert.doesNotMatch(page, /(?:src|href)=|@import|url\(/);
});
