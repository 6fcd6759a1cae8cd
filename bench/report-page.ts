// A run's result as one HTML page that needs nothing else: a chart for each cell, the details as a table, and what was
// compared. Readable in light and dark.

import { type Bar, barChart } from './bar-chart.js';
import type { Cell } from './cells.js';
import { GROWTH_AXES, growthLines, growthsOf } from './growth.js';
import { lineChart } from './line-chart.js';
import { escaped } from './markup.js';
import { foldedConfig, htmlTable, page } from './page.js';
import { detailRows, explanationLines, marks, ratioOf, reference, refusalOf, usable } from './report.js';
import { cpuUs, type RunResult } from './results.js';
import { spreadOf } from './statistics.js';

export function reportPage(run: RunResult): string {
  return page(
    'Limpet beside other proxies',
    `<p>${facts(run)}</p>
<h2>CPU per request or message, µs: less is better</h2>
<p>In parentheses the ratio to ${run.peers.length === 0 ? 'the first peer' : escaped(reference(run))}, and its interval over the rounds.</p>
${run.cells.map((cell) => chart(run, cell)).join('\n')}
${growthCharts(run)}
<h2>Rates, latency, memory</h2>
<div class="scroll">${htmlTable(detailRows(run))}</div>
<h2>How to read this</h2>
<ul>${explanationLines(run)
      .map((line) => `<li>${escaped(line)}</li>`)
      .join('\n')}</ul>
<h2>Configurations</h2>
${run.configs.map(foldedConfig).join('\n')}`,
  );
}

function facts(run: RunResult): string {
  const { processor, processors, kernel } = run.machine;
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const peers = run.peers.map(({ name, version }) => `${name} ${version}`);
  const command = `${run.startedAt}: ${run.command}`;
  return [...peers, ...versions, `${processors} × ${processor}`, `Linux ${kernel}`, command].map(escaped).join(' · ');
}

function chart(run: RunResult, cell: Cell): string {
  const bars: Bar[] = [];
  for (const { name } of run.peers) {
    const samples = usable(run, cell, { name });
    const refusal = refusalOf(run, cell, { name });
    if (refusal !== undefined) bars.push({ label: name, value: undefined, isOurs: false, marks: `no figure: ${refusal}` });
    if (samples.length === 0) continue;
    bars.push({
      label: name,
      value: spreadOf(samples.map(cpuUs)),
      isOurs: name.startsWith('limpet'),
      marks: `${ratio(run, cell, name)}${marks(samples)}`,
    });
  }
  const drawing =
    bars.length === 0 ? '<p>No peer has a figure here; the reasons stand below.</p>' : barChart(cell.title, 'µs of CPU', bars);
  return `<figure><figcaption>${escaped(cell.title)}</figcaption>${drawing}</figure>`;
}

/** Lines where the cells of a run differ in one thing only. */
function growthCharts(run: RunResult): string {
  const figures = growthsOf(run.cells).map((growth) => {
    const lines = growthLines(run, growth);
    if (lines.length === 0) return '';
    const { title, xLabel } = growth;
    const drawing = lineChart({ ...GROWTH_AXES, title, xLabel }, lines);
    return `<figure><figcaption>${escaped(title)}</figcaption>${drawing}</figure>`;
  });
  return figures.join('') === '' ? '' : `<h2>How the cost grows</h2>\n${figures.join('\n')}`;
}

function ratio(run: RunResult, cell: Cell, name: string): string {
  const value = name === reference(run) ? undefined : ratioOf(run, cell, { name });
  if (value === undefined) return '';
  const interval = value.lowest === value.highest ? '' : `, ${value.lowest.toFixed(2)}–${value.highest.toFixed(2)}`;
  return ` (× ${value.median.toFixed(2)}${interval})`;
}
