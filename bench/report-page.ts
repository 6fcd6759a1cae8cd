// A run's result as one HTML page that needs nothing else: a chart for each cell, the details as a table, and what was
// compared. Readable in light and dark.

import { type Bar, barChart, escaped } from './bar-chart.js';
import type { Cell } from './cells.js';
import { detailRows, explanationLines, marks, ratioOf, reference, usable } from './report.js';
import { cpuUs, type RunResult } from './results.js';
import { spreadOf } from './statistics.js';

const STYLE = `
:root { color-scheme: light dark; --text: #1c2330; --faint: #5d6778; --page: #fff; --line: #d9dee6; --bar: #9aa8bd; --ours: #0b7a75; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ef; --faint: #9aa5b5; --page: #14181f; --line: #323a47; --bar: #5b6a80; --ours: #35b8ae; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
figure { margin: 1.25rem 0; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
svg { width: 100%; max-width: 45rem; font-size: 13px; }
svg text { fill: var(--text); }
.bar { fill: var(--bar); } .ours { fill: var(--ours); } .range { stroke: var(--text); fill: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: right; white-space: nowrap; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
p, li, summary { color: var(--faint); } li { overflow-wrap: anywhere; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .5rem; font-size: 12px; color: var(--text); }
`;

export function reportPage(run: RunResult): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Limpet beside other proxies</title><style>${STYLE}</style></head><body>
<h1>Limpet beside other proxies</h1>
<p>${facts(run)}</p>
<h2>CPU per request or message, µs: less is better</h2>
<p>In parentheses the ratio to ${run.peers.length === 0 ? 'the first peer' : escaped(reference(run))}, and its interval over the rounds.</p>
${run.cells.map((cell) => chart(run, cell)).join('\n')}
<h2>Rates, latency, memory</h2>
<div class="scroll">${details(run)}</div>
<h2>How to read this</h2>
<ul>${explanationLines(run)
    .map((line) => `<li>${escaped(line)}</li>`)
    .join('\n')}</ul>
<h2>Configurations</h2>
${configurations(run)}
</body></html>
`;
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

function ratio(run: RunResult, cell: Cell, name: string): string {
  const value = name === reference(run) ? undefined : ratioOf(run, cell, { name });
  if (value === undefined) return '';
  const interval = value.lowest === value.highest ? '' : `, ${value.lowest.toFixed(2)}–${value.highest.toFixed(2)}`;
  return ` (× ${value.median.toFixed(2)}${interval})`;
}

function details(run: RunResult): string {
  const [head, ...rows] = detailRows(run);
  const line = (tag: string, fields: readonly string[]) =>
    `<tr>${fields.map((field) => `<${tag}>${escaped(field)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line('th', head)}</thead><tbody>${rows.map((row) => line('td', row)).join('\n')}</tbody></table>`;
}

function configurations(run: RunResult): string {
  return run.configs
    .map(({ peer, cell, command, text }) => {
      const name = `<summary>${escaped(peer)}, ${escaped(cell)}</summary>`;
      return `<details>${name}<pre>$ ${escaped(command)}\n\n${escaped(text)}</pre></details>`;
    })
    .join('\n');
}
