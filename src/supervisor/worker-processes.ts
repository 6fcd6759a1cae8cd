// Several workers, each in a process of its own: starts them on the sockets that are kept here, replaces those that die,
// and ends them in order.
import type { Config } from '../config/config.js';
import type { Logger } from '../core/logger.js';
import { EmbeddedStore } from '../store/embedded-store.js';
import { ROUND_MS } from '../store/messages.js';
import { newTicketKeys } from '../worker/runtime.js';
import type { WorkerCounters } from '../worker/worker.js';
import { ListeningSockets } from './listening-sockets.js';
import { RestartPause } from './restart-pause.js';
import { type WorkerEnd, WorkerProcess } from './worker-process.js';
import type { Workers } from './workers.js';

/** What a worker gets beyond its own deadline before it is taken for stuck. */
const STUCK_AFTER_MS = 5_000;
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
  private readonly ticketKeys = newTicketKeys();
  private readonly store = new EmbeddedStore();
  private sockets: ListeningSockets | null = null;
  private isEnding = false;

  constructor(
    private readonly config: Config,
    private readonly count: number,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const sockets = await ListeningSockets.bind(this.config.listeners, this.count);
    this.sockets = sockets;
    const addresses = sockets.addresses();
    for (let index = 0; index < this.count; index++) {
      this.places.push({ index, pause: new RestartPause(), worker: this.fork(index, sockets), timer: null });
    }
    try {
      await Promise.all(this.places.map(({ worker }) => startedOrFailed(worker)));
    } catch (error) {
      await this.abandon();
      throw error;
    }
    for (const { name, address } of addresses) this.logger.info('listening', { name, address });
    for (const place of this.places) this.watch(place, sockets);
    setInterval(() => this.store.round(), ROUND_MS).unref();
  }

  /** Nobody is served yet: there is nothing to end in order. */
  private async abandon(): Promise<void> {
    this.isEnding = true;
    this.sockets?.close();
    for (const { worker } of this.places) worker.kill();
    await Promise.all(this.places.map(({ worker }) => worker.ended));
  }

  private fork(index: number, sockets: ListeningSockets): WorkerProcess {
    return new WorkerProcess(index + 1, this.config, this.ticketKeys, sockets.ofWorker(index), this.store);
  }

  private watch(place: Place, sockets: ListeningSockets): void {
    const { worker } = place;
    void worker.listening.then((isListening) => {
      if (isListening) this.logger.info('worker listening', { worker: worker.number, pid: worker.pid });
    });
    void worker.ended.then((end) => {
      if (!this.isEnding) this.replace(place, end, sockets);
    });
  }

  private replace(place: Place, end: WorkerEnd, sockets: ListeningSockets): void {
    const { worker } = place;
    const pauseMs = place.pause.next(end.livedMs);
    this.logger.error(end.hadListened ? 'worker died' : 'worker could not start', { ...endFields(worker, end), replacedInMs: pauseMs });
    const start = (): void => {
      place.timer = null;
      place.worker = this.fork(place.index, sockets);
      this.watch(place, sockets);
    };
    if (pauseMs === 0) start();
    else place.timer = setTimeout(start, pauseMs);
  }

  async drain(deadlineMs: number): Promise<WorkerCounters> {
    this.isEnding = true;
    // First here: a socket that only the supervisor holds would let clients in whom nobody serves.
    this.sockets?.close();
    const ends = this.places.map((place) => {
      if (place.timer !== null) clearTimeout(place.timer);
      place.worker.drain(deadlineMs);
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
