// The primary process: starts what the config says, writes the pid file, takes signals, and ends in order. With one
// worker, that worker lives in this process.
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Config } from '../config/config.js';
import { ErrorLog, type Logger } from '../core/logger.js';
import { WorkerProcesses } from './worker-processes.js';
import { OwnWorker, type Workers } from './workers.js';

export interface SupervisorOptions {
  readonly configFile: string;
  /** null: none is written. */
  readonly pidFile: string | null;
  /** null: as the config says. */
  readonly workers: number | 'auto' | null;
}

/** Runs until a signal ends it. Resolves with the exit code: 0, or 1 when it could not start. */
export async function runSupervisor(config: Config, options: SupervisorOptions): Promise<number> {
  let logger: ErrorLog;
  try {
    logger = new ErrorLog(config.errorLog);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
  const code = await runWith(config, options, logger);
  await logger.close();
  return code;
}

async function runWith(config: Config, options: SupervisorOptions, logger: ErrorLog): Promise<number> {
  const stop = new StopSignals(logger);
  const count = workerCount(options.workers ?? config.workers);
  const workers: Workers = count === 1 ? new OwnWorker(config, logger) : new WorkerProcesses(config, count, logger);
  try {
    // Two signals end a start that does not come to its end; without this process, its workers end too.
    await Promise.race([workers.start(), stop.second.then(() => Promise.reject(new Error('stopped before it was ready')))]);
  } catch (error) {
    logger.error((error as Error).message);
    return 1;
  }
  try {
    if (options.pidFile !== null) writePidFile(options.pidFile);
  } catch (error) {
    logger.error((error as Error).message);
    await workers.drain(0);
    return 1;
  }
  logger.info('ready', { pid: process.pid, workers: count });
  await stop.first;
  logger.info('stopping', { timeoutMs: config.shutdownTimeout });
  void stop.second.then(() => workers.cutAll());
  const counters = await workers.drain(config.shutdownTimeout);
  if (options.pidFile !== null) rmSync(options.pidFile, { force: true });
  logger.info('stopped');
  // Asked for by tests: proof that nothing is left over.
  if (process.env['LIMPET_TEST_COUNTERS'] === '1') process.stderr.write(`counters ${JSON.stringify(counters)}\n`);
  return 0;
}

function workerCount(workers: number | 'auto'): number {
  return workers === 'auto' ? availableParallelism() : workers;
}

function writePidFile(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    throw new Error(`the pid file cannot be written: ${(error as Error).message}`);
  }
}

/** SIGTERM and SIGINT: the first asks for an orderly end, the second for an end at once. */
class StopSignals {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  private readonly resolvers: (() => void)[] = [];

  constructor(private readonly logger: Logger) {
    this.first = new Promise((resolve) => this.resolvers.push(resolve));
    this.second = new Promise((resolve) => this.resolvers.push(resolve));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.take(signal));
    // Terminals that go away must not take a proxy with them that has stdout to write to.
    process.on('SIGHUP', () => this.logger.info('SIGHUP is ignored: this version reads its config when it starts'));
  }

  private take(signal: string): void {
    this.logger.info('signal', { name: signal });
    this.resolvers.shift()?.();
  }
}
