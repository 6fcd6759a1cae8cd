// The primary process: starts what the config says, writes the pid file, takes signals, and ends in order: because it is
// told to, or because another process has taken over. With one worker, that worker lives in this process.
import { availableParallelism } from 'node:os';
import type { Config } from '../config/config.js';
import { ErrorLog, type Logger } from '../core/logger.js';
import { EmbeddedStore } from '../store/embedded-store.js';
import { checkMayBecome } from '../worker/privileges.js';
import { newTicketKeys } from '../worker/runtime.js';
import { makeAccessLogFile } from './access-log-file.js';
import { FileWatch } from './file-watch.js';
import { ListeningSockets } from './listening-sockets.js';
import { monotonicUs, OutcomeFile, outcomePath } from './outcome-file.js';
import { PidFile } from './pid-file.js';
import { type Predecessor, tellPredecessor } from './predecessor.js';
import { Reload } from './reload.js';
import { ServiceManager } from './service-manager.js';
import { takeSystemdSockets } from './systemd-sockets.js';
import { startedLikeThis, Upgrade } from './upgrade.js';
import { WorkerProcesses } from './worker-processes.js';
import { OwnWorker, type Workers } from './workers.js';

export interface SupervisorOptions {
  readonly configFile: string;
  readonly lenient: boolean;
  /** Other files that it names. */
  readonly files: readonly string[];
  /** Whether the config is read anew when one of these files changes. */
  readonly watches: boolean;
  /** null: none is written. */
  readonly pidFile: string | null;
  /** null: as the config says. */
  readonly workers: number | 'auto' | null;
  /** The process to take over from; null: this is an ordinary start. */
  readonly predecessor: Predecessor | null;
}

/** Runs until a signal ends it. Resolves with the exit code: 0, or 1 when it could not start. */
export async function runSupervisor(config: Config, options: SupervisorOptions): Promise<number> {
  let logger: ErrorLog;
  let pidFile: PidFile | null = null;
  try {
    if (config.user !== null) checkMayBecome(config.user);
    pidFile = claimPidFile(options, config.user !== null);
    logger = new ErrorLog({ ...config.errorLog, owner: config.user });
  } catch (error) {
    pidFile?.release();
    const problem = (error as Error).message;
    process.stderr.write(`${problem}\n`);
    await tellPredecessor({ kind: 'failed', problem });
    return 1;
  }
  const code = await new Supervisor(config, options, pidFile, logger).run();
  pidFile?.release();
  await logger.close();
  return code;
}

function claimPidFile({ pidFile, predecessor }: SupervisorOptions, losesRights: boolean): PidFile | null {
  if (pidFile === null) return null;
  if (predecessor !== null && predecessor.pidFileFd !== null) return PidFile.inherited(pidFile, predecessor.pidFileFd);
  return PidFile.claim(pidFile, predecessor?.pid ?? null, losesRights);
}

function openOutcomes({ user }: Config, { pidFile }: SupervisorOptions, logger: Logger): OutcomeFile | null {
  if (pidFile === null) return null;
  try {
    return new OutcomeFile(outcomePath(pidFile), user);
  } catch (error) {
    logger.warn('`limpet reload` and `limpet upgrade` will not be told what comes of it', { problem: (error as Error).message });
    return null;
  }
}

class Supervisor {
  private readonly stop: StopSignals;
  private readonly service = new ServiceManager(process.env);
  /** null: nobody can ask for it, or it cannot be written. */
  private readonly outcomes: OutcomeFile | null;

  constructor(
    private readonly config: Config,
    private readonly options: SupervisorOptions,
    private readonly pidFile: PidFile | null,
    private readonly logger: ErrorLog,
  ) {
    this.stop = new StopSignals(logger);
    this.outcomes = openOutcomes(config, options, logger);
  }

  async run(): Promise<number> {
    const { config, logger, pidFile, stop } = this;
    const count = workerCount(this.options.workers ?? config.workers);
    const { predecessor } = this.options;
    const ticketKeys = predecessor?.ticketKeys ?? newTicketKeys();
    const store = predecessor?.createStore() ?? new EmbeddedStore();
    let sockets: ListeningSockets;
    let workers: Workers;
    try {
      sockets = await this.bind(count);
      workers =
        count === 1 ? new OwnWorker(sockets, ticketKeys, store, logger) : new WorkerProcesses(count, sockets, ticketKeys, store, logger);
      await this.start(sockets, workers);
    } catch (error) {
      const problem = (error as Error).message;
      logger.error(problem);
      await tellPredecessor({ kind: 'failed', problem });
      return 1;
    }
    const reload = this.reloadOf(workers, sockets);
    process.on('SIGUSR1', () => this.reopenLogs(reload.config, workers));
    const upgrade = new Upgrade(
      { sockets, ticketKeys, store, pidFile },
      { ...startedLikeThis(), hold: (attempt, passOn) => reload.holdDuring(attempt, passOn) },
      logger,
    );
    const ended = Promise.race([stop.first.then(() => false), this.successorOf(upgrade)]);
    // Last: from now on whoever finds us by the pid file may send us every signal.
    if (predecessor !== null) await tellPredecessor({ kind: 'ready', keys: [...new Set(sockets.all().map(({ key }) => key))] });
    const hasSuccessor = await ended;
    const noUpgrade = upgrade.abandon();
    if (!hasSuccessor) void this.service.stopping();
    await reload.stop();
    await noUpgrade;
    await this.end(reload.config, sockets, workers, hasSuccessor);
    this.outcomes?.release(hasSuccessor);
    return 0;
  }

  private bind(count: number): Promise<ListeningSockets> {
    const { predecessor } = this.options;
    return ListeningSockets.bind(this.config, count, {
      bound: predecessor?.sockets ?? new Map(),
      systemd: takeSystemdSockets(process.env, process.pid),
      isSuccessor: predecessor !== null,
    });
  }

  private async start(sockets: ListeningSockets, workers: Workers): Promise<void> {
    const { logger, options } = this;
    const addresses = sockets.addresses();
    try {
      // Two signals end a start that does not come to its end; without this process, its workers end too.
      await Promise.race([
        workers.start(this.config),
        this.stop.second.then(() => Promise.reject(new Error('stopped before it was ready'))),
      ]);
    } catch (error) {
      sockets.close();
      throw error;
    }
    for (const { name, address } of addresses) logger.info('listening', { name, address });
    this.pidFile?.write();
    sockets.takeOver();
    logger.info('ready', { pid: process.pid, workers: workerCount(options.workers ?? this.config.workers) });
    void this.service.ready();
  }

  /** Takes SIGHUP, and changes of the files where that is asked for. */
  private reloadOf(workers: Workers, sockets: ListeningSockets): Reload {
    const { options, logger, service } = this;
    const reload = new Reload(this.config, options.files, {
      configFile: options.configFile,
      lenient: options.lenient,
      workers,
      sockets,
      logger,
      // What the command line says of them stays, whatever the file says.
      fixedAtStart: options.workers === null ? ['workers', 'user'] : ['user'],
      onBegin: () => void service.reloading(),
      onEnd: (outcome) => {
        this.outcomes?.write({ of: 'reload', ...outcome });
        void service.ready();
      },
    });
    process.on('SIGHUP', () => reload.request('SIGHUP'));
    if (options.watches)
      void new FileWatch(
        () => [options.configFile, ...reload.files],
        () => reload.request('a file has changed'),
      ).start();
    return reload;
  }

  /** Resolves with true when a new process has taken over, which SIGUSR2 asks for. */
  private successorOf(upgrade: Upgrade): Promise<boolean> {
    return new Promise((resolve) => {
      process.on('SIGUSR2', () => {
        const begunUs = monotonicUs();
        void upgrade.attempt().then((problem) => {
          if (problem === null) resolve(true);
          else this.outcomes?.write({ of: 'upgrade', begunUs, problems: [problem], changes: [] });
        });
      });
    });
  }

  /** The files are made here, where root's rights may be left, before the workers open them. */
  private reopenLogs(config: Config, workers: Workers): void {
    this.logger.reopen();
    try {
      makeAccessLogFile(config);
    } catch (error) {
      this.logger.error((error as Error).message);
    }
    workers.reopenLogs();
    this.logger.info('logs opened anew');
  }

  private async end(config: Config, sockets: ListeningSockets, workers: Workers, hasSuccessor: boolean): Promise<void> {
    const { logger, stop } = this;
    logger.info('stopping', { timeoutMs: config.shutdownTimeout });
    void (hasSuccessor ? stop.first : stop.second).then(() => workers.cutAll());
    // First here: a socket that only the supervisor holds would let clients in whom nobody serves.
    sockets.close();
    const counters = await workers.drain(config.shutdownTimeout, !hasSuccessor);
    logger.info('stopped');
    // Asked for by tests: proof that nothing is left over.
    if (process.env['LIMPET_TEST_COUNTERS'] === '1') process.stderr.write(`counters ${JSON.stringify(counters)}\n`);
  }
}

function workerCount(workers: number | 'auto'): number {
  return workers === 'auto' ? availableParallelism() : workers;
}

/** What ends Limpet, in order; SIGQUIT is what nginx's users send for that. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/** The first one asks for an orderly end, the second for an end at once. */
class StopSignals {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  private readonly resolvers: (() => void)[] = [];

  constructor(private readonly logger: Logger) {
    this.first = new Promise((resolve) => this.resolvers.push(resolve));
    this.second = new Promise((resolve) => this.resolvers.push(resolve));
    for (const signal of stopSignals) process.on(signal, () => this.take(signal));
    // Until there is something to reload: a SIGHUP must not end a program that is just starting.
    process.on('SIGHUP', () => {});
  }

  private take(signal: string): void {
    this.logger.info('signal', { name: signal });
    this.resolvers.shift()?.();
  }
}
