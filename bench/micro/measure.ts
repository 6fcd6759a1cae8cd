// Times a small piece of code: how many nanoseconds of CPU one call takes, as the median of several batches. CPU time
// and not the clock's: other programs of the machine do not count, threads that collect garbage do.

import { spreadOf } from '../statistics.js';

export interface MicroCase {
  readonly name: string;
  /** Does the work so many times and returns something that depends on every result, so that none can be optimised away. */
  readonly run: (times: number) => number;
}

export interface MicroResult {
  readonly name: string;
  readonly medianNs: number;
  readonly lowestNs: number;
  readonly highestNs: number;
}

const BATCH_MS = 40;
const BATCHES = 11;

/** Warms up, finds how many calls fill a batch, and times the batches. Takes about half a second. */
export function measure({ name, run }: MicroCase): MicroResult {
  let times = 1_000;
  while (cpuMs(run, times) < BATCH_MS) times *= 2;
  const perCallNs = Array.from({ length: BATCHES }, () => (cpuMs(run, times) * 1e6) / times);
  const { median, lowest, highest } = spreadOf(perCallNs);
  return { name, medianNs: median, lowestNs: lowest, highestNs: highest };
}

const sink = { value: 0 };

function cpuMs(run: MicroCase['run'], times: number): number {
  const before = process.cpuUsage();
  sink.value ^= run(times);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
