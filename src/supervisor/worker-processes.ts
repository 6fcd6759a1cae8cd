// Several workers, each in a process of its own: starts them on the listening sockets, replaces those that die, brings all
// of them from one config to the next, and ends them in order.
import type { Config } from '../config/config.js';
import type { Logger } from '../core/logger.js';
import type { EmbeddedStore } from '../store/embedded-store.js';
import { ROUND_MS } from '../store/messages.js';
import type { WorkerCounters } from '../worker/worker.js';
import type { ListeningSockets, SocketChange } from './listening-sockets.js';
import { RestartPause } from './restart-pause.js';
import { type WorkerEnd, WorkerProcess } from './worker-process.js';
import type { PreparedWorkers, Workers } from './workers.js';

/** What a worker gets beyond its own deadline before it is taken for stuck. */
const STUCK_AFTER_MS = 5_000;
/** How long workers may take to be ready for a config, and then to have it in place. */
const CHANGE_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A worker's place: who stands in it may change. */
interface Place {
  readonly index: number;
  readonly pause: RestartPause;
  worker: WorkerProcess;
  timer: NodeJS.Timeout | null;
}

export class WorkerProcesses implements Workers {
  private readonly places: Place[] = [];
  /** What every worker serves. */
  private config: Config | null = null;
  /** Resolves when no change of the config is under way. */
  private changed: Promise<void> = Promise.resolve();
  private isEnding = false;

  constructor(
    private readonly count: number,
    private readonly sockets: ListeningSockets,
    private readonly ticketKeys: Buffer,
    private readonly store: EmbeddedStore,
    private readonly logger: Logger,
  ) {}

  async start(config: Config): Promise<void> {
    this.config = config;
    for (let index = 0; index < this.count; index++) {
      this.places.push({ index, pause: new RestartPause(), worker: this.fork(index), timer: null });
    }
    try {
      await Promise.all(this.places.map(({ worker }) => startedOrFailed(worker)));
    } catch (error) {
      // Those that could start may have let clients in.
      await this.drain(config.shutdownTimeout, true);
      throw error;
    }
    for (const place of this.places) this.watch(place);
    setInterval(() => this.store.round(), ROUND_MS).unref();
  }

  private fork(index: number): WorkerProcess {
    return new WorkerProcess(index + 1, this.config as Config, this.ticketKeys, this.sockets.ofWorker(index), this.store);
  }

  private watch(place: Place): void {
    const { worker } = place;
    void worker.listening.then((isListening) => {
      if (isListening) this.logger.info('worker listening', { worker: worker.number, pid: worker.pid });
    });
    void worker.ended.then((end) => {
      if (!this.isEnding) this.replace(place, end);
    });
  }

  private replace(place: Place, end: WorkerEnd): void {
    const { worker } = place;
    const pauseMs = place.pause.next(end.livedMs);
    this.logger.error(end.hadListened ? 'worker died' : 'worker could not start', { ...endFields(worker, end), replacedInMs: pauseMs });
    const start = async (): Promise<void> => {
      place.timer = null;
      // Which config it gets may just be being decided.
      await this.changed;
      if (this.isEnding) return;
      place.worker = this.fork(place.index);
      this.watch(place);
    };
    if (pauseMs === 0) void start();
    else place.timer = setTimeout(() => void start(), pauseMs);
  }

  async prepare(config: Config, sockets: SocketChange): Promise<PreparedWorkers> {
    let endOfChange: () => void = () => {};
    this.changed = new Promise((resolve) => {
      endOfChange = resolve;
    });
    const workers = this.places.map(({ worker }) => worker);
    try {
      const ready = await inTime(
        Promise.all(workers.map((worker) => prepareOne(worker, config, sockets.opened))),
        'a worker does not answer',
      );
      if (ready.every((isReady) => !isReady)) throw new Error('no worker is up that could try the config');
      return {
        commit: async () => {
          this.config = config;
          await this.commit(workers.filter((_, place) => ready[place]));
          sockets.commit();
          endOfChange();
        },
      };
    } catch (error) {
      for (const worker of workers) worker.discard();
      sockets.discard();
      endOfChange();
      throw error;
    }
  }

  private async commit(workers: readonly WorkerProcess[]): Promise<void> {
    try {
      await inTime(Promise.all(workers.map((worker) => worker.commit())), 'a worker is late with the new config');
    } catch (error) {
      this.logger.warn((error as Error).message);
    }
  }

  reopenLogs(): void {
    for (const { worker } of this.places) worker.reopenLogs();
  }

  async drain(deadlineMs: number, closesIdle: boolean): Promise<WorkerCounters> {
    this.isEnding = true;
    const ends = this.places.map((place) => {
      if (place.timer !== null) clearTimeout(place.timer);
      place.worker.drain(deadlineMs, closesIdle);
      return this.untilEnded(place.worker, deadlineMs + STUCK_AFTER_MS);
    });
    return sumOf(await Promise.all(ends));
  }

  cutAll(): void {
    for (const { worker } of this.places) {
      worker.cutAll();
      void this.untilEnded(worker, STUCK_AFTER_MS);
    }
  }

  private async untilEnded(worker: WorkerProcess, deadlineMs: number): Promise<WorkerEnd> {
    const kill = (): void => {
      this.logger.error('worker is stuck and killed', { worker: worker.number, pid: worker.pid });
      worker.kill();
    };
    const timer = setTimeout(kill, Math.min(deadlineMs, LONGEST_TIMER_MS));
    const end = await worker.ended;
    clearTimeout(timer);
    return end;
  }
}

/** False: it is not there. Whoever takes its place starts with the config that is then in place. */
async function prepareOne(worker: WorkerProcess, config: Config, opened: ListeningSockets): Promise<boolean> {
  if (!(await worker.listening) || worker.isGone) return false;
  const problem = await worker.prepare(config, opened.ofWorker(worker.number - 1));
  if (problem !== null) throw new Error(problem);
  return true;
}

/** The promise's result, or an error with `problem` when it takes too long. */
async function inTime<T>(promise: Promise<T>, problem: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(problem)), CHANGE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function startedOrFailed(worker: WorkerProcess): Promise<void> {
  if (await worker.listening) return;
  const { problem, exitCode, signal } = await worker.ended;
  throw new Error(problem !== '' ? problem : `worker ${worker.number} ended while it started, by ${signal ?? `exit code ${exitCode}`}`);
}

function endFields(worker: WorkerProcess, { exitCode, signal, problem }: WorkerEnd): Record<string, string | number> {
  return {
    worker: worker.number,
    pid: worker.pid,
    ...(exitCode !== null && { exitCode }),
    ...(signal !== null && { signal }),
    ...(problem !== '' && { problem }),
  };
}

/** Of those that ended in order; the others have taken theirs with them. */
function sumOf(ends: readonly WorkerEnd[]): WorkerCounters {
  const sum = { sockets: 0, leases: 0, activeExchanges: 0, tunnels: 0, serverConnections: 0 };
  for (const { counters } of ends) {
    if (counters === null) continue;
    sum.sockets += counters.sockets;
    sum.leases += counters.leases;
    sum.activeExchanges += counters.activeExchanges;
    sum.tunnels += counters.tunnels;
    sum.serverConnections += counters.serverConnections;
  }
  return sum;
}
