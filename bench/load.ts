// Asks a proxy for as much as it can give, for a while, and says what came back. HTTP by wrk, by h2load, or by
// autocannon where neither is installed; all else by clients of ours. It measures no CPU and judges nothing.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerBytes, pathOf } from './answers.js';
import type { Cell } from './cells.js';
import { h2loadCommand, h2loadResult } from './h2load.js';
import { LIGHT_LOAD, lightLoadCommand } from './light-load.js';
import { bodyOf } from './upstream.js';

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

/** In the order in which they are taken where none is asked for. */
export const HTTP_LOADERS = ['wrk', 'h2load', 'autocannon'] as const;

export type HttpLoader = (typeof HTTP_LOADERS)[number];

const REQUESTS_AT_ONCE = 16;

/** Thousands of connections opened at once overflow a listening queue, and who was dropped from it tries again after one and three seconds. */
const PATIENCE_SECONDS = 10;

/** Where only `done` is defined, wrk calls no script while it measures. */
const WRK_REPORT = `done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '{"completed":%d,"bytes":%d,"errors":%d,"durationMs":%f,"p50Ms":%f,"p90Ms":%f,"p99Ms":%f,"p999Ms":%f}\\n',
    summary.requests, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout, summary.duration / 1000,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000))
end
`;

/** Different requests that wrk makes before it begins, and then sends in turn. */
const VARIANTS = 1000;

const WRK_VARIANTS = `local requests, at = {}, 0
init = function()
  for i = 1, ${VARIANTS} do requests[i] = wrk.format(nil, wrk.path .. "?n=" .. 10000 + i) end
end
request = function()
  at = at % ${VARIANTS} + 1
  return requests[at]
end
`;

export function isInstalled(program: string, versionOption = '--version'): boolean {
  return spawnSync(program, [versionOption], { stdio: 'ignore' }).error === undefined;
}

/** The first that is installed; autocannon is a dependency of the project. */
export function installedLoader(): HttpLoader {
  return HTTP_LOADERS.find((each) => each === 'autocannon' || isInstalled(each)) as HttpLoader;
}

export class LoadGenerator {
  readonly httpLoader: HttpLoader;
  private readonly hasH2load = isInstalled('h2load');
  private readonly cpu: number;
  private readonly node: string;
  private readonly folder: string;
  private readonly wrkScript: string;
  private readonly lightLoad: string | undefined;

  /** `folder` is for what generators read; `node` runs autocannon and our own clients; `lightLoad` is light-load.c as a program. */
  constructor(httpLoader: HttpLoader, cpu: number, folder: string, node: string, lightLoad: string | undefined) {
    this.lightLoad = lightLoad;
    this.httpLoader = httpLoader;
    this.cpu = cpu;
    this.node = node;
    this.folder = folder;
    this.wrkScript = join(folder, 'wrk.lua');
  }

  /** What to call the generator of this cell in a report. */
  nameFor(cell: Cell): string {
    if (this.lightLoadFor(cell) !== undefined) return LIGHT_LOAD;
    return ownProgram(cell) ?? this.httpLoaderFor(cell);
  }

  private lightLoadFor({ light }: Cell): string | undefined {
    return light === true ? this.lightLoad : undefined;
  }

  /** wrk keeps no pace and has no percentiles of pipelined requests, h2load does not close after each request. */
  private httpLoaderFor({ load, ratePerSecond }: Cell): HttpLoader {
    if (load === 'pipeline' || ratePerSecond !== undefined) return this.hasH2load ? 'h2load' : 'autocannon';
    return load === 'close' && this.httpLoader === 'h2load' ? 'autocannon' : this.httpLoader;
  }

  async run(target: LoadTarget, seconds: number): Promise<LoadResult> {
    const lightLoad = this.lightLoadFor(target.cell);
    if (lightLoad !== undefined) return lastJsonLine(await this.pinned(lightLoadCommand(lightLoad, target, seconds, this.folder)));
    const program = ownProgram(target.cell);
    if (program !== undefined) return this.runOwn(program, target, seconds);
    const loader = this.httpLoaderFor(target.cell);
    if (target.cell.varies === true && loader !== 'wrk') throw new Error('only wrk can ask for something else each time');
    if (loader === 'h2load') return this.runH2load(target, seconds);
    return loader === 'wrk' ? this.runWrk(target, seconds) : this.runAutocannon(target, seconds);
  }

  private async runH2load(target: LoadTarget, seconds: number): Promise<LoadResult> {
    const { cell } = target;
    const logPath = join(this.folder, 'h2load.log');
    rmSync(logPath, { force: true });
    const command = h2loadCommand({
      url: urlOf(target),
      connections: cell.connections,
      seconds,
      requestsAtOnce: cell.load === 'pipeline' ? REQUESTS_AT_ONCE : 1,
      fields: requestFields(target),
      logPath,
      ...(cell.ratePerSecond === undefined ? {} : { perSecond: cell.ratePerSecond }),
      ...(cell.load === 'upload' ? { bodyPath: this.bodyFile(cell) } : {}),
    });
    const output = await this.pinned(command);
    return h2loadResult(output, readFileSync(logPath, 'latin1'));
  }

  private async runWrk(target: LoadTarget, seconds: number): Promise<LoadResult> {
    const { cell } = target;
    const fields = requestFields(target).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const script = cell.load === 'upload' ? this.wrkUpload(cell) : cell.varies === true ? WRK_VARIANTS : '';
    writeFileSync(this.wrkScript, script + WRK_REPORT);
    const options = ['-t1', `-c${cell.connections}`, `-d${seconds}s`, '--timeout', `${PATIENCE_SECONDS}s`, '-s', this.wrkScript, ...fields];
    return lastJsonLine(await this.pinned(['wrk', ...options, urlOf(target)]));
  }

  /** The body comes from a file, which wrk reads once. */
  private wrkUpload(cell: Cell): string {
    return `wrk.method = "POST"\nwrk.body = io.open("${this.bodyFile(cell)}", "rb"):read("*a")\n`;
  }

  private bodyFile(cell: Cell): string {
    const path = join(this.folder, 'upload-body');
    writeFileSync(path, bodyOf(cell.bytes));
    return path;
  }

  private async runAutocannon(target: LoadTarget, seconds: number): Promise<LoadResult> {
    const { cell } = target;
    const program = createRequire(import.meta.url).resolve('autocannon');
    const options = ['--json', '--no-progress', '-c', String(cell.connections), '-d', String(seconds)];
    for (const [name, value] of requestFields(target)) options.push('-H', `${name}=${value}`);
    if (cell.load === 'upload') options.push('-m', 'POST', '-i', this.bodyFile(cell));
    if (cell.load === 'pipeline') options.push('-p', String(REQUESTS_AT_ONCE));
    if (cell.ratePerSecond !== undefined) options.push('-R', String(cell.ratePerSecond));
    const result = lastJsonLine(await this.pinned([this.node, program, ...options, urlOf(target)])) as unknown as AutocannonResult;
    return {
      completed: result.requests.total,
      bytes: result.throughput.total,
      errors: result.errors + result.non2xx + result.timeouts + dropped(result, cell),
      durationMs: result.duration * 1000,
      p50Ms: result.latency.p50,
      p90Ms: result.latency.p90,
      p99Ms: result.latency.p99,
      p999Ms: result.latency.p99_9,
    };
  }

  private async runOwn(program: string, target: LoadTarget, seconds: number): Promise<LoadResult> {
    const { cell, port, cookie = '' } = target;
    const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
    const common = [port, pathOf(cell), cell.connections, program === 'websocket-load' ? cell.bytes : answerBytes(cell), seconds, cookie];
    const pattern = patternArgument(program, cell).map(String);
    return lastJsonLine(await this.pinned([this.node, path, ...pattern, ...common.map(String)]));
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

/** The client of ours that a cell needs, undefined where a generator does it. */
function ownProgram({ load }: Cell): string | undefined {
  if (load === 'echo') return 'websocket-load';
  if (load === 'rate') return 'rate-load';
  if (load === 'connect' || load === 'idle' || load === 'hang' || load === 'slow') return 'socket-load';
  return load === 'handshake' || load === 'resume-ticket' || load === 'resume-id' ? 'handshake-load' : undefined;
}

/** autocannon connects again without a word: what it sent and has no answer to, beyond what was on its way at the end. */
function dropped({ requests }: AutocannonResult, { load, connections }: Cell): number {
  const onTheirWay = connections * (load === 'pipeline' ? REQUESTS_AT_ONCE : 1);
  return Math.max(0, requests.sent - requests.total - onTheirWay);
}

/** What our clients are told before everything else. */
function patternArgument(program: string, { load, ratePerSecond = 0 }: Cell): (string | number)[] {
  if (program === 'socket-load') return [load, ratePerSecond];
  if (program === 'handshake-load') return [load === 'handshake' ? 'full' : 'resume', ratePerSecond];
  return [ratePerSecond];
}

function requestFields({ cell, cookie }: LoadTarget): [string, string][] {
  const fields: [string, string][] = cookie === undefined ? [] : [['Cookie', cookie]];
  if (cell.load === 'close') fields.push(['Connection', 'close']);
  return fields;
}

interface AutocannonResult {
  readonly requests: { readonly total: number; readonly sent: number };
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
