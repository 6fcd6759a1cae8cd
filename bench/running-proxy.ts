// The proxies of one cell: each is started, checked and warmed up once, then measured in each round while the others rest.

import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, warmUpOf } from './cells.js';
import { type CheckResult, checkAnswers } from './check.js';
import { residentBytesOfTree } from './cpu.js';
import type { LoadTarget } from './load.js';
import type { Launch, Peer, Setup } from './peers/peer.js';
import { freePort, PinnedProcess } from './pinned-process.js';
import { type Bench, PROXY_CPU } from './sample.js';

/** After its rest between two samples. */
const WAKE_SECONDS = 1;

export class RunningProxy {
  private isWarm = false;

  private constructor(
    private readonly bench: Bench,
    readonly peer: Peer,
    readonly cell: Cell,
    readonly process: PinnedProcess,
    readonly setup: Setup,
    readonly checked: CheckResult,
    /** Resident memory before the first request of the load. */
    readonly restBytes: number,
  ) {}

  /** Throws when it does not listen or answers wrongly. `onLaunch` gets the configuration it runs with. */
  static async start(bench: Bench, peer: Peer, cell: Cell, onLaunch: (launch: Launch) => void): Promise<RunningProxy> {
    const port = await freePort();
    const folder = join(bench.folder, `${cell.name}.${peer.name}.${port}`);
    mkdirSync(folder);
    const accessLogPath = join(folder, 'access.log');
    closeSync(openSync(accessLogPath, 'a'));
    const servers = bench.upstreams.serversFor(cell);
    const certificate = bench.certificates[cell.tls?.key ?? 'ecdsa'];
    const setup = { ...certificate, cell, folder, port, servers, accessLogPath, node: bench.node };
    const launch = peer.launch(setup);
    writeFileSync(launch.configPath, launch.configText);
    onLaunch(launch);
    const process = new PinnedProcess(launch.command, {
      cpu: PROXY_CPU,
      cwd: folder,
      stderrPath: join(folder, 'stderr'),
      ...(launch.logsToStdout ? { stdoutPath: accessLogPath } : {}),
    });
    try {
      await process.listening(port);
      const checked = await checkAnswers(askedOf(peer, cell), port, certificate.cert);
      return new RunningProxy(bench, peer, cell, process, setup, checked, residentBytesOfTree(process.pid));
    } catch (error) {
      await process.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get target(): LoadTarget {
    const { cookie } = this.checked;
    return { cell: this.cell, port: this.setup.port, ...(cookie === undefined ? {} : { cookie }) };
  }

  /** The cell without what this peer is not asked for. */
  get askedCell(): Cell {
    return askedOf(this.peer, this.cell);
  }

  get accessLogBytes(): number {
    return statSync(this.setup.accessLogPath).size;
  }

  async warmUp(): Promise<void> {
    const { generator, warmupSeconds } = this.bench;
    if (this.isWarm) {
      await generator.run(this.target, WAKE_SECONDS);
    } else {
      await generator.run({ ...this.target, cell: warmUpOf(this.cell) }, firstWarmupSeconds(this.peer, warmupSeconds));
      this.isWarm = true;
    }
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.setup.folder, { recursive: true, force: true });
  }
}

/** The floor has no feature to check, and sends what the server sends. */
function askedOf(peer: Peer, cell: Cell): Cell {
  return peer.isFloor ? { ...cell, sticky: false, accessLog: false } : cell;
}

/** `warmupSeconds`, or longer for an engine that compiles what is hot while it runs. */
export function firstWarmupSeconds(peer: Peer, warmupSeconds: number): number {
  return Math.max(warmupSeconds, peer.steadyAfterSeconds ?? 0);
}

export class RunningProxies {
  private readonly running = new Map<Peer, RunningProxy>();
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  /** The one that runs for this cell, or a new one: then those of another cell are stopped first. */
  async get(peer: Peer, cell: Cell, onLaunch: (launch: Launch) => void): Promise<RunningProxy> {
    if ([...this.running.values()].some((proxy) => proxy.cell !== cell)) await this.stopAll();
    const known = this.running.get(peer);
    if (known !== undefined) return known;
    const proxy = await RunningProxy.start(this.bench, peer, cell, onLaunch);
    this.running.set(peer, proxy);
    return proxy;
  }

  async stop(peer: Peer): Promise<void> {
    const proxy = this.running.get(peer);
    this.running.delete(peer);
    await proxy?.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.running.keys()].map((peer) => this.stop(peer)));
  }
}
