// The config while it runs: reads it anew when asked to, has all workers take it or none, and says what came of it. What
// cannot be read, bound or used changes nothing.
import type { Config } from '../config/config.js';
import { type ConfigChange, configChanges } from '../config/config-diff.js';
import { loadConfig } from '../config/load.js';
import { formatProblem } from '../config/problem.js';
import type { ErrorLog } from '../core/logger.js';
import { makeAccessLogFile } from './access-log-file.js';
import type { ListeningSockets } from './listening-sockets.js';
import { monotonicUs, type Outcome } from './outcome-file.js';
import type { Workers } from './workers.js';

export interface ReloadParts {
  readonly configFile: string;
  /** Whether what another language says and Limpet cannot do is a warning. */
  readonly lenient: boolean;
  readonly workers: Workers;
  readonly sockets: ListeningSockets;
  readonly logger: ErrorLog;
  /** Settings of the file that are heeded at the start only. */
  readonly fixedAtStart: readonly (keyof Config)[];
  /** Called before a reload and after it. */
  readonly onBegin: () => void;
  readonly onEnd: (outcome: Pick<Outcome, 'begunUs' | 'problems' | 'changes'>) => void;
}

export class Reload {
  /** Other files that the config named when it was last read, well or not. */
  files: readonly string[];
  private isWanted = false;
  private isStopped = false;
  /** Tells the process that has taken over that a reload was asked for; null: none has. */
  private passOn: (() => void) | null = null;
  private under: Promise<void> = Promise.resolve();

  /** `config`: what runs. */
  constructor(
    private running: Config,
    files: readonly string[],
    private readonly parts: ReloadParts,
  ) {
    this.files = files;
  }

  /** What runs. */
  get config(): Config {
    return this.running;
  }

  /** One that has not begun yet is enough for all who ask: it reads the file as it is then. */
  request(reason: string): void {
    this.passOn?.();
    if (this.isWanted || this.isStopped) return;
    this.isWanted = true;
    this.under = this.under.then(() => this.run(reason));
  }

  /**
   * Has no reload under way while another process is about to take over, because that one reads the config by itself. Resolves
   * as `upgrade` does: with null if it has taken over, and then `passOn` is called for a reload that is asked for from the
   * beginning of the upgrade on. Else such a one begins here now.
   */
  holdDuring(upgrade: () => Promise<string | null>, passOn: () => void): Promise<string | null> {
    const outcome = this.under.then(upgrade);
    this.under = outcome.then((problem) => {
      if (problem !== null) return;
      this.isStopped = true;
      this.passOn = passOn;
      if (this.isWanted) passOn();
    });
    return outcome;
  }

  /** No reload begins any more. Resolves when none is under way. */
  stop(): Promise<void> {
    this.isStopped = true;
    return this.under;
  }

  private async run(reason: string): Promise<void> {
    this.isWanted = false;
    if (this.isStopped) return;
    const { logger, onBegin, onEnd } = this.parts;
    const begunUs = monotonicUs();
    logger.info('reloading', { reason });
    onBegin();
    try {
      const changes = await this.reload();
      for (const { message, fields } of changes) logger.info(message, fields);
      logger.info(changes.length === 0 ? 'reloaded: nothing has changed' : 'reloaded', { changes: changes.length });
      onEnd({ begunUs, problems: [], changes: changes.map(lineOf) });
    } catch (error) {
      const problems = error instanceof Refusal ? error.problems : [(error as Error).message];
      for (const problem of problems) logger.error(problem);
      logger.error('not reloaded: what runs goes on', { problems: problems.length });
      onEnd({ begunUs, problems, changes: [] });
    }
  }

  /** Throws an Error or a {@link Refusal}, and then nothing has changed. */
  private async reload(): Promise<ConfigChange[]> {
    const { configFile, lenient, workers, sockets, logger, fixedAtStart } = this.parts;
    const { config: read, problems, files, warnings } = loadConfig(configFile, { lenient });
    this.files = files;
    for (const warning of warnings) logger.warn(formatProblem(warning));
    if (problems !== undefined) throw new Refusal(problems.map(formatProblem));
    for (const key of fixedAtStart) {
      if (configChanges(this.running, { ...this.running, [key]: read[key] }).length > 0)
        logger.warn('this setting is taken at the start only: restart, or upgrade, for it to change', { key });
    }
    const config: Config = { ...read, workers: this.running.workers, user: this.running.user };
    const changes = configChanges(this.running, config);
    if (changes.length === 0) return changes;
    makeAccessLogFile(config);
    const log = logger.prepare(config.errorLog);
    try {
      const change = await sockets.prepare(config);
      const added = change.opened.addresses();
      const prepared = await workers.prepare(config, change);
      log.commit();
      await prepared.commit();
      this.running = config;
      for (const { name, address } of added) logger.info('listening', { name, address });
    } catch (error) {
      log.discard();
      throw error;
    }
    return changes;
  }
}

function lineOf({ message, fields }: ConfigChange): string {
  return `${message} ${Object.entries(fields)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')}`;
}

/** The config cannot be run as it is written. */
class Refusal extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}
