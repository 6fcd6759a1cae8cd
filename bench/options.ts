// The command line of the benchmark.

import { parseArgs } from 'node:util';
import { HTTP_LOADERS, type HttpLoader } from './load.js';

export interface BenchOptions {
  readonly only: readonly string[];
  readonly peers: readonly string[];
  /** All cells and all peers, where none are named. */
  readonly isFull: boolean;
  /** One long mixed load instead of cells. */
  readonly isSoak: boolean;
  /** Peers that take part in the first round of usual cells only. */
  readonly once: readonly string[];
  readonly repeat: number;
  readonly durationSeconds: number;
  /** What the whole run may take; `durationSeconds` does not count then. */
  readonly totalSeconds?: number;
  readonly warmupSeconds: number;
  readonly connections?: number;
  /** The Node that runs Limpet and the other proxies written for Node. */
  readonly node: string;
  readonly load?: HttpLoader;
  readonly baseline?: string;
  readonly compare?: string;
  readonly publish?: string;
  readonly isHelpAsked: boolean;
}

export const USAGE = `npm run bench -- [OPTIONS]       CPU per request of Limpet beside other proxies

Without options: a few cells, Limpet, nginx and HAProxy, about two minutes.

  --full              all cells, all peers, 3 rounds of 5 s: several hours; how long is said at the start
  --soak              no cells: everything that clients do at once for 10 minutes, Limpet or the peers named; does anything leak?
  --only NAMES        cells, by name or prefix: http, http-1mb, tls, handshake …; a name that is wrong lists all
  --peer NAMES        peers by name, or all; a name that is wrong lists them
  --once NAMES        more peers, for the first round of the usual cells only
  --total TIME        how long the run may take in all: each sample is measured for as long as that allows
  --repeat N          rounds; default 2
  --duration TIME     measured in each sample, or the length of the soak: seconds, or 90s, 10m, 1h; default 2
  --warmup SECONDS    before each sample; default 1
  --connections N     instead of what each cell says
  --node PATH         the Node that runs Limpet and the other proxies for Node; default: this one
  --load NAME         wrk, h2load or autocannon; default: the first of them that is installed
  --baseline PATH     the dist/src/cli/main.js of another build of Limpet, as one more peer
  --compare FILE      also the ratio to an earlier run, a file of bench/results/
  --publish FILE      measure nothing: write docs/performance.md and its pictures from a file of bench/results/
  --help

npm run bench:micro -- [--json FILE] [--compare FILE] [PART OF A NAME ...]       single calls of the data path
`;

/** Throws with one line when the arguments make no sense. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      full: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      peer: { type: 'string', multiple: true },
      once: { type: 'string', multiple: true },
      total: { type: 'string' },
      repeat: { type: 'string' },
      duration: { type: 'string' },
      warmup: { type: 'string' },
      connections: { type: 'string' },
      node: { type: 'string', default: process.execPath },
      load: { type: 'string' },
      baseline: { type: 'string' },
      compare: { type: 'string' },
      publish: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { load, full, soak } = values;
  const loader = HTTP_LOADERS.find((each) => each === load);
  if (load !== undefined && loader === undefined) throw new Error(`--load takes ${HTTP_LOADERS.join(', ')}, not ${load}`);
  return {
    only: names(values.only),
    peers: soak && values.peer === undefined ? ['limpet'] : names(values.peer),
    isFull: full,
    once: names(values.once),
    isSoak: soak,
    repeat: positive('--repeat', values.repeat ?? (full ? '3' : '2')),
    durationSeconds: duration('--duration', values.duration ?? (soak ? '10m' : full ? '5' : '2')),
    warmupSeconds: positive('--warmup', values.warmup ?? (full ? '2' : '1')),
    node: values.node,
    isHelpAsked: values.help,
    ...(values.total === undefined ? {} : { totalSeconds: duration('--total', values.total) }),
    ...(values.connections === undefined ? {} : { connections: positive('--connections', values.connections) }),
    ...(loader === undefined ? {} : { load: loader }),
    ...(values.baseline === undefined ? {} : { baseline: values.baseline }),
    ...(values.compare === undefined ? {} : { compare: values.compare }),
    ...(values.publish === undefined ? {} : { publish: values.publish }),
  };
}

function names(given: readonly string[] | undefined): string[] {
  return (given ?? []).flatMap((each) => each.split(',')).filter((each) => each !== '');
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${option} takes a whole number from 1 on, not ${text}`);
  return value;
}

/** Seconds. */
function duration(option: string, text: string): number {
  const [, digits = '', unit = 's'] = /^(\d+)([smh])?$/.exec(text) ?? [];
  const seconds = Number(digits) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
  if (seconds < 1) throw new Error(`${option} takes a time such as 5, 90s or 10m, not ${text}`);
  return seconds;
}
