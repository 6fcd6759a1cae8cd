// Judges what a soak has recorded. It measures nothing.

import { lineThrough } from '../statistics.js';
import type { SoakOfPeer, SoakRecord } from './soak-results.js';

/** Memory may grow by so much of itself, or by so many bytes, in the part that is judged: more than a collector's waves. */
const TOLERATED_GROWTH = 0.1;
const TOLERATED_BYTES = 8 * 2 ** 20;
/** A shorter part says nothing about memory: whatever a program does, it is still warming up. */
const LEAST_JUDGED_SECONDS = 60;

export interface Trend {
  /** Of the line through the last two thirds, by the minute. */
  readonly bytesPerMinute: number;
  /** What the last records are above the first ones. */
  readonly lastOverFirst: number;
  readonly isFlat: boolean;
  /** The part is long enough for a verdict. */
  readonly isJudged: boolean;
}

/** Of the last two thirds: the first third is warm-up. Undefined where there are too few records for a line. */
export function trendOf(records: readonly SoakRecord[], pick: (record: SoakRecord) => number | undefined): Trend | undefined {
  const points: [number, number][] = [];
  for (const record of records.slice(Math.floor(records.length / 3))) {
    const value = pick(record);
    if (value !== undefined) points.push([record.seconds, value]);
  }
  if (points.length < 3) return undefined;
  const { slope, startsAt } = lineThrough(points);
  const seconds = points[points.length - 1][0] - points[0][0];
  const growthOfLine = slope * seconds;
  const ends = Math.max(1, Math.floor(points.length / 6));
  const lastOverFirst = mean(points.slice(-ends)) - mean(points.slice(0, ends));
  const tolerated = Math.max(TOLERATED_BYTES, TOLERATED_GROWTH * startsAt);
  // A wave that ends high lifts one of the two, what grows all the time both.
  const isFlat = growthOfLine <= tolerated || lastOverFirst <= tolerated;
  return { bytesPerMinute: slope * 60, lastOverFirst, isFlat, isJudged: seconds >= LEAST_JUDGED_SECONDS };
}

/** Why a soak has not passed; empty when it has. */
export function faultsOf(soak: Omit<SoakOfPeer, 'faults'>): string[] {
  const { records, descriptorsAtRest, descriptorsAfterwards } = soak;
  const faults: string[] = [];
  const last = records[records.length - 1];
  if (last === undefined) return ['nothing was recorded'];
  for (const [what, times] of Object.entries(soak.errors)) faults.push(`${what} (${times} times)`);
  if (last.requests === 0) faults.push('nothing was answered');
  for (const [what, trend] of [
    ['resident memory', trendOf(records, (each) => each.residentBytes)],
    ['the heap', trendOf(records, (each) => each.heapBytes)],
  ] as const) {
    if (trend?.isJudged && !trend.isFlat) faults.push(`${what} grows by ${megabytes(trend.bytesPerMinute)} MB a minute`);
  }
  if (descriptorsAfterwards > descriptorsAtRest) {
    faults.push(`${descriptorsAfterwards - descriptorsAtRest} descriptors more than before are open when all clients have gone`);
  }
  return faults;
}

/** Keep-alive requests a second that were answered in fact: fewer than the pace where the clients had no processor for more. */
export function answeredPerSecond(records: readonly SoakRecord[]): number {
  const last = records[records.length - 1];
  // Counts come each second, so a span between two records says more than the first one's beginning.
  const first = records.length > 1 ? records[0] : { requests: 0, seconds: 0 };
  return last === undefined ? 0 : (last.requests - first.requests) / (last.seconds - first.seconds);
}

export function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function mean(points: readonly [number, number][]): number {
  return points.reduce((sum, [, value]) => sum + value, 0) / points.length;
}
