// One Worker inside the test's own process, made from a config as a file would have it, with an access log to read and
// the proof at the end that nothing is left of what the test did.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/load.js';
import type { LogFields, Logger } from '../../src/core/logger.js';
import { createLocalStore } from '../../src/store/local-store.js';
import type { StoreClient } from '../../src/store/store-client.js';
import { handlesByListener, ListeningSockets, noSources } from '../../src/supervisor/listening-sockets.js';
import { newTicketKeys } from '../../src/worker/runtime.js';
import { Worker } from '../../src/worker/worker.js';
import { RawClient } from '../fixtures/raw-client.js';
import { waitFor } from '../fixtures/wait-for.js';

/** proxy.config.json as data. */
export type ConfigData = Record<string, unknown>;

export interface LogLine {
  readonly message: string;
  readonly fields: LogFields;
}

export class Stage {
  /** What the worker has logged. */
  readonly lines: LogLine[] = [];
  readonly worker: Worker;
  private sockets: ListeningSockets | null = null;
  private readonly folder: string;
  private readonly clients: RawClient[] = [];

  constructor(
    private readonly config: ConfigData | Config,
    store: StoreClient = createLocalStore(),
  ) {
    this.folder = mkdtempSync(join(tmpdir(), 'limpet-stage-'));
    this.worker = new Worker(this.logger(), newTicketKeys(), store);
  }

  private parse(config: ConfigData | Config): Config {
    // What was loaded from elsewhere runs as it is.
    if (isLoaded(config)) return config;
    const accessLog = { format: 'json', to: join(this.folder, 'access.log'), flushInterval: '10ms' };
    const text = JSON.stringify({ accessLog, ...config });
    const { config: parsed, problems } = parseConfig(text, join(this.folder, 'proxy.config.json'));
    if (parsed === undefined) throw new Error(`the test's config is wrong: ${JSON.stringify(problems)}`);
    return parsed;
  }

  /** Binds and listens. */
  async listen(): Promise<void> {
    const config = this.parse(this.config);
    this.sockets = await ListeningSockets.bind(config, 1, noSources);
    await this.take(config, this.sockets);
  }

  /** Goes on with another config. */
  async change(data: ConfigData): Promise<void> {
    const config = this.parse(data);
    const change = await this.sockets!.prepare(config);
    await this.take(config, change.opened);
    change.commit();
  }

  private async take(config: Config, opened: ListeningSockets): Promise<void> {
    for (const { name, address } of opened.addresses()) this.logger().info('listening', { name, address });
    const prepared = await this.worker.prepare(config, handlesByListener(opened.ofWorker(0)));
    prepared.commit();
  }

  private logger(): Logger {
    const take = (message: string, fields: LogFields = {}): void => void this.lines.push({ message, fields });
    return { error: take, warn: take, info: take, debug: take, takes: () => true };
  }

  port(listener = 'web'): number {
    const line = this.lines.findLast(({ fields }) => fields['name'] === listener && fields['address'] !== undefined);
    if (line === undefined) throw new Error(`no listener "${listener}"`);
    return Number(/\d+$/.exec(String(line.fields['address']))![0]);
  }

  /** A new client, which ends with the stage. */
  async connect(listener = 'web'): Promise<RawClient> {
    const client = await RawClient.connect(this.port(listener));
    this.clients.push(client);
    return client;
  }

  /** Lines of the access log, once there are so many. */
  async logged(count: number): Promise<Record<string, unknown>[]> {
    const read = (): string[] => {
      const file = join(this.folder, 'access.log');
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
    };
    await waitFor(`${count} lines in the access log`, () => read().length >= count);
    return read().map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Error code of the exchange that was logged as number `count`, from 1; '' if it went well. */
  async faultOf(count: number): Promise<unknown> {
    return (await this.logged(count))[count - 1]!['fault'] ?? '';
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    await this.worker.drain(3_000);
    await this.countersToBeZero();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Everything that the worker counts is over. Idle connections to servers count until it is drained. */
  async countersToBeZero(): Promise<void> {
    const areZero = (): boolean => Object.values(this.worker.counters).every((value) => value === 0);
    await waitFor('the counters to be zero', areZero, 5_000).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(this.worker.counters)}`);
    });
  }

  get defects(): LogLine[] {
    return this.lines.filter(({ fields }) => fields.code === 'internal');
  }
}

/** Runs `action` in front of a worker; afterwards it must drain at once, all counters be zero and no defect be logged. */
export async function withWorker(config: ConfigData | Config, action: (stage: Stage) => Promise<void>, store?: StoreClient): Promise<void> {
  const stage = new Stage(config, store);
  await stage.listen();
  try {
    await action(stage);
    assert.deepEqual(stage.defects, []);
  } finally {
    await stage.close();
  }
}

function isLoaded(config: ConfigData | Config): config is Config {
  return 'drainTimeout' in config && 'maxClientConnections' in config;
}

export interface ConfigParts {
  readonly listener?: Record<string, unknown>;
  readonly upstream?: Record<string, unknown>;
}

/** One http listener, "web", that leads to one upstream, "app". */
export function simpleConfig(servers: readonly unknown[], parts: ConfigParts = {}): ConfigData {
  return {
    listeners: { web: { address: '127.0.0.1:0', routes: [{ upstream: 'app' }], ...parts.listener } },
    upstreams: { app: { servers, ...parts.upstream } },
  };
}

export function get(target: string, fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: limpet.test\r\n${fields}\r\n`;
}

export function post(target: string, body: string, fields = ''): string {
  return `POST ${target} HTTP/1.1\r\nHost: limpet.test\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

export function chunkedPost(target: string, chunks: readonly string[], trailers = '', fields = ''): string {
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  return `POST ${target} HTTP/1.1\r\nHost: limpet.test\r\nTransfer-Encoding: chunked\r\n${fields}\r\n${body}0\r\n${trailers}\r\n`;
}

/** A whole answer. */
export function ok(body: string, fields = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}
