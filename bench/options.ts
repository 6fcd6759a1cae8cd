// The command line of the benchmark.

import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly only: readonly string[];
  readonly peers: readonly string[];
  readonly repeat: number;
  readonly durationSeconds: number;
  readonly warmupSeconds: number;
  readonly connections?: number;
  /** The Node that runs Limpet and http-proxy. */
  readonly node: string;
  readonly load?: 'wrk' | 'autocannon';
  readonly baseline?: string;
  readonly publish?: string;
  readonly isHelpAsked: boolean;
}

export const USAGE = `node dist/bench/run.js [OPTIONS]       CPU per request of Limpet beside other proxies

  --only NAMES        cells, by name or prefix: http, http-1mb, tls, tcp, websocket …; default: all
  --peer NAMES        limpet, limpet-2-workers, nginx, haproxy, http-proxy, nginx-large-buffers, haproxy-large-buffers, or all;
                      default: the first four
  --repeat N          rounds; default 3
  --duration SECONDS  measured in each sample; default 5
  --warmup SECONDS    before each sample; default 2
  --connections N     instead of what each cell says
  --node PATH         the Node that runs Limpet and http-proxy; default: this one
  --load NAME         wrk or autocannon; default: wrk where it is installed
  --baseline PATH     the dist/src/cli/main.js of another build of Limpet, as one more peer
  --publish FILE      measure nothing: write docs/performance.md from a file of bench/results/
  --help
`;

/** Throws with one line when the arguments make no sense. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true },
      peer: { type: 'string', multiple: true },
      repeat: { type: 'string', default: '3' },
      duration: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '2' },
      connections: { type: 'string' },
      node: { type: 'string', default: process.execPath },
      load: { type: 'string' },
      baseline: { type: 'string' },
      publish: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { load } = values;
  if (load !== undefined && load !== 'wrk' && load !== 'autocannon') throw new Error('--load takes wrk or autocannon');
  return {
    only: names(values.only),
    peers: names(values.peer),
    repeat: positive('--repeat', values.repeat),
    durationSeconds: positive('--duration', values.duration),
    warmupSeconds: positive('--warmup', values.warmup),
    node: values.node,
    isHelpAsked: values.help,
    ...(values.connections === undefined ? {} : { connections: positive('--connections', values.connections) }),
    ...(load === undefined ? {} : { load }),
    ...(values.baseline === undefined ? {} : { baseline: values.baseline }),
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
