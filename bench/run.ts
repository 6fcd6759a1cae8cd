// The benchmark: takes the peers in turn through the cells, writes every sample to bench/results/ and prints tables.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CELLS, type Cell, selectCells, USUAL_CELLS } from './cells.js';
import { writeCertificates } from './certificate.js';
import { comparisonTable } from './compare.js';
import { compileLightLoad } from './light-load.js';
import { installedLoader, isInstalled, LoadGenerator } from './load.js';
import { aboutMachine, leaveProxyCpu, refuseUnfitMachine, versionsOf } from './machine.js';
import { type BenchOptions, parseOptions, USAGE } from './options.js';
import type { Peer } from './peers/peer.js';
import { allPeers, keepInstalled, selectPeers } from './peers.js';
import { durationFor, minutes, plannedSeconds, planOf } from './plan.js';
import { publish } from './publish.js';
import { markdownReport } from './report.js';
import { reportPage } from './report-page.js';
import { cpuUs, type RunResult, type Sample } from './results.js';
import { RunningProxies } from './running-proxy.js';
import { LOAD_CPU, takeSample } from './sample.js';
import { soakPeers } from './soak/soak-peers.js';
import { Upstreams } from './upstream.js';

const root = projectRoot();

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.isHelpAsked) {
    console.log(USAGE);
  } else if (options.publish !== undefined) {
    publish(options.publish, join(root, 'docs/performance.md'));
  } else if (options.isSoak) {
    const hasPassed = await soakPeers(options, wantedPeers(options), resultPathOf(new Date().toISOString(), '-soak'));
    if (!hasPassed) process.exitCode = 1;
  } else {
    await compare(options);
  }
}

async function compare(options: BenchOptions): Promise<void> {
  refuseUnfitMachine();
  if (!isInstalled('nginx', '-v')) throw new Error('the benchmark needs nginx as the server behind the proxies: apt install nginx');
  // Read before the first sample: a name that is wrong must not cost an hour.
  const earlier = options.compare === undefined ? undefined : (JSON.parse(readFileSync(options.compare, 'utf8')) as RunResult);
  leaveProxyCpu();
  const cells = cellsOf(options);
  const found: Pick<RunResult, 'peers' | 'skipped'> = { peers: [], skipped: [] };
  const peers = installedPeers(options, found);
  const plan = planOf(cells, peers, options.repeat, options.once);
  const { totalSeconds, warmupSeconds } = options;
  const durationSeconds = totalSeconds === undefined ? options.durationSeconds : durationFor(plan, totalSeconds, warmupSeconds);
  const run: RunResult = { ...newRun(options, cells), ...found, durationSeconds };
  nameSkipped(run, peers);
  const estimate = minutes(plannedSeconds(plan, { durationSeconds, warmupSeconds }));
  console.error(`${plan.length} samples of ${durationSeconds} s after ${warmupSeconds} s of warm-up or more: about ${estimate}`);
  const folder = mkdtempSync(join(tmpdir(), 'limpet-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const upstreams = new Upstreams();
  let proxies: RunningProxies | undefined;
  const resultPath = resultPathOf(run.startedAt);
  mkdirSync(dirname(resultPath), { recursive: true });
  try {
    const lightLoad = compileLightLoad(join(root, 'bench/light-load.c'), folder);
    await upstreams.start(folder, LOAD_CPU, {
      node: process.execPath,
      lightLoad,
      sizes: [...new Set(run.cells.map((cell) => cell.bytes))],
      isManyAskedFor: run.cells.some((cell) => cell.servers !== undefined),
    });
    const generator = new LoadGenerator(options.load ?? installedLoader(), LOAD_CPU, folder, process.execPath, lightLoad);
    const certificates = await writeCertificates(folder);
    const bench = { ...options, durationSeconds, folder, upstreams, generator, certificates };
    proxies = new RunningProxies(bench);
    for (const { cell, peer, round } of plan) {
      const sample = await takeSample(bench, proxies, peer, cell, round, ({ command, configText }) => {
        if (round === 1) run.configs.push({ peer: peer.name, cell: cell.name, command: command.join(' '), text: configText });
      });
      run.samples.push(sample);
      console.error(progressLine(sample));
      writeFileSync(resultPath, `${JSON.stringify(run, null, 2)}\n`);
    }
  } finally {
    await proxies?.stopAll();
    await upstreams.stop();
  }
  console.log(markdownReport(run));
  if (earlier !== undefined) console.log(`## Beside ${options.compare}\n\n${comparisonTable(run, earlier)}\n`);
  const pagePath = resultPath.replace(/json$/, 'html');
  writeFileSync(pagePath, reportPage(run));
  console.log(`Raw samples and configurations: ${relative(process.cwd(), resultPath)}; charts: ${relative(process.cwd(), pagePath)}`);
}

/** Those who have no part in a cell are named with the reason. */
function nameSkipped(run: RunResult, peers: readonly Peer[]): void {
  for (const cell of run.cells) {
    for (const peer of peers) {
      const reason = peer.cannot(cell);
      if (reason !== undefined) run.skipped.push({ peer: peer.name, cell: cell.name, reason });
    }
  }
}

function progressLine(sample: Sample): string {
  const name = `${sample.cell.padEnd(24)} ${String(sample.round).padStart(2)} ${sample.peer.padEnd(22)}`;
  if (sample.refused !== undefined) return `${name} refused: ${sample.refused}`;
  const cpu = `${cpuUs(sample).toFixed(1).padStart(8)} µs (${sample.userUs.toFixed(1)} + ${sample.systemUs.toFixed(1)})`;
  const rate = `${Math.round(sample.perSecond).toLocaleString('en').padStart(9)}/s`;
  const others = `${Math.round(sample.foreignShare * 100)} %`;
  return `${name} ${cpu} ${rate}  p99 ${sample.p99Ms.toFixed(2)} ms  pace: ${sample.pace}, others ${others}`;
}

function installedPeers(options: BenchOptions, run: Pick<RunResult, 'peers' | 'skipped'>): Peer[] {
  const peers = keepInstalled(wantedPeers(options), run);
  for (const { peer, reason } of run.skipped) console.error(`${peer} is skipped: ${reason}`);
  if (peers.length === 0) throw new Error('there is nothing to measure');
  return peers;
}

function wantedPeers(options: BenchOptions): Peer[] {
  const baseline = options.baseline === undefined ? {} : { baselineMain: resolve(options.baseline) };
  const all = allPeers({ root, node: options.node, ...baseline });
  const wanted = selectPeers(options.peers, all, options.isFull);
  const once = options.once.length === 0 ? [] : selectPeers(options.once, all);
  return all.filter((peer) => wanted.includes(peer) || once.includes(peer));
}

function resultPathOf(startedAt: string, kind = ''): string {
  return join(root, 'bench/results', `${startedAt.replaceAll(/[:.]/g, '-')}${kind}.json`);
}

function cellsOf({ connections, only, isFull }: BenchOptions): Cell[] {
  return selectCells(only, isFull ? CELLS : USUAL_CELLS).map((cell) => (connections === undefined ? cell : { ...cell, connections }));
}

function newRun(options: BenchOptions, cells: readonly Cell[]): RunResult {
  return {
    startedAt: new Date().toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    repeat: options.repeat,
    durationSeconds: options.durationSeconds,
    warmupSeconds: options.warmupSeconds,
    machine: aboutMachine(),
    versions: versionsOf(options.node),
    cells,
    peers: [],
    skipped: [],
    configs: [],
    samples: [],
  };
}

/** The folder of this file's package.json, from `bench/` and from `dist/bench/` alike. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
