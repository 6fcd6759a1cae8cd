// One sample: a proxy that is warm, loaded for a while, and what that cost.

import { answerBytes } from './answers.js';
import { type Cell, isPaced } from './cells.js';
import type { Certificates } from './certificate.js';
import type { CheckResult } from './check.js';
import { type CpuTime, cpuBetween, cpuMsOfEndedChildren, cpuOfTree, processorTime, residentBytesOfTree } from './cpu.js';
import { LIGHT_LOAD } from './light-load.js';
import type { LoadGenerator, LoadResult } from './load.js';
import type { Launch, Peer } from './peers/peer.js';
import type { PinnedProcess } from './pinned-process.js';
import { Reload } from './reload.js';
import type { Pace, Sample } from './results.js';
import type { RunningProxies, RunningProxy } from './running-proxy.js';
import type { Upstreams } from './upstream.js';

export const PROXY_CPU = 0;
export const LOAD_CPU = 1;

/** A processor counts as full from here on: the rest goes to starting and ending the load. */
const FULL_SHARE = 0.9;
/** Clients with a rate have kept it from this part of it on. */
const LEAST_OF_RATE = 0.95;
/** No access log line of any peer is shorter. */
const SHORTEST_LOG_LINE_BYTES = 40;
/** Lines that may still wait in a buffer when the proxy is stopped. */
const UNWRITTEN_LOG_BYTES = 128 * 1024;

const MEMORY_EVERY_MS = 250;
const LEAST_SECONDS_OPEN = 10;
const MOST_OPENED_AT_ONCE = 1000;

export interface Bench {
  /** Where each proxy gets a folder of its own. */
  readonly folder: string;
  readonly node: string;
  readonly upstreams: Upstreams;
  readonly generator: LoadGenerator;
  readonly certificates: Certificates;
  /** Before the first sample of each proxy; longer for an engine that compiles while it runs. */
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
}

/** Never throws for what a peer does wrong: that is a refused sample. `onLaunch` gets the configuration of a proxy that is started for it. */
export async function takeSample(
  bench: Bench,
  proxies: RunningProxies,
  peer: Peer,
  cell: Cell,
  round: number,
  onLaunch: (launch: Launch) => void,
): Promise<Sample> {
  const about = { cell: cell.name, peer: peer.name, round, generator: bench.generator.nameFor(cell) };
  try {
    const proxy = await proxies.get(peer, cell, onLaunch);
    const measured = await measure(bench, proxy);
    // A reload leaves another configuration behind.
    if (cell.reloads) await proxies.stop(peer);
    return { ...about, ...negotiated(proxy.checked), ...measured };
  } catch (error) {
    await proxies.stop(peer);
    return { ...about, ...NOTHING, refused: (error as Error).message };
  }
}

type Measured = Omit<Sample, 'cell' | 'peer' | 'round' | 'generator' | 'negotiated' | 'refused'>;

async function measure(bench: Bench, proxy: RunningProxy): Promise<Measured> {
  const { cell, target, process, restBytes } = proxy;
  const reload = cell.reloads ? new Reload(proxy.peer, proxy.setup, process.pid) : undefined;
  const seconds = secondsFor(cell, bench.durationSeconds);
  await proxy.warmUp();
  const loggedBefore = proxy.accessLogBytes;
  const memory = new MemoryWatch(process.pid);
  const before = readClocks(bench, process);
  const timer = setTimeout(() => reload?.begin(), seconds * 500);
  const load = await bench.generator.run(target, seconds).finally(() => {
    clearTimeout(timer);
    memory.stop();
  });
  const after = readClocks(bench, process);
  const residentBytes = memory.most();
  if (process.hasEnded) throw new Error('ended under load');
  await reload?.verify();
  refuseBadLoad(cell, load);
  refuseMissingLog(proxy.askedCell, proxy.accessLogBytes - loggedBefore, load.completed);
  const wallMs = after.wallMs - before.wallMs;
  const { totalMs, userMs, systemMs } = cpuBetween(before.proxy, after.proxy);
  const loadMs = after.loadMs - before.loadMs;
  const proxyShare = totalMs / wallMs;
  const loadShare = loadMs / wallMs;
  const perSecond = (load.completed * 1000) / load.durationMs;
  const foreignToProxyMs = after.proxyCpuTakenMs - before.proxyCpuTakenMs - totalMs;
  const foreignToLoadMs = after.loadCpuTakenMs - before.loadCpuTakenMs - loadMs;
  return {
    completed: load.completed,
    errors: load.errors,
    perSecond,
    userUs: (userMs * 1000) / load.completed,
    systemUs: (systemMs * 1000) / load.completed,
    p50Ms: load.p50Ms,
    p90Ms: load.p90Ms,
    p99Ms: load.p99Ms,
    p999Ms: load.p999Ms,
    restBytes,
    residentBytes,
    proxyShare,
    loadShare,
    foreignShare: Math.max(0, foreignToProxyMs, foreignToLoadMs) / wallMs,
    pace: paceOf(cell, perSecond, proxyShare, bench.generator.nameFor(cell) === LIGHT_LOAD ? undefined : loadShare),
  };
}

/** Thousands of connections have to be opened before they can be counted. */
export function secondsFor({ connections }: Cell, seconds: number): number {
  return connections > MOST_OPENED_AT_ONCE ? Math.max(seconds, LEAST_SECONDS_OPEN) : seconds;
}

/** The most resident memory that the proxy was seen with. */
class MemoryWatch {
  private mostSeen = 0;
  private readonly timer: NodeJS.Timeout;
  private readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
    this.timer = setInterval(() => this.look(), MEMORY_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  most(): number {
    this.look();
    return this.mostSeen;
  }

  private look(): void {
    this.mostSeen = Math.max(this.mostSeen, residentBytesOfTree(this.pid));
  }
}

interface Clocks {
  readonly wallMs: number;
  readonly proxy: CpuTime;
  /** The servers, and the load generators that have ended. */
  readonly loadMs: number;
  /** By whomever. */
  readonly proxyCpuTakenMs: number;
  readonly loadCpuTakenMs: number;
}

function readClocks(bench: Bench, proxy: PinnedProcess): Clocks {
  let loadMs = cpuMsOfEndedChildren();
  for (const pid of bench.upstreams.pids) {
    loadMs += cpuOfTree(pid).totalMs;
  }
  return {
    wallMs: performance.now(),
    proxy: cpuOfTree(proxy.pid),
    loadMs,
    proxyCpuTakenMs: takenMs(PROXY_CPU),
    loadCpuTakenMs: takenMs(LOAD_CPU),
  };
}

/** Time that a processor was not there for others. */
function takenMs(cpu: number): number {
  const { busyMs, stolenMs } = processorTime(cpu);
  return busyMs + stolenMs;
}

/**
 * Throws when generator or servers were the bottleneck: what was measured then is them, and no figure of the proxy. `loadShare` is
 * undefined for a load that never sleeps.
 */
export function paceOf(cell: Cell, perSecond: number, proxyShare: number, loadShare: number | undefined): Pace {
  if (proxyShare >= FULL_SHARE) return 'proxy';
  const load = loadShare === undefined ? 'never asleep' : `${percent(loadShare)} busy`;
  const shares = `load generator and servers ${load}, the proxy ${percent(proxyShare)}`;
  if (cell.ratePerSecond !== undefined && perSecond < cell.ratePerSecond * LEAST_OF_RATE) {
    throw new Error(`only ${Math.round(perSecond)} of ${cell.ratePerSecond} a second: ${shares}`);
  }
  if (isPaced(cell)) return 'cell';
  if (loadShare === undefined || loadShare >= FULL_SHARE) throw new Error(`the load was the bottleneck: ${shares}`);
  return 'neither';
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function refuseBadLoad(cell: Cell, load: LoadResult): void {
  if (load.completed === 0) throw new Error('nothing was answered under load');
  if (load.errors > 0) throw new Error(`${load.errors} errors under load, ${load.completed} answers`);
  const bytesEach = load.bytes / load.completed;
  if (bytesEach < answerBytes(cell)) {
    throw new Error(`${bytesEach.toFixed(0)} bytes an answer under load instead of ${cell.bytes} and a head`);
  }
}

/** A peer that logs less than the others is spared work. */
function refuseMissingLog(cell: Cell, writtenBytes: number, completed: number): void {
  if (!cell.accessLog || (cell.kind !== 'http' && cell.kind !== 'tls')) return;
  const least = completed * SHORTEST_LOG_LINE_BYTES - UNWRITTEN_LOG_BYTES;
  if (writtenBytes < least) throw new Error(`the access log has ${writtenBytes} bytes for ${completed} requests`);
}

function negotiated(checked: CheckResult): { negotiated?: string } {
  return checked.negotiated === undefined ? {} : { negotiated: checked.negotiated };
}

const NOTHING: Measured = {
  completed: 0,
  errors: 0,
  perSecond: 0,
  userUs: 0,
  systemUs: 0,
  p50Ms: 0,
  p90Ms: 0,
  p99Ms: 0,
  p999Ms: 0,
  restBytes: 0,
  residentBytes: 0,
  proxyShare: 0,
  loadShare: 0,
  foreignShare: 0,
  pace: 'neither',
};
