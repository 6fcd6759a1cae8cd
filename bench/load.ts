// Asks a proxy for as much as it can give, for a while, and says what came back. HTTP by wrk, or by autocannon
// where wrk is not installed; WebSocket by clients of ours. It measures no CPU and judges nothing.

import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell } from './cells.js';

export interface LoadTarget {
  readonly cell: Cell;
  readonly port: number;
  /** The value of a Cookie field, for clients that are bound already. */
  readonly cookie?: string;
}

export interface LoadResult {
  /** Requests answered, or messages echoed. */
  readonly completed: number;
  /** Bytes that came from the proxy, heads included. */
  readonly bytes: number;
  /** Failed connections, reads, writes, and answers that were no success. */
  readonly errors: number;
  readonly durationMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export type HttpLoader = 'wrk' | 'autocannon';

/** Only `done` is defined: wrk calls no script while it measures. */
const WRK_REPORT = `done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '{"completed":%d,"bytes":%d,"errors":%d,"durationMs":%f,"p50Ms":%f,"p90Ms":%f,"p99Ms":%f,"p999Ms":%f}\\n',
    summary.requests, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout, summary.duration / 1000,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000))
end
`;

export function isInstalled(program: string, versionOption = '--version'): boolean {
  return spawnSync(program, [versionOption], { stdio: 'ignore' }).error === undefined;
}

export function pathOf(cell: Cell): string {
  return cell.kind === 'websocket' ? '/echo' : `/${cell.bytes}`;
}

export class LoadGenerator {
  readonly httpLoader: HttpLoader;
  private readonly cpu: number;
  private readonly node: string;
  private readonly wrkScript: string;

  /** `folder` is for the script that wrk is given; `node` runs autocannon and the WebSocket clients. */
  constructor(httpLoader: HttpLoader, cpu: number, folder: string, node: string) {
    this.httpLoader = httpLoader;
    this.cpu = cpu;
    this.node = node;
    this.wrkScript = join(folder, 'wrk-report.lua');
    writeFileSync(this.wrkScript, WRK_REPORT);
  }

  /** What to call the generator of this cell in a report. */
  nameFor(cell: Cell): string {
    return cell.kind === 'websocket' ? 'websocket-load' : this.httpLoader;
  }

  async run(target: LoadTarget, seconds: number): Promise<LoadResult> {
    if (target.cell.kind === 'websocket') return this.runWebSocket(target, seconds);
    return this.httpLoader === 'wrk' ? this.runWrk(target, seconds) : this.runAutocannon(target, seconds);
  }

  private async runWrk(target: LoadTarget, seconds: number): Promise<LoadResult> {
    const cookie = target.cookie === undefined ? [] : ['-H', `Cookie: ${target.cookie}`];
    const options = ['-t1', `-c${target.cell.connections}`, `-d${seconds}s`, '-s', this.wrkScript, ...cookie];
    return lastJsonLine(await this.pinned(['wrk', ...options, urlOf(target)]));
  }

  private async runAutocannon(target: LoadTarget, seconds: number): Promise<LoadResult> {
    const program = createRequire(import.meta.url).resolve('autocannon');
    const cookie = target.cookie === undefined ? [] : ['-H', `Cookie=${target.cookie}`];
    const options = ['--json', '--no-progress', '-c', String(target.cell.connections), '-d', String(seconds), ...cookie];
    const result = lastJsonLine(await this.pinned([this.node, program, ...options, urlOf(target)])) as unknown as AutocannonResult;
    return {
      completed: result.requests.total,
      bytes: result.throughput.total,
      errors: result.errors + result.non2xx + result.timeouts,
      durationMs: result.duration * 1000,
      p50Ms: result.latency.p50,
      p90Ms: result.latency.p90,
      p99Ms: result.latency.p99,
      p999Ms: result.latency.p99_9,
    };
  }

  private async runWebSocket(target: LoadTarget, seconds: number): Promise<LoadResult> {
    const program = fileURLToPath(new URL('./websocket-load.js', import.meta.url));
    const options = [target.port, pathOf(target.cell), target.cell.connections, target.cell.bytes, seconds, target.cookie ?? ''];
    return lastJsonLine(await this.pinned([this.node, program, ...options.map(String)]));
  }

  private async pinned(command: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn('taskset', ['-c', String(this.cpu), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(stdout);
        else reject(new Error(`the load generator ended with ${code}: ${(stderr || stdout).trim().slice(-500)}`));
      });
    });
  }
}

interface AutocannonResult {
  readonly requests: { readonly total: number };
  readonly throughput: { readonly total: number };
  readonly latency: { readonly p50: number; readonly p90: number; readonly p99: number; readonly p99_9: number };
  readonly errors: number;
  readonly non2xx: number;
  readonly timeouts: number;
  /** Seconds. */
  readonly duration: number;
}

function urlOf(target: LoadTarget): string {
  return `${target.cell.kind === 'tls' ? 'https' : 'http'}://127.0.0.1:${target.port}${pathOf(target.cell)}`;
}

function lastJsonLine(output: string): LoadResult {
  const line = output
    .trim()
    .split('\n')
    .reverse()
    .find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`the load generator gave no result: ${output.trim().slice(-500)}`);
  return JSON.parse(line) as LoadResult;
}
