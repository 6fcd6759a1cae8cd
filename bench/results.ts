// What a run leaves behind, as it stands in a file of bench/results/: the raw samples and everything needed to judge
// or repeat them.

import type { Cell } from './cells.js';

/**
 * What set the pace: only where it was the proxy do rates say what the proxy can do. `cell` is a cell whose clients ask at a fixed rate or
 * wait for other reasons. A sample in which generator or servers set it is refused.
 */
export type Pace = 'proxy' | 'cell' | 'neither';

export interface Sample {
  readonly cell: string;
  readonly peer: string;
  /** Samples of the same round were taken one after the other: ratios are taken within a round. */
  readonly round: number;
  /** Why the figures below must not be used; they are zero then. */
  readonly refused?: string;
  readonly generator: string;
  readonly negotiated?: string;
  readonly completed: number;
  readonly errors: number;
  readonly perSecond: number;
  /** CPU of all processes of the proxy for one request or message. */
  readonly userUs: number;
  readonly systemUs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Resident memory of all processes of the proxy: before the load, and the most under it. */
  readonly restBytes: number;
  readonly residentBytes: number;
  /** How much of its processor the proxy took; and generator and servers together of theirs. */
  readonly proxyShare: number;
  readonly loadShare: number;
  /** What others took of either processor, the larger one: programs of this machine, and the hypervisor. */
  readonly foreignShare: number;
  readonly pace: Pace;
}

export interface PeerFacts {
  readonly name: string;
  readonly version: string;
}

export interface Skipped {
  readonly peer: string;
  readonly cell?: string;
  readonly reason: string;
}

export interface UsedConfig {
  readonly peer: string;
  readonly cell: string;
  readonly command: string;
  readonly text: string;
}

export interface RunResult {
  readonly startedAt: string;
  readonly command: string;
  readonly repeat: number;
  readonly durationSeconds: number;
  readonly warmupSeconds: number;
  readonly machine: { readonly processor: string; readonly processors: number; readonly kernel: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly cells: readonly Cell[];
  readonly peers: PeerFacts[];
  readonly skipped: Skipped[];
  readonly configs: UsedConfig[];
  readonly samples: Sample[];
}

export function cpuUs(sample: Sample): number {
  return sample.userUs + sample.systemUs;
}
