// A run beside an earlier one: how CPU per request has changed in each cell that both have. The two were not taken in
// turns, so this shows large changes only; `--baseline` finds small ones.

import { cpuUs, type RunResult } from './results.js';
import { spreadOf } from './statistics.js';

export function comparisonTable(now: RunResult, earlier: RunResult): string {
  const lines = ['| cell | peer | earlier µs | now µs | ratio |', '|---|---|---|---|---|'];
  for (const cell of now.cells) {
    for (const { name } of now.peers) {
      const before = valuesOf(earlier, cell.name, name);
      const after = valuesOf(now, cell.name, name);
      if (before.length > 0 && after.length > 0) lines.push(line(cell.title, name, before, after));
    }
  }
  return lines.length === 2 ? 'The two runs have no cell in common.' : lines.join('\n');
}

function line(title: string, peer: string, before: readonly number[], after: readonly number[]): string {
  const from = spreadOf(before);
  const to = spreadOf(after);
  // The widest that the samples allow: nothing pairs a sample of one run with one of the other.
  const interval = `${(to.lowest / from.highest).toFixed(2)}–${(to.highest / from.lowest).toFixed(2)}`;
  const ratio = `${(to.median / from.median).toFixed(2)} (${interval})`;
  return `| ${[title, peer, from.median.toFixed(1), to.median.toFixed(1), ratio].join(' | ')} |`;
}

function valuesOf(run: RunResult, cell: string, peer: string): number[] {
  return run.samples.filter((each) => each.cell === cell && each.peer === peer && each.refused === undefined).map(cpuUs);
}
