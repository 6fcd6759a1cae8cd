// A run's result as Markdown: one table of CPU per request, one of ratios, one of the rest, and what the reader must
// know to judge them. It measures nothing and chooses nothing.

import type { Cell } from './cells.js';
import { LIGHT_LOAD } from './light-load.js';
import { NODE_STEADY_SECONDS } from './peers/peer.js';
import { cpuUs, type PeerFacts, type RunResult, type Sample, type UsedConfig } from './results.js';
import { ratioByRound, type Spread, spreadOf } from './statistics.js';

/** Ratios are to this peer, or to the first one when it took no part. */
const REFERENCE = 'nginx';
/** From this share of foreign work on a processor the figures are marked. */
const NOISY_SHARE = 0.05;

export function markdownReport(run: RunResult): string {
  return [
    section('CPU per request, µs (user and system time of all the proxy’s processes)', cpuTable(run)),
    section(`The same as a ratio to ${reference(run)}`, ratioTable(run)),
    section('Rates, latency at saturation, memory', detailTable(run)),
    section('How to read this', explanation(run)),
    section('What was compared', comparison(run)),
  ].join('\n');
}

function cpuTable(run: RunResult): string {
  return table(run, (cell, peer) => {
    const samples = usable(run, cell, peer);
    if (samples.length === 0) return missing(run, cell, peer);
    return `${withRange(spreadOf(samples.map(cpuUs)), micros)}${marks(samples)}`;
  });
}

function ratioTable(run: RunResult): string {
  const to = reference(run);
  return table(run, (cell, peer) => {
    const ratio = ratioOf(run, cell, peer);
    if (ratio === undefined) return '–';
    return peer.name === to ? '1' : withRange(ratio, (value) => value.toFixed(2));
  });
}

function detailTable(run: RunResult): string {
  const [head, ...rows] = detailRows(run).map((fields) => `| ${fields.join(' | ')} |`);
  return [head, head.replaceAll(/[^|]+/g, '---'), ...rows].join('\n');
}

/** To the reference, of rounds that both have; undefined when there are none. */
export function ratioOf(run: RunResult, cell: Cell, peer: { readonly name: string }): Spread | undefined {
  return ratioByRound(cpuByRound(usable(run, cell, peer)), cpuByRound(usable(run, cell, { name: reference(run) })));
}

/** The head and a row for each cell and peer that has figures. */
export function detailRows(run: RunResult): string[][] {
  const rows = [
    [
      'cell',
      'peer',
      'per second',
      'user + system µs',
      'p50 / p90 / p99 / p99.9 ms',
      'memory at rest / under load MB',
      'KB a connection',
      'errors',
      'proxy / load CPU busy',
    ],
  ];
  for (const cell of run.cells) {
    for (const peer of run.peers) {
      const samples = usable(run, cell, peer);
      if (samples.length > 0) rows.push(detailRow(cell, peer, samples));
    }
  }
  return rows;
}

function detailRow(cell: Cell, peer: PeerFacts, samples: readonly Sample[]): string[] {
  const median = (pick: (sample: Sample) => number) => spreadOf(samples.map(pick)).median;
  const isLimitedElsewhere = samples.some((sample) => sample.pace === 'neither');
  const rate = `${isLimitedElsewhere ? '≥ ' : ''}${Math.round(median((each) => each.perSecond)).toLocaleString('en')}`;
  const latency = [median((each) => each.p50Ms), median((each) => each.p90Ms), median((each) => each.p99Ms), median((each) => each.p999Ms)];
  return [
    cell.title,
    peer.name,
    rate,
    `${micros(median((each) => each.userUs))} + ${micros(median((each) => each.systemUs))}`,
    latency.map((each) => each.toFixed(2)).join(' / '),
    `${megabytes(median((each) => each.restBytes))} / ${megabytes(median((each) => each.residentBytes))}`,
    // Elsewhere what requests leave behind is more than what connections hold.
    cell.load === 'idle' || cell.load === 'hang' ? (median(grownBytes) / cell.connections / 1024).toFixed(1) : '–',
    String(median((each) => each.errors)),
    `${percent(median((each) => each.proxyShare))} / ${samples[0]!.generator === LIGHT_LOAD ? '–' : percent(median((each) => each.loadShare))}`,
  ];
}

function grownBytes(sample: Sample): number {
  return sample.residentBytes - sample.restBytes;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function explanation(run: RunResult): string {
  return explanationLines(run)
    .map((line) => `* ${line}`)
    .join('\n');
}

/** How the figures came about, what the marks mean, and what was skipped, refused and negotiated. */
export function explanationLines(run: RunResult): string[] {
  const { repeat, durationSeconds, warmupSeconds } = run;
  return [
    `Each figure is the median of ${repeat} samples of ${durationSeconds} s, lowest and highest in parentheses. The peers took turns, each started once for a cell and warmed up for ${warmupSeconds} s, those on Node for ${Math.max(warmupSeconds, NODE_STEADY_SECONDS)} s, because their engine compiles while they run; ratios are taken within a round. The proxy ran on processor 0, load generator and servers on processor 1.`,
    'Where a title says how many a second, the clients ask at that rate, the same for every peer, because they or the servers cost more than a proxy: the CPU is that of a proxy that is not full, and the rate says nothing.',
    '‡ neither processor was full in a sample: something waited, so that the proxy woke up more often for each request than it would under full load; the rate is a lower bound (≥).',
    `~ other programs took more than ${percent(NOISY_SHARE)} of one of the processors in a sample.`,
    '*refused*: there is no figure because of wrong answers, errors under load, a missing access log, or because the load generator or the servers were the bottleneck; the reasons of all samples stand below.',
    ...notes(run),
  ];
}

function notes(run: RunResult): string[] {
  const lines = run.skipped.map((each) => `${each.peer}${each.cell === undefined ? '' : `, ${each.cell}`}: skipped, ${each.reason}`);
  for (const { peer, cell, round, refused } of run.samples) {
    if (refused !== undefined) lines.push(`${peer}, ${cell}, round ${round}: refused, ${refused}`);
  }
  for (const generator of new Set(run.samples.map((sample) => sample.generator))) {
    const cells = new Set(run.samples.filter((sample) => sample.generator === generator).map((sample) => sample.cell));
    lines.push(`Load by ${generator}: ${[...cells].join(', ')}`);
  }
  const terms = new Map<string, Set<string>>();
  for (const { peer, cell, negotiated } of run.samples) {
    if (negotiated === undefined) continue;
    const key = `TLS, ${cell}: ${negotiated}`;
    terms.set(key, (terms.get(key) ?? new Set()).add(peer));
  }
  for (const [what, peers] of terms) lines.push(`${what} with ${[...peers].join(', ')}`);
  return lines;
}

function comparison(run: RunResult): string {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const { processor, processors, kernel } = run.machine;
  const peers = run.peers.map((peer) => `${peer.name} ${peer.version}`);
  return `${[...peers, ...versions].join(', ')}. ${processors} × ${processor}, Linux ${kernel}.
Started ${run.startedAt}: \`${run.command}\`

HTTP, TLS keep-alive and WebSocket cells, unless a title says otherwise: every proxy balances over two servers, reads the cookie
\`route\` and keeps the client at the server it names (the load sends a valid one, got by a first request), would set one
for a new client, writes X-Forwarded-For, -Proto, -Host and -Port, keeps connections to servers open, and writes one access
log line per request to a file. nginx has no sticky cookie in its free version: maps choose the upstream by the cookie and
set it for new clients; they do not re-bind. HAProxy takes the cookie out of the request before it passes it on. nginx,
Limpet and the libraries for Node write their log in blocks of 64 KB, the others line by line, since they can do no other with a
file. The floor has none of this: it moves bytes. TCP
cells carry the same HTTP requests through the proxies’ TCP mode, over connections that stay open. A WebSocket client sends
its next message when the last has come back.`;
}

/** Each configuration of the run once, with all cells that it served. */
export function configurationsReport(run: RunResult): string {
  const served = new Map<string, string[]>();
  const shown: (UsedConfig & { readonly key: string })[] = [];
  for (const config of run.configs) {
    const key = `${config.peer}\n${withoutNames(config)}`;
    const cells = served.get(key);
    if (cells === undefined) {
      served.set(key, [config.cell]);
      shown.push({ ...config, key });
    } else {
      cells.push(config.cell);
    }
  }
  return shown
    .map(({ peer, command, text, key }) => {
      const body = `    $ ${command}\n\n${indented(shortened(text))}`;
      return `<details><summary>${peer}: ${served.get(key)?.join(', ')}</summary>\n\n${body}\n\n</details>\n`;
    })
    .join('\n');
}

/** The ports and file names that each start has of its own. */
function withoutNames({ cell, command, text }: UsedConfig): string {
  return `${command}\n${text}`.replaceAll(cell, '').replaceAll(/\blimpet-bench-\w+|\b\d{4,5}\b/g, '');
}

const SHOWN_LINES = 80;
const SHOWN_CHARACTERS = 400;

/** A thousand servers are written like the first few; the results have them all. */
function shortened(text: string): string {
  const lines = text.split('\n').map((line) => (line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)} …` : line));
  const left = lines.length - 2 * SHOWN_LINES;
  if (left <= 0) return lines.join('\n');
  return [...lines.slice(0, SHOWN_LINES), `… ${left} lines of the same kind …`, ...lines.slice(-SHOWN_LINES)].join('\n');
}

function table(run: RunResult, entry: (cell: Cell, peer: PeerFacts) => string): string {
  const names = run.peers.map((peer) => peer.name);
  const lines = [`| cell | ${names.join(' | ')} |`, `|---|${names.map(() => '---|').join('')}`];
  for (const cell of run.cells) lines.push(`| ${cell.title} | ${run.peers.map((peer) => entry(cell, peer)).join(' | ')} |`);
  return lines.join('\n');
}

/** The samples that may become figures. */
export function usable(run: RunResult, cell: Cell, peer: { readonly name: string }): Sample[] {
  return run.samples.filter((sample) => sample.cell === cell.name && sample.peer === peer.name && sample.refused === undefined);
}

function missing(run: RunResult, cell: Cell, peer: PeerFacts): string {
  const reason = refusalOf(run, cell, peer);
  return reason === undefined ? '–' : `*refused*: ${reason}`;
}

/** Why a cell has no figure of a peer that took part in it; undefined where it has one or did not. */
export function refusalOf(run: RunResult, cell: Cell, peer: { readonly name: string }): string | undefined {
  if (usable(run, cell, peer).length > 0) return undefined;
  return run.samples.find((sample) => sample.cell === cell.name && sample.peer === peer.name)?.refused;
}

function cpuByRound(samples: readonly Sample[]): Map<number, number> {
  return new Map(samples.map((sample) => [sample.round, cpuUs(sample)]));
}

/** The peer that ratios are to. */
export function reference(run: RunResult): string {
  return run.peers.some((peer) => peer.name === REFERENCE) ? REFERENCE : run.peers[0].name;
}

/** What the reader must know of these samples, '' when nothing. */
export function marks(samples: readonly Sample[]): string {
  let text = '';
  if (samples.some((sample) => sample.pace === 'neither')) text += '‡';
  if (samples.some((sample) => sample.foreignShare > NOISY_SHARE)) text += '~';
  return text === '' ? '' : ` ${text}`;
}

function withRange({ median, lowest, highest }: Spread, format: (value: number) => string): string {
  return lowest === highest ? format(median) : `${format(median)} (${format(lowest)}–${format(highest)})`;
}

function micros(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}\n`;
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ');
}
