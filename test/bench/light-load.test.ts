// The load in C against servers that do what they should and servers that do not: what it counts is what came.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CELLS, type Cell } from '../../bench/cells.js';
import { checkAnswers } from '../../bench/check.js';
import { compileLightLoad, lightLoadCommand } from '../../bench/light-load.js';
import type { LoadResult } from '../../bench/load.js';
import { freePorts, PinnedProcess } from '../../bench/pinned-process.js';
import { bodyOf } from '../../bench/upstream.js';

const isReady = process.platform === 'linux' && ['cc', 'taskset'].every((each) => spawnSync(each, ['--version']).error === undefined);
const skip = isReady ? false : 'needs Linux, a C compiler and taskset (apt install gcc libc6-dev util-linux)';
const folder = mkdtempSync(join(tmpdir(), 'limpet-light-load-'));
const source = fileURLToPath(new URL('../../../bench/light-load.c', import.meta.url));
const program = isReady ? (compileLightLoad(source, folder) as string) : '';
const page = CELLS.find((each) => each.name === 'tcp-100b') as Cell;
const echo = CELLS.find((each) => each.name === 'websocket-1kb') as Cell;

after(() => rmSync(folder, { recursive: true, force: true }));

async function ask(cell: Cell, port: number): Promise<LoadResult> {
  const [file, ...options] = lightLoadCommand(program, { cell: { ...cell, connections: 4 }, port }, 1, folder);
  const { stdout } = await promisify(execFile)(file!, options);
  return JSON.parse(stdout) as LoadResult;
}

/** Its own servers, a and b, with a file of each size. */
async function withServers(sizes: readonly number[], action: (port: number) => Promise<void>): Promise<void> {
  const files = join(folder, 'files');
  mkdirSync(files, { recursive: true });
  for (const size of sizes) writeFileSync(join(files, String(size)), bodyOf(size));
  const [a, b] = await freePorts(2);
  const servers = new PinnedProcess([program, 'serve', `a=${a}`, `b=${b}`], { cpu: 0, cwd: files, stderrPath: join(folder, 'err') });
  try {
    await servers.listening(b!);
    await action(b!);
    assert.equal(servers.hasEnded, false);
  } finally {
    await servers.stop();
  }
}

for (const bytes of [100, 20_000, 1024 * 1024]) {
  test(`pages of ${bytes} bytes come whole, and are counted`, { skip }, () =>
    withServers([bytes], async (port) => {
      const cell = { ...page, bytes, sticky: false };
      await checkAnswers(cell, port, '');
      const { completed, bytes: received, errors, p50Ms, p99Ms } = await ask(cell, port);
      assert.equal(errors, 0);
      assert.ok(completed > 100 && received > completed * bytes && p50Ms > 0 && p99Ms >= p50Ms);
    }),
  );
}

for (const bytes of [0, 125, 1024, 65_536, 300_000]) {
  test(`messages of ${bytes} bytes come back`, { skip }, () =>
    withServers([], async (port) => {
      const cell = { ...echo, bytes, sticky: false };
      await checkAnswers(cell, port, '');
      const { completed, errors } = await ask(cell, port);
      assert.equal(errors, 0);
      assert.ok(completed > 100);
    }),
  );
}

const wrongs: Record<string, RequestListener> = {
  'another status': (_, response) => response.writeHead(404, { 'Content-Length': 100 }).end(bodyOf(100)),
  'other bytes': (_, response) => response.writeHead(200, { 'Content-Length': 100 }).end(Buffer.alloc(100, 'x')),
  'more bytes': (_, response) => response.writeHead(200, { 'Content-Length': 101 }).end(bodyOf(101)),
  'a close': (_, response) => response.destroy(),
};

for (const [what, listener] of Object.entries(wrongs)) {
  test(`${what} instead of the answer is an error, and no answer`, { skip }, async () => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { completed, errors } = await ask(page, (server.address() as AddressInfo).port);
      assert.deepEqual([completed, errors], [0, 4]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
