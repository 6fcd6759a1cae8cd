// A soak: one proxy under a mixed load for a while, looked at again and again, and judged at the end.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../cells.js';
import type { CertificateFiles } from '../certificate.js';
import { cpuOfTree, openDescriptorsOfTree, residentBytesOfTree } from '../cpu.js';
import type { Launch, Peer } from '../peers/peer.js';
import { freePort, PinnedProcess } from '../pinned-process.js';
import { LOAD_CPU, PROXY_CPU } from '../sample.js';
import type { BenchServer } from '../upstream.js';
import type { LoadReport } from './load.js';
import type { SoakOfPeer, SoakRecord } from './soak-results.js';
import { faultsOf } from './verdict.js';

export interface SoakPlan {
  readonly folder: string;
  readonly node: string;
  readonly certificate: CertificateFiles;
  readonly durationSeconds: number;
  /** How long the rate is sought, without a pace. */
  readonly unpacedSeconds: number;
  readonly recordEverySeconds: number;
  /** How long after the load the last connection may be open: proxies keep idle ones to servers for up to a minute. */
  readonly closingSeconds: number;
  /** The proxy keeps clients at their server, and one of the servers vanishes now and then. */
  readonly isSticky: boolean;
}

/** The pace is half of what the proxy could do, and never more than this part of what the clients can. */
const MOST_OF_UNPACED = 0.8;
/** Round-robin gives each of three servers within so many requests. */
const REQUESTS_FOR_COOKIES = 30;

/** Throws when the proxy does not start or does not answer. `onRecord` is told as it goes. */
export async function soak(
  plan: SoakPlan,
  peer: Peer,
  onLaunch: (launch: Launch) => void,
  onRecord: (record: SoakRecord) => void,
): Promise<SoakOfPeer> {
  const folder = join(plan.folder, `soak.${peer.name}`);
  mkdirSync(folder);
  const names = plan.isSticky ? ['a', 'b', 'c'] : ['a'];
  const servers: BenchServer[] = [];
  for (const name of names) servers.push({ name, port: await freePort() });
  const program = fileURLToPath(new URL('./servers.js', import.meta.url));
  const upstream = new PinnedProcess([plan.node, program, ...servers.map((each) => `${each.name}=${each.port}`)], {
    cpu: LOAD_CPU,
    cwd: folder,
    stderrPath: join(folder, 'servers.err'),
  });
  let proxy: PinnedProcess | undefined;
  try {
    for (const { port } of servers) await upstream.listening(port);
    const port = await freePort();
    proxy = startProxy(plan, peer, folder, port, servers, onLaunch);
    await proxy.listening(port);
    const measured = await new Watch(plan, proxy, folder, port).measure(onRecord);
    const result = { peer: peer.name, ...measured };
    return { ...result, faults: faultsOf(result) };
  } finally {
    await proxy?.stop();
    await upstream.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function startProxy(
  plan: SoakPlan,
  peer: Peer,
  folder: string,
  port: number,
  servers: readonly BenchServer[],
  onLaunch: (launch: Launch) => void,
): PinnedProcess {
  const accessLogPath = join(folder, 'access.log');
  closeSync(openSync(accessLogPath, 'a'));
  const launch = peer.launch({ ...plan.certificate, cell: soakCell(plan), folder, port, servers, accessLogPath, node: plan.node });
  writeFileSync(launch.configPath, launch.configText);
  onLaunch(launch);
  const [program, ...rest] = launch.command;
  const heapWatch = new URL('./heap-watch.js', import.meta.url).href;
  return new PinnedProcess(program === plan.node ? [program, '--import', heapWatch, ...rest] : launch.command, {
    cpu: PROXY_CPU,
    cwd: folder,
    stderrPath: join(folder, 'stderr'),
    ...(launch.logsToStdout ? { stdoutPath: accessLogPath } : {}),
  });
}

/** What peers are asked for: a sticky cookie, forwarded fields, and an access log. */
function soakCell({ isSticky }: SoakPlan): Cell {
  return {
    name: 'soak',
    title: 'Soak',
    kind: 'http',
    load: 'keep-alive',
    bytes: 0,
    connections: 100,
    sticky: isSticky,
    accessLog: true,
    workers: 1,
    isUsual: false,
  };
}

class Watch {
  private readonly plan: SoakPlan;
  private readonly proxy: PinnedProcess;
  private readonly folder: string;
  private readonly port: number;
  private latest: LoadReport = { requests: 0, done: {}, errors: {}, connections: 0 };
  private leastHeapBytes = Infinity;

  constructor(plan: SoakPlan, proxy: PinnedProcess, folder: string, port: number) {
    this.plan = plan;
    this.proxy = proxy;
    this.folder = folder;
    this.port = port;
  }

  async measure(onRecord: (record: SoakRecord) => void): Promise<Omit<SoakOfPeer, 'peer' | 'faults'>> {
    const { plan, proxy } = this;
    await pause(500); // What asked whether it listens has to be closed.
    const descriptorsAtRest = openDescriptorsOfTree(proxy.pid);
    const cookies = plan.isSticky ? await findCookies(this.port) : new Map<string, string>();
    const cpuBefore = proxyMs(proxy);
    const unpaced = await this.load(0, plan.unpacedSeconds, cookies);
    const unpacedPerSecond = unpaced.requests / plan.unpacedSeconds;
    const unpacedProxyShare = (proxyMs(proxy) - cpuBefore) / 1000 / plan.unpacedSeconds;
    if (unpaced.requests === 0) throw new Error(`nothing was answered right: ${JSON.stringify(unpaced.errors)}`);
    const perSecond = unpacedPerSecond * Math.min(MOST_OF_UNPACED, 0.5 / Math.min(1, unpacedProxyShare));
    const records: SoakRecord[] = [];
    this.latest = { requests: 0, done: {}, errors: {}, connections: 0 };
    const recording = this.record(records, onRecord);
    const { done, errors } = await this.load(perSecond, plan.durationSeconds, cookies);
    clearInterval(recording);
    if (proxy.hasEnded) throw new Error('ended under load');
    const closed = await this.closed(descriptorsAtRest);
    return { unpacedPerSecond, unpacedProxyShare, perSecond, records, done, errors, descriptorsAtRest, ...closed };
  }

  private async load(perSecond: number, seconds: number, cookies: ReadonlyMap<string, string>): Promise<LoadReport> {
    const program = fileURLToPath(new URL('./load.js', import.meta.url));
    const bound = [...cookies].filter(([server]) => server !== 'c').map(([, cookie]) => cookie);
    const values = [this.port, Math.round(perSecond), seconds, bound.join(','), cookies.get('c') ?? ''].map(String);
    const command = ['-c', String(LOAD_CPU), this.plan.node, program, ...values];
    const child: ChildProcess = spawn('taskset', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    const stop = () => child.kill();
    process.once('exit', stop);
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      this.latest = JSON.parse(line) as LoadReport;
    }
    const [code] = await ended;
    process.off('exit', stop);
    if (code !== 0) throw new Error(`the clients ended with ${code}`);
    return this.latest;
  }

  private record(records: SoakRecord[], onRecord: (record: SoakRecord) => void): NodeJS.Timeout {
    const startedAtMs = performance.now();
    let [lastMs, lastProxyMs] = [startedAtMs, proxyMs(this.proxy)];
    return setInterval(() => {
      this.lookAtHeap();
      const now = performance.now();
      if (now - lastMs < this.plan.recordEverySeconds * 1000 - 100) return;
      const usedMs = proxyMs(this.proxy);
      const record: SoakRecord = {
        seconds: Math.round((now - startedAtMs) / 100) / 10,
        residentBytes: residentBytesOfTree(this.proxy.pid),
        ...(this.leastHeapBytes === Infinity ? {} : { heapBytes: this.leastHeapBytes }),
        descriptors: openDescriptorsOfTree(this.proxy.pid),
        connections: this.latest.connections,
        requests: this.latest.requests,
        proxyShare: (usedMs - lastProxyMs) / (now - lastMs),
        errors: this.latest.errors,
      };
      [lastMs, lastProxyMs, this.leastHeapBytes] = [now, usedMs, Infinity];
      records.push(record);
      onRecord(record);
    }, 1_000);
  }

  private lookAtHeap(): void {
    try {
      const bytes = Number(readFileSync(join(this.folder, 'heap'), 'latin1'));
      if (bytes > 0) this.leastHeapBytes = Math.min(this.leastHeapBytes, bytes);
    } catch {
      // A proxy that does not run in Node writes none.
    }
  }

  /** Waits until no more descriptors are open than at rest, or the time for it has passed. */
  private async closed(atRest: number): Promise<Pick<SoakOfPeer, 'descriptorsAfterwards' | 'secondsUntilClosed'>> {
    const startedAtMs = performance.now();
    for (;;) {
      const descriptorsAfterwards = openDescriptorsOfTree(this.proxy.pid);
      const secondsUntilClosed = Math.round((performance.now() - startedAtMs) / 1000);
      if (descriptorsAfterwards <= atRest || secondsUntilClosed >= this.plan.closingSeconds) {
        return { descriptorsAfterwards, secondsUntilClosed };
      }
      await pause(250);
    }
  }
}

function proxyMs(proxy: PinnedProcess): number {
  return cpuOfTree(proxy.pid).totalMs;
}

/** The cookie of a client of each server, by the server's name. */
async function findCookies(port: number): Promise<Map<string, string>> {
  const cookies = new Map<string, string>();
  for (let count = 0; count < REQUESTS_FOR_COOKIES && cookies.size < 3; count++) {
    const request = get({ host: '127.0.0.1', port, path: '/body/0/1', agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    const server = response.headers['x-upstream'];
    const cookie = response.headers['set-cookie']?.[0].split(';')[0];
    if (typeof server === 'string' && cookie !== undefined) cookies.set(server, cookie);
  }
  if (!cookies.has('a') || !cookies.has('b')) throw new Error('binds no new client to its server');
  return cookies;
}
