// What stands behind the proxies: nginx with files of fixed sizes, the servers of node-servers.ts and those of light-load.c. All are
// two servers, a and b, in one process beside the load generator, and name themselves in X-Upstream.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isForNodeServers } from './answers.js';
import type { Cell } from './cells.js';
import { freePorts, PinnedProcess } from './pinned-process.js';

export interface BenchServer {
  readonly name: string;
  readonly port: number;
}

const NAMES = ['a', 'b'];
/** Of the cells with many servers, which take as many of them as they need. */
const MOST_SERVERS = 1000;

/** The body of the file of that size: no two neighbouring lines alike, so that a shifted or repeated piece shows. */
export function bodyOf(bytes: number): Buffer {
  const body = Buffer.alloc(bytes, '\n');
  for (let at = 0; at < bytes; at += 16) body.write(at.toString(16).padStart(15, '0'), at, 'latin1');
  return body;
}

export interface UpstreamOptions {
  /** Runs our servers. */
  readonly node: string;
  /** light-load.c as a program. */
  readonly lightLoad?: string | undefined;
  /** Of the files. */
  readonly sizes: readonly number[];
  readonly isManyAskedFor?: boolean;
}

export class Upstreams {
  private readonly processes: PinnedProcess[] = [];
  private http: readonly BenchServer[] = [];
  private inNode: readonly BenchServer[] = [];
  private many: readonly BenchServer[] = [];
  private light: readonly BenchServer[] = [];

  /** Starts them on `cpu`, with their files in `folder`. The many servers are there only where they are asked for. */
  async start(folder: string, cpu: number, { node, lightLoad, sizes, isManyAskedFor = false }: UpstreamOptions): Promise<void> {
    const manyNames = isManyAskedFor ? Array.from({ length: MOST_SERVERS }, (_, index) => `s${index}`) : [];
    const ports = await freePorts(3 * NAMES.length + manyNames.length);
    const next = (name: string): BenchServer => ({ name, port: ports.pop() as number });
    this.http = NAMES.map(next);
    this.inNode = NAMES.map(next);
    this.many = manyNames.map(next);
    const files = join(folder, 'files');
    mkdirSync(files, { recursive: true });
    for (const bytes of sizes) writeFileSync(join(files, String(bytes)), bodyOf(bytes));
    const config = join(folder, 'upstream.conf');
    writeFileSync(config, staticFilesConfig(folder, files, this.http, this.many));
    const program = fileURLToPath(new URL('./node-servers.js', import.meta.url));
    const options = { cpu, cwd: folder, stderrPath: join(folder, 'upstream.err') };
    this.processes.push(new PinnedProcess(['nginx', '-e', options.stderrPath, '-c', config], options));
    this.processes.push(new PinnedProcess([node, program, ...this.inNode.map((each) => `${each.name}=${each.port}`)], options));
    if (lightLoad !== undefined) {
      this.light = NAMES.map(next);
      const names = this.light.map((each) => `${each.name}=${each.port}`);
      this.processes.push(new PinnedProcess([lightLoad, 'serve', ...names], { ...options, cwd: files }));
      for (const server of this.light) await this.processes.at(-1)!.listening(server.port);
    }
    for (const server of this.http) await this.processes[0].listening(server.port);
    for (const server of this.inNode) await this.processes[1].listening(server.port);
  }

  serversFor(cell: Cell): readonly BenchServer[] {
    if (cell.servers !== undefined) return this.many.slice(0, cell.servers);
    if (cell.light === true && this.light.length > 0) return this.light;
    return isForNodeServers(cell) ? this.inNode : this.http;
  }

  get pids(): number[] {
    return this.processes.map((each) => each.pid);
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((each) => each.stop()));
  }
}

function staticFilesConfig(folder: string, files: string, servers: readonly BenchServer[], many: readonly BenchServer[]): string {
  const blocks = servers.map(
    ({ name, port }) => `  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${files};
    add_header X-Upstream ${name};
    add_header X-Asked $arg_n;
  }`,
  );
  if (many.length > 0) blocks.push(manyServersBlock(files, many));
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;\n' : ''}worker_processes 1;
pid ${folder}/upstream.pid;
error_log ${folder}/upstream.err;
events { worker_connections 18000; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=100;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  default_type application/octet-stream;
  client_body_temp_path ${folder}/upstream-temp;
  proxy_temp_path ${folder}/upstream-temp;
  fastcgi_temp_path ${folder}/upstream-temp;
  uwsgi_temp_path ${folder}/upstream-temp;
  scgi_temp_path ${folder}/upstream-temp;
${blocks.join('\n')}
}
`;
}

/** One block on all their ports: 1,000 blocks would be 1,000 hash tables. */
function manyServersBlock(files: string, many: readonly BenchServer[]): string {
  return `  server {
    ${many.map(({ port }) => `listen 127.0.0.1:${port} backlog=4096;`).join('\n    ')}
    root ${files};
    add_header X-Upstream $server_port;
  }`;
}
