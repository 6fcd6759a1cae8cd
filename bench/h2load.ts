// h2load as a load generator, HTTP/1.1 only: its command line, and what its output says. It alone of the generators pipelines cheaply
// and keeps a pace.

import type { LoadResult } from './load.js';

export interface H2loadOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** On each connection. */
  readonly requestsAtOnce: number;
  /** Of all connections together; undefined: as fast as they are answered. */
  readonly perSecond?: number;
  readonly fields: readonly [string, string][];
  /** The body of a POST. */
  readonly bodyPath?: string;
  /** Where it writes a line for each answer. */
  readonly logPath: string;
}

export function h2loadCommand(options: H2loadOptions): string[] {
  const { url, connections, seconds, requestsAtOnce, perSecond, fields, bodyPath, logPath } = options;
  return [
    'h2load',
    '--h1',
    '-t1',
    ...[`-c${connections}`, `-m${requestsAtOnce}`, `-D${seconds}`, `--log-file=${logPath}`],
    ...(perSecond === undefined ? [] : [`--rps=${perSecond / connections}`]),
    ...(bodyPath === undefined ? [] : ['-d', bodyPath]),
    ...fields.flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    url,
  ];
}

/** `log` has a line for each answer: when it was asked for, the status, and how many microseconds it took. Throws on other output. */
export function h2loadResult(output: string, log: string): LoadResult {
  const duration = /^finished in ([\d.]+)(us|ms|s|m)/m.exec(output);
  const requests = /^requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m.exec(output);
  const statuses = /^status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(output);
  const traffic = /^traffic: [^(]*\((\d+)\) total/m.exec(output);
  if (duration === null || requests === null || statuses === null || traffic === null) {
    throw new Error(`h2load gave no result: ${output.trim().slice(-500)}`);
  }
  const [, completed, failed, errored, timedOut] = requests.map(Number);
  const [, redirected, refused, broken] = statuses.map(Number);
  const tookUs = Float64Array.from(log.trim().split('\n'), (line) => Number(line.split('\t')[2] ?? 0)).sort();
  const percentileMs = (part: number) => tookUs[Math.min(tookUs.length - 1, Math.floor(tookUs.length * part))] / 1000;
  return {
    completed,
    bytes: Number(traffic[1]),
    // Failed are those with a status of 4xx and 5xx as well.
    errors: Math.max(failed, redirected + refused + broken) + errored + timedOut,
    durationMs: Number(duration[1]) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[duration[2] as 'us' | 'ms' | 's' | 'm'],
    p50Ms: percentileMs(0.5),
    p90Ms: percentileMs(0.9),
    p99Ms: percentileMs(0.99),
    p999Ms: percentileMs(0.999),
  };
}
