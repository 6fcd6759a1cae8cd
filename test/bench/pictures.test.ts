// The pictures of a published run stand by themselves in both colour schemes, and show nothing that was refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELLS } from '../../bench/cells.js';
import { picturesOf } from '../../bench/pictures.js';
import { ratioChart } from '../../bench/ratio-chart.js';
import type { RunResult } from '../../bench/results.js';

test('twice as much lies as far from the reference as half as much', () => {
  const rows = [0.5, 1, 2].map((ratio) => ({ label: `${ratio}`, dots: [{ name: 'limpet', ratio: sure(ratio), isOurs: true }] }));
  const chart = ratioChart('title', 'nginx', rows);
  // The first circle is the legend's.
  const [half, one, two] = [...chart.matchAll(/<circle cx="([\d.]+)"/g)].slice(1).map(([, x]) => Number(x));
  assert.ok(half < one && one < two);
  assert.ok(Math.abs(one - half - (two - one)) < 0.2, `${half}, ${one}, ${two}`);
});

test('the scale holds every ratio and its interval', () => {
  const wide = { median: 3, lowest: 0.3, highest: 20 };
  const chart = ratioChart('title', 'nginx', [{ label: 'a', dots: [{ name: 'limpet', ratio: wide, isOurs: true }] }]);
  const [, from, to] = /<path d="M([\d.]+) [\d.]+H([\d.]+)"/.exec(chart) as RegExpExecArray;
  assert.ok(Number(from) >= 430 && Number(to) <= 780, `${from} to ${to}`);
  assert.throws(() => ratioChart('title', 'nginx', []), /at least one ratio/);
});

test('each picture is a file of its own that follows the colour scheme', () => {
  const pictures = picturesOf(run({ 'http-100b': [15, 12], 'connections-1000': [30, 20], 'tls-100b': ['refused', 12] }));
  assert.deepEqual(
    pictures.map(({ file }) => file),
    ['ratios.svg', 'growth-connections.svg'],
  );
  for (const { svg } of pictures) {
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="-12 -12 \d+ \d+"/);
    assert.match(svg, /<style>[^<]*prefers-color-scheme: dark[^<]*<\/style><rect class="page"/);
  }
  assert.match(pictures[0].svg, /HTTP, 100 B</);
  assert.doesNotMatch(pictures[0].svg, /TLS/);
});

test('a run without the reference has no picture of ratios', () => {
  assert.deepEqual(picturesOf(run({ 'http-100b': [15, 'refused'] })), []);
});

function sure(value: number): { median: number; lowest: number; highest: number } {
  return { median: value, lowest: value, highest: value };
}

/** CPU of Limpet and nginx in each cell. */
function run(figures: Readonly<Record<string, readonly [number | 'refused', number | 'refused']>>): RunResult {
  const samples = Object.entries(figures).flatMap(([cell, values]) =>
    values.map((userUs, index) => ({
      cell,
      peer: index === 0 ? 'limpet' : 'nginx',
      round: 1,
      systemUs: 0,
      ...(userUs === 'refused' ? { userUs: 0, refused: 'for a reason' } : { userUs }),
    })),
  );
  const peers = ['limpet', 'nginx'].map((name) => ({ name, version: '1' }));
  return { cells: CELLS.filter(({ name }) => name in figures), peers, samples } as unknown as RunResult;
}
