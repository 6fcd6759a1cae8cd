// Runs the built program as a process with a config made of plain data, as a user runs it: addresses are read from the
// lines it prints, it is ended with SIGTERM, and when it has ended its own counters must all be at zero.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor, within } from '../fixtures/wait-for.js';

/** proxy.config.json as data. Left to the program to validate, so that tests can also give it nonsense. */
export type ConfigData = Record<string, unknown>;

export interface LimpetProcess {
  readonly pid: number;
  readonly port: (listener?: string) => number;
  /** "http://127.0.0.1:PORT", without a slash at the end. */
  readonly url: (listener?: string, scheme?: 'http' | 'https') => string;
  /** Lines on standard output and standard error so far; the error log is on standard error. */
  output(): string[];
  /** Lines of the access log, each a JSON object; complete only after stop(). */
  accessLog(): Promise<Record<string, unknown>[]>;
  /** Sockets that the process holds now, listening ones included. */
  openSockets(): number;
  /** The process that serves now: an upgrade puts another one in the place of the first. */
  currentPid(): number;
  /** Where its configuration is, and everything that it makes. */
  readonly folder: string;
  /** Waits until the process holds no more sockets than when it had just started. Close the servers first: idle pooled connections count. */
  waitForBaselineSockets(): Promise<void>;
  /** Resident memory in bytes. */
  residentBytes(): number;
  /**
   * Ends it with SIGTERM, or another `signal`; throws unless it exits with 0, has logged no defect and all its counters are zero, as those of
   * the processes before it. Deletes its files.
   */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it at once. Safe at any time, also after stop(). */
  kill(): Promise<void>;
}

function findProgram(): string {
  if (process.env.LIMPET_PROGRAM) return process.env.LIMPET_PROGRAM;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'dist/src/cli/main.js');
}

// Whatever happens to the test process, it leaves no program behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
process.once('SIGTERM', () => process.exit(143));
process.once('SIGINT', () => process.exit(130));

export interface StartOptions {
  /** Descriptors of this process that it finds as 3, 4, … */
  readonly inherited?: readonly number[];
  /** What systemd would call them: passes them as systemd does. */
  readonly systemdNames?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts Limpet and resolves when it is ready. Logs go to a temporary folder unless `config` says otherwise.
 * Throws with the whole error log when it ends before it is ready.
 * @param options words of the command line behind the file; "FOLDER" in them is the temporary folder.
 */
export async function startLimpet(
  config: ConfigData,
  options: readonly string[] = [],
  { inherited = [], systemdNames, env = {} }: StartOptions = {},
): Promise<LimpetProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'limpet-'));
  const file = join(folder, 'proxy.config.json');
  const accessLogFile = join(folder, 'access.log');
  const complete = {
    accessLog: { format: 'json', to: accessLogFile },
    errorLog: { level: 'info', to: 'stderr' },
    shutdownTimeout: '5s',
    ...config,
  };
  await writeFile(file, JSON.stringify(complete, null, 2));
  const words = [process.execPath, findProgram(), 'run', file, ...options.map((word) => word.replace('FOLDER', folder))];
  // Whoever passes sockets as systemd does knows the process id of the program: it becomes the program.
  if (systemdNames !== undefined) words.unshift('/bin/sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh');
  const passed = systemdNames === undefined ? {} : { LISTEN_FDS: String(systemdNames.length), LISTEN_FDNAMES: systemdNames.join(':') };
  const child = spawn(words[0] as string, words.slice(1), {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, LIMPET_TEST_COUNTERS: '1', ...passed, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...inherited],
  });
  running.add(child);
  const exited = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const started = new RunningLimpet(child, exited, folder, accessLogFile);
  await started.ready();
  return started;
}

class RunningLimpet implements LimpetProcess {
  readonly pid: number;
  readonly #exited: Promise<number | null>;
  readonly folder: string;
  readonly #accessLogFile: string;
  #text = '';
  #hasEnded = false;
  #baselineSockets = 0;
  #accessLogAtEnd: string | null = null;

  constructor(child: ChildProcess, exited: Promise<number | null>, folder: string, accessLogFile: string) {
    this.#exited = exited;
    this.folder = folder;
    this.#accessLogFile = accessLogFile;
    this.pid = child.pid ?? 0;
    void exited.then(() => {
      this.#hasEnded = true;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text;
      });
    }
  }

  async ready(): Promise<void> {
    try {
      await waitFor('Limpet to be ready', () => this.#hasEnded || / ready\b/.test(this.#text));
    } catch (error) {
      await this.kill();
      throw new Error(`${(error as Error).message}\n${this.#text}`);
    }
    if (this.#hasEnded) {
      await rm(this.folder, { recursive: true, force: true });
      throw new Error(`Limpet ended with ${String(await this.#exited)} before it was ready:\n${this.#text}`);
    }
    this.#baselineSockets = this.openSockets();
  }

  port(listener = 'web'): number {
    for (const line of this.output()) {
      const found = / listening name=(\S+) address=\S*:(\d+)/.exec(line);
      if (found?.[1] === listener) return Number(found[2]);
    }
    throw new Error(`no line says where listener ${listener} listens:\n${this.#text}`);
  }

  url(listener = 'web', scheme: 'http' | 'https' = 'http'): string {
    return `${scheme}://127.0.0.1:${this.port(listener)}`;
  }

  output(): string[] {
    return this.#text.split('\n').filter((line) => line !== '');
  }

  async accessLog(): Promise<Record<string, unknown>[]> {
    const text = this.#accessLogAtEnd ?? (await readFile(this.#accessLogFile, 'utf8'));
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  openSockets(): number {
    const folder = `/proc/${this.pid}/fd`;
    return readdirSync(folder).filter((entry) => {
      try {
        return readlinkSync(join(folder, entry)).startsWith('socket:');
      } catch {
        return false; // closed between the listing and the look
      }
    }).length;
  }

  currentPid(): number {
    return this.#pids().at(-1) ?? this.pid;
  }

  /** Of the processes that were ready, in order. */
  #pids(): number[] {
    return Array.from(this.#text.matchAll(/ ready pid=(\d+) /g), ([, pid]) => Number(pid));
  }

  async waitForBaselineSockets(): Promise<void> {
    const isBack = () => this.openSockets() <= this.#baselineSockets;
    await waitFor('the sockets to be closed', isBack).catch((error: Error) => {
      throw new Error(`${error.message}; ${this.openSockets()} sockets, ${this.#baselineSockets} at the start\n${this.#text}`);
    });
  }

  residentBytes(): number {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'));
    return Number(kilobytes?.[1] ?? 0) * 1024;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#hasEnded) throw new Error(`Limpet had ended by itself:\n${this.#text}`);
    process.kill(this.currentPid(), signal);
    const code = await within(`Limpet to end after ${signal}`, this.#exited, 15_000);
    await this.#cleanUp();
    if (code !== 0) throw new Error(`Limpet ended with ${String(code)}:\n${this.#text}`);
    if (this.#text.includes('code=internal')) throw new Error(`a defect was logged:\n${this.#text}`);
    const counters = [...this.#text.matchAll(/\bcounters (\{.*\})$/gm)];
    if (counters.length !== this.#pids().length) throw new Error(`a process printed no counters at its end:\n${this.#text}`);
    const left = counters.flatMap(([, text]) => nonZeroPaths(JSON.parse(text as string), ''));
    if (left.length > 0) throw new Error(`not zero at the end: ${left.join(', ')}\n${this.#text}`);
  }

  async kill(): Promise<void> {
    // One that has just taken over may not have been heard of yet: it holds the output open until it is found. So do
    // workers that outlive their supervisor.
    await waitFor('all its processes to end', () => {
      if (this.#hasEnded) return true;
      const started = [this.pid, ...this.#pids()].filter((pid) => pid > 0);
      for (const pid of started.flatMap((each) => [...childrenOf(each), each])) killIfAlive(pid);
      return false;
    });
    await this.#cleanUp();
  }

  async #cleanUp(): Promise<void> {
    this.#accessLogAtEnd ??= await readFile(this.#accessLogFile, 'utf8').catch(() => '');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Those that the process has started itself. */
export function childrenOf(pid: number): number[] {
  const isChild = (entry: string): boolean => {
    try {
      return new RegExp(`^PPid:\\s+${pid}$`, 'm').test(readFileSync(`/proc/${entry}/status`, 'latin1'));
    } catch {
      return false; // no process, or one that has ended meanwhile
    }
  };
  return readdirSync('/proc').filter(isChild).map(Number);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Where in a tree of counters a number is not zero: ["sockets.client=2"]. */
function nonZeroPaths(value: unknown, path: string): string[] {
  if (typeof value === 'number') return value === 0 ? [] : [`${path}=${value}`];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => nonZeroPaths(inner, path === '' ? name : `${path}.${name}`));
}
