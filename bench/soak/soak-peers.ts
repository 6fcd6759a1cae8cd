// The command `--soak`: one peer after the other, a result file, a page with charts, and the verdict.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { writeCertificates } from '../certificate.js';
import { aboutMachine, leaveProxyCpu, refuseUnfitMachine, versionsOf } from '../machine.js';
import type { BenchOptions } from '../options.js';
import type { Peer } from '../peers/peer.js';
import { keepInstalled } from '../peers.js';
import { type SoakPlan, soak } from './soak.js';
import { soakPage, verdictLines } from './soak-page.js';
import type { SoakRecord, SoakResult } from './soak-results.js';
import { megabytes } from './verdict.js';

/** Proxies keep idle connections to servers for up to a minute. */
const CLOSING_SECONDS = 90;
const UNPACED_SECONDS = 5;
const RECORD_EVERY_SECONDS = 10;
/** A short soak is looked at as often as a long one. */
const RECORDS_AT_LEAST = 12;

/** Whether all have passed. `resultPath` is where the JSON goes; the page stands beside it. */
export async function soakPeers(options: BenchOptions, wanted: readonly Peer[], resultPath: string): Promise<boolean> {
  refuseUnfitMachine();
  leaveProxyCpu();
  const { durationSeconds, node } = options;
  const result: SoakResult = {
    startedAt: new Date().toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    durationSeconds,
    machine: aboutMachine(),
    versions: versionsOf(node),
    peers: [],
    skipped: [],
    configs: [],
    soaks: [],
  };
  const folder = mkdtempSync(join(tmpdir(), 'limpet-soak-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const plan: SoakPlan = {
    folder,
    node,
    certificate: (await writeCertificates(folder)).ecdsa,
    durationSeconds,
    unpacedSeconds: UNPACED_SECONDS,
    recordEverySeconds: Math.min(RECORD_EVERY_SECONDS, Math.max(1, Math.floor(durationSeconds / RECORDS_AT_LEAST))),
    closingSeconds: CLOSING_SECONDS,
    isSticky: true,
  };
  for (const peer of keepInstalled(wanted, result)) {
    const outcome = await soak(
      plan,
      peer,
      ({ command, configText }) => result.configs.push({ peer: peer.name, cell: 'soak', command: command.join(' '), text: configText }),
      (record) => console.error(progressLine(peer.name, record)),
    );
    result.soaks.push(outcome);
    console.log(verdictLines(outcome).join('\n'));
    mkdirSync(dirname(resultPath), { recursive: true });
    writeFileSync(resultPath, `${JSON.stringify(result, null, 2)}\n`);
  }
  for (const { peer, reason } of result.skipped) console.error(`${peer} is skipped: ${reason}`);
  if (result.soaks.length === 0) throw new Error('there is nothing to soak');
  const pagePath = resultPath.replace(/json$/, 'html');
  writeFileSync(pagePath, soakPage(result));
  console.log(`Records: ${relative(process.cwd(), resultPath)}; charts: ${relative(process.cwd(), pagePath)}`);
  return result.soaks.every((each) => each.faults.length === 0);
}

function progressLine(peer: string, record: SoakRecord): string {
  const heap = record.heapBytes === undefined ? '' : `, heap ${megabytes(record.heapBytes)} MB`;
  const errors = Object.values(record.errors).reduce((sum, each) => sum + each, 0);
  const memory = `resident ${megabytes(record.residentBytes)} MB${heap}`;
  const sockets = `${record.descriptors} descriptors, ${record.connections} connections`;
  return `${peer} ${record.seconds.toFixed(0).padStart(5)} s  ${memory}, ${sockets}, ${record.requests.toLocaleString('en')} requests, ${errors} errors, ${Math.round(record.proxyShare * 100)} % busy`;
}
