// What a soak leaves behind, as it stands in a file of bench/results/.

import type { PeerFacts, RunResult, Skipped, UsedConfig } from '../results.js';

/** What was seen at one moment. Counts run from the beginning of the load. */
export interface SoakRecord {
  readonly seconds: number;
  readonly residentBytes: number;
  /** Of a proxy that runs in Node: the least of its heap that was in use since the record before. */
  readonly heapBytes?: number;
  readonly descriptors: number;
  /** The clients' on bare sockets. */
  readonly connections: number;
  readonly requests: number;
  /** How much of its processor the proxy took since the record before. */
  readonly proxyShare: number;
  readonly errors: Readonly<Record<string, number>>;
}

export interface SoakOfPeer {
  readonly peer: string;
  /** Keep-alive requests per second: what was answered without a pace, and the pace of the soak. */
  readonly unpacedPerSecond: number;
  readonly unpacedProxyShare: number;
  readonly perSecond: number;
  readonly records: readonly SoakRecord[];
  /** What the clients have done in all, by behaviour. */
  readonly done: Readonly<Record<string, number>>;
  /** By behaviour and what went wrong. */
  readonly errors: Readonly<Record<string, number>>;
  /** Before the first request, and when the load was over and the time for closing had passed. */
  readonly descriptorsAtRest: number;
  readonly descriptorsAfterwards: number;
  readonly secondsUntilClosed: number;
  /** Why it has not passed; empty when it has. */
  readonly faults: readonly string[];
}

export interface SoakResult extends Pick<RunResult, 'startedAt' | 'command' | 'machine' | 'versions'> {
  readonly durationSeconds: number;
  readonly peers: PeerFacts[];
  readonly skipped: Skipped[];
  readonly configs: UsedConfig[];
  readonly soaks: SoakOfPeer[];
}
