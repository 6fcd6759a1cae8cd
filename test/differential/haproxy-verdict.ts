// What HAProxy and Limpet say to a haproxy.cfg, without running it.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { formatProblem } from '../../src/config/problem.js';
import { pathOf } from '../e2e/real-servers.js';

export interface Verdicts {
  /** The first complaint of each; null: it takes the file. */
  readonly real: string | null;
  readonly own: string | null;
  /** Whether each has something to warn of. */
  readonly realWarns: boolean;
  readonly ownWarns: boolean;
}

export function verdictsOn(text: string, folder: string): Verdicts {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, text);
  const { status, stderr } = spawnSync(pathOf('haproxy'), ['-c', '-f', file], { encoding: 'utf8' });
  const loaded = loadConfig(file);
  return {
    // Some complaints do not keep it from starting, and with a few files it dies before it has complained.
    real: status === 0 ? null : (/\[ALERT\][^\n]*?config : ([^\n]*)/.exec(stderr)?.[1] ?? (status === null ? null : stderr)),
    own: loaded.problems === undefined ? null : loaded.problems.map(formatProblem)[0]!,
    realWarns: stderr.includes('[WARNING]'),
    ownWarns: loaded.warnings.length > 0,
  };
}

/** The sample fetches that HAProxy has, each with the columns of its table: where it may be fetched. */
export function realSamples(): ReadonlyMap<string, string> {
  const { stdout } = spawnSync(pathOf('haproxy'), ['-dKsmp', '-q', '-c', '-f', '/dev/null'], { encoding: 'utf8' });
  return new Map([...stdout.matchAll(/^\[ ([Y. ]+) \] ([^(:]+)/gm)].map((match) => [match[2]!, match[1]!.replaceAll(' ', '')]));
}
