import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELLS } from '../../bench/cells.js';
import { comparisonTable } from '../../bench/compare.js';
import type { RunResult } from '../../bench/results.js';

test('a run is compared cell by cell, with the widest interval that the samples allow', () => {
  const table = comparisonTable(run([9, 10, 11]), run([18, 20, 22]));
  assert.match(table, /^\| HTTP, 100 B \| limpet \| 20\.0 \| 10\.0 \| 0\.50 \(0\.41–0\.61\) \|$/m);
});

test('runs that share no cell are said to share none', () => {
  assert.match(comparisonTable(run([1]), run([])), /no cell in common/);
});

function run(values: readonly number[]): RunResult {
  const samples = values.map((userUs) => ({ cell: 'http-100b', peer: 'limpet', userUs, systemUs: 0 }));
  return { cells: CELLS, peers: [{ name: 'limpet', version: '1' }], samples } as unknown as RunResult;
}
