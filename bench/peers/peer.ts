// What the harness must know of a proxy to measure it: whether it is installed, and the command and configuration
// that give it the features of a cell. Starting and measuring happen elsewhere.

import type { Cell } from '../cells.js';
import type { BenchServer } from '../upstream.js';

/** For peers on Node (HTTP 100 B: what a request costs falls by a third in this time). */
export const NODE_STEADY_SECONDS = 8;

export interface Peer {
  readonly name: string;
  /** How to get it, for the one who has it not. */
  readonly install: string;
  /** Undefined when it is not installed. */
  version(): string | undefined;
  /** Why this peer has no part in a cell; undefined when it has. */
  cannot(cell: Cell): string | undefined;
  /** Does nothing but move bytes: it is asked for no feature. */
  readonly isFloor?: boolean;
  /** Its engine compiles what is hot while it runs: how long it is loaded before what it costs no longer falls. */
  readonly steadyAfterSeconds?: number;
  /** What makes the first process read its configuration again. */
  readonly reloadSignal?: NodeJS.Signals;
  /** Good production settings, with the cell's features on and the others off. */
  launch(setup: Setup): Launch;
}

export interface Setup {
  readonly cell: Cell;
  /** An empty folder of its own. */
  readonly folder: string;
  /** Where to listen, on 127.0.0.1. */
  readonly port: number;
  readonly servers: readonly BenchServer[];
  readonly certPath: string;
  readonly keyPath: string;
  /** Certificate and key in one file. */
  readonly pemPath: string;
  /** The file that access log lines have to reach. */
  readonly accessLogPath: string;
  /** The Node that runs proxies written for Node. */
  readonly node: string;
}

export interface Launch {
  readonly command: readonly string[];
  /** The harness writes it to `configPath` before it starts the command, and keeps it with the results. */
  readonly configText: string;
  readonly configPath: string;
  /** The proxy logs to its standard output: send that to `accessLogPath`. */
  readonly logsToStdout: boolean;
}
