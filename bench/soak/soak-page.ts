// A soak's result as one HTML page: the verdict, memory, descriptors and requests over time, and what the clients did.

import { type Line, lineChart } from '../line-chart.js';
import { escaped } from '../markup.js';
import { foldedConfig, htmlTable, page } from '../page.js';
import type { SoakOfPeer, SoakRecord, SoakResult } from './soak-results.js';
import { answeredPerSecond, megabytes, trendOf } from './verdict.js';

export function soakPage(result: SoakResult): string {
  const title = `Soak of ${result.soaks.map((each) => each.peer).join(', ')}`;
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const peers = result.peers.map(({ name, version }) => `${name} ${version}`);
  const { processor, processors, kernel } = result.machine;
  const facts = [...peers, ...versions, `${processors} × ${processor}`, `Linux ${kernel}`, `${result.startedAt}: ${result.command}`];
  return page(
    title,
    `<p>${facts.map(escaped).join(' · ')}</p>
<h2>Verdict</h2>
<ul>${result.soaks.flatMap(verdictLines).map(item).join('\n')}</ul>
<h2>Over time</h2>
${charts(result)}
<h2>What the clients did</h2>
<div class="scroll">${htmlTable(doneRows(result))}</div>
<h2>Configurations</h2>
${result.configs.map(foldedConfig).join('\n')}`,
  );
}

/** What a soak has found, for the page and for the terminal. */
export function verdictLines(soak: SoakOfPeer): string[] {
  const { peer, faults, perSecond, unpacedPerSecond, unpacedProxyShare, records } = soak;
  const share = records.reduce((sum, each) => sum + each.proxyShare, 0) / Math.max(1, records.length);
  return [
    `${peer}: ${faults.length === 0 ? 'passed' : `failed: ${faults.join('; ')}`}`,
    `${peer}: ${figure(answeredPerSecond(records))} keep-alive requests a second of ${figure(perSecond)} that were due, beside everything else, with the proxy ${percent(share)} busy; without a pace ${figure(unpacedPerSecond)}, at ${percent(unpacedProxyShare)}`,
    ...trendLine(soak, 'resident memory', (each) => each.residentBytes),
    ...trendLine(soak, 'heap in use', (each) => each.heapBytes),
    `${peer}: ${soak.descriptorsAtRest} descriptors before the first request, ${soak.descriptorsAfterwards} open ${soak.secondsUntilClosed} s after the last`,
  ];
}

function trendLine({ peer, records }: SoakOfPeer, what: string, pick: (record: SoakRecord) => number | undefined): string[] {
  const trend = trendOf(records, pick);
  if (trend === undefined) return [];
  const figures = `${signed(trend.bytesPerMinute)} MB a minute, last against first ${signed(trend.lastOverFirst)} MB`;
  return [`${peer}: ${what} in the last two thirds: ${figures}${trend.isJudged ? '' : ' (too short a time to judge)'}`];
}

function charts(result: SoakResult): string {
  const perInterval = (records: readonly SoakRecord[], index: number) => {
    const before = index === 0 ? { seconds: 0, requests: 0 } : records[index - 1];
    return (records[index].requests - before.requests) / (records[index].seconds - before.seconds);
  };
  return [
    chart(result, 'Resident memory', 'MB', (records, index) => records[index].residentBytes / 2 ** 20),
    chart(result, 'Heap in use, the least of each interval', 'MB', (records, index) => {
      const { heapBytes } = records[index];
      return heapBytes === undefined ? undefined : heapBytes / 2 ** 20;
    }),
    chart(result, 'Open descriptors', '', (records, index) => records[index].descriptors),
    chart(result, 'Keep-alive requests', 'a second', perInterval),
    chart(result, 'The proxy’s processor', '% busy', (records, index) => records[index].proxyShare * 100),
  ].join('\n');
}

function chart(
  { soaks }: SoakResult,
  title: string,
  yLabel: string,
  pick: (records: readonly SoakRecord[], index: number) => number | undefined,
): string {
  const lines: Line[] = [];
  for (const { peer, records } of soaks) {
    const points: [number, number][] = [];
    for (const [index, record] of records.entries()) {
      const value = pick(records, index);
      if (value !== undefined) points.push([record.seconds, value]);
    }
    if (points.length > 0) lines.push({ label: peer, points, isOurs: peer.startsWith('limpet') });
  }
  if (lines.length === 0) return '';
  const drawing = lineChart({ title, xLabel: 'seconds', yLabel, isLogarithmic: false }, lines);
  return `<figure><figcaption>${escaped(title)}</figcaption>${drawing}</figure>`;
}

function doneRows({ soaks }: SoakResult): string[][] {
  const rows = [['peer', 'what', 'times']];
  for (const { peer, done, errors } of soaks) {
    for (const [what, times] of Object.entries(done)) rows.push([peer, what, times.toLocaleString('en')]);
    for (const [what, times] of Object.entries(errors)) rows.push([peer, `error, ${what}`, times.toLocaleString('en')]);
  }
  return rows;
}

function item(line: string): string {
  return `<li>${escaped(line)}</li>`;
}

function signed(bytes: number): string {
  return `${bytes < 0 ? '−' : '+'}${megabytes(Math.abs(bytes))}`;
}

function figure(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
