// The report marks what its figures cannot say, and refused samples never become figures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELLS } from '../../bench/cells.js';
import { withReport } from '../../bench/publish.js';
import { configurationsReport, markdownReport } from '../../bench/report.js';
import type { RunResult, Sample } from '../../bench/results.js';

test('figures are medians with their range, and ratios are to nginx', () => {
  const report = markdownReport(
    run(
      sample({ peer: 'limpet', round: 1, userUs: 5, systemUs: 10 }),
      sample({ peer: 'nginx', round: 1, userUs: 4, systemUs: 6 }),
      sample({ peer: 'limpet', round: 2, userUs: 6, systemUs: 12 }),
      sample({ peer: 'nginx', round: 2, userUs: 4, systemUs: 8 }),
    ),
  );
  assert.match(report, /^\| HTTP, 100 B \| 16\.5 \(15\.0–18\.0\) \| 11\.0 \(10\.0–12\.0\) \|$/m);
  assert.match(report, /^\| HTTP, 100 B \| 1\.50 \| 1 \|$/m);
});

test('a cell in which something waited, or others worked, is marked', () => {
  const report = markdownReport(run(sample({ pace: 'neither', foreignShare: 0.2, perSecond: 1000 })));
  assert.match(report, /^\| HTTP, 100 B \| 10\.0 ‡~ \| – \|$/m);
  assert.match(report, /\| ≥ 1,000 \|/);
});

test('a refused sample gives no figure and its reason stands in the report', () => {
  const report = markdownReport(run(sample({ refused: '7 errors under load, 9 answers' })));
  assert.match(report, /^\| HTTP, 100 B \| \*refused\*: 7 errors under load, 9 answers \| – \|$/m);
  assert.match(report, /limpet, http-100b, round 1: refused, 7 errors under load, 9 answers/);
});

test('the report says which generator made the load of which cell', () => {
  assert.match(markdownReport(run(sample({ generator: 'h2load' }))), /^\* Load by h2load: http-100b$/m);
});

test('a report replaces what stood between the markers and nothing else', () => {
  const begin = '<!-- measured: written by `npm run bench -- --publish`, do not edit -->';
  const end = '<!-- end of what was measured -->';
  const page = withReport(`before\n${begin}\nold\n${end}\nafter\n`, 'new');
  assert.equal(page, `before\n${begin}\n\nnew\n${end}\nafter\n`);
  assert.equal(withReport(page, 'new'), page);
  assert.throws(() => withReport('no markers', 'new'), /needs the two lines/);
});

function run(...samples: Sample[]): RunResult {
  return {
    startedAt: '2026-01-31T12:00:00.000Z',
    command: 'npm run bench --',
    repeat: 2,
    durationSeconds: 5,
    warmupSeconds: 2,
    machine: { processor: 'test', processors: 2, kernel: '6.0' },
    versions: {},
    cells: CELLS.filter((cell) => cell.name === 'http-100b'),
    peers: [
      { name: 'limpet', version: '1' },
      { name: 'nginx', version: '2' },
    ],
    skipped: [],
    configs: [],
    samples,
  };
}

function sample(changes: Partial<Sample>): Sample {
  return {
    cell: 'http-100b',
    peer: 'limpet',
    round: 1,
    generator: 'wrk',
    completed: 1000,
    errors: 0,
    perSecond: 100,
    userUs: 4,
    systemUs: 6,
    p50Ms: 1,
    p90Ms: 1,
    p99Ms: 1,
    p999Ms: 1,
    restBytes: 2 ** 19,
    residentBytes: 2 ** 20,
    proxyShare: 1,
    loadShare: 0.5,
    foreignShare: 0,
    pace: 'proxy',
    ...changes,
  };
}

test('a configuration that differs in ports and file names only stands once, with all its cells', () => {
  const config = (peer: string, cell: string, text: string) => ({
    peer,
    cell,
    command: `${peer} -c /tmp/limpet-bench-aB1/${cell}.conf`,
    text,
  });
  const report = configurationsReport({
    ...run(),
    configs: [
      config('nginx', 'http-100b', 'listen 40001;'),
      config('nginx', 'http-10kb', 'listen 40007;'),
      config('nginx', 'tls-100b', 'listen 40007 ssl;'),
      config('caddy', 'http-100b', 'listen 40001;'),
    ],
  });
  const summaries = [...report.matchAll(/<summary>(.*)<\/summary>/g)].map(([, summary]) => summary);
  assert.deepEqual(summaries, ['nginx: http-100b, http-10kb', 'nginx: tls-100b', 'caddy: http-100b']);
});
