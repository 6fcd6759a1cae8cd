// What a run consists of, in the order in which it is taken, and how long that will be.

import type { Cell } from './cells.js';
import type { BenchOptions } from './options.js';
import type { Peer } from './peers/peer.js';
import { firstWarmupSeconds } from './running-proxy.js';
import { secondsFor } from './sample.js';

/** What a sample takes beside its load: waking the proxy, and starting the generator twice. */
const SECONDS_BESIDE = 1.6;
/** What the first sample of a proxy takes beside its warm-up: starting it, checking its answers, and stopping it. */
const SECONDS_TO_START = 1;
/** A sample that is shorter measures how the load begins. */
const LEAST_SECONDS = 1;

export interface PlannedSample {
  readonly cell: Cell;
  readonly peer: Peer;
  readonly round: number;
}

/** Peers that `once` names take part in the first round of usual cells only. */
export function planOf(cells: readonly Cell[], peers: readonly Peer[], repeat: number, once: readonly string[]): PlannedSample[] {
  const plan: PlannedSample[] = [];
  for (const cell of cells) {
    for (let round = 1; round <= repeat; round++) {
      for (const peer of peers) {
        const isOnce = once.includes(peer.name);
        if (peer.cannot(cell) === undefined && (!isOnce || (round === 1 && cell.isUsual))) plan.push({ cell, peer, round });
      }
    }
  }
  return plan;
}

export function plannedSeconds(plan: readonly PlannedSample[], times: Pick<BenchOptions, 'durationSeconds' | 'warmupSeconds'>): number {
  return plan.reduce((sum, { cell, peer, round }) => {
    const isFirst = round === 1 || cell.reloads === true;
    const before = isFirst ? SECONDS_TO_START + firstWarmupSeconds(peer, times.warmupSeconds) : 0;
    return sum + before + SECONDS_BESIDE + secondsFor(cell, times.durationSeconds);
  }, 0);
}

/** How long each sample may be measured so that all of them take `totalSeconds`. Throws when that is too short to measure anything. */
export function durationFor(plan: readonly PlannedSample[], totalSeconds: number, warmupSeconds: number): number {
  let seconds = LEAST_SECONDS;
  const least = plannedSeconds(plan, { durationSeconds: seconds, warmupSeconds });
  if (least > totalSeconds)
    throw new Error(`${plan.length} samples take ${minutes(least)} at least; fewer cells, peers or rounds take less`);
  while (plan.length > 0 && plannedSeconds(plan, { durationSeconds: seconds + 1, warmupSeconds }) <= totalSeconds) seconds++;
  return seconds;
}

export function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
