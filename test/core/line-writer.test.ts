// Whole lines to a file or a pipe: buffered, bounded, reopened.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs, { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LineWriter, type LineWriterOptions } from '../../src/core/line-writer.js';
import { waitFor } from '../fixtures/wait-for.js';

const directory = mkdtempSync(join(tmpdir(), 'line-writer-'));
after(() => rmSync(directory, { recursive: true }));

type Loss = [lines: number, reason: string];

function open(name: string, options: Partial<LineWriterOptions> = {}): { writer: LineWriter; path: string; losses: Loss[] } {
  const path = options.to ?? join(directory, name);
  const losses: Loss[] = [];
  const writer = new LineWriter({
    to: path,
    flushBytes: 1000,
    flushIntervalMs: 60_000,
    maxPendingBytes: 100_000,
    onLoss: (lines, reason) => losses.push([lines, reason]),
    ...options,
  });
  return { writer, path, losses };
}

/** Replaces fs.write for what is done meanwhile. */
async function withWrite(replacement: (real: typeof fs.write, ...args: never[]) => void, run: () => Promise<void>): Promise<void> {
  const real = fs.write;
  fs.write = ((...args: never[]) => replacement(real, ...args)) as unknown as typeof fs.write;
  syncBuiltinESMExports();
  try {
    await run();
  } finally {
    fs.write = real;
    syncBuiltinESMExports();
  }
}

test('lines wait until there are enough, and close writes the rest', async () => {
  const { writer, path } = open('waits.log');
  writer.write('first\n');
  assert.equal(readFileSync(path, 'latin1'), '');
  writer.write(`${'x'.repeat(1000)}\n`);
  await waitFor('the full buffer to be written', () => readFileSync(path, 'latin1').length === 1007);
  writer.write('last\n');
  await writer.close();
  assert.ok(readFileSync(path, 'latin1').endsWith('x\nlast\n'));
});

test('a line is written when its time has come', async () => {
  const { writer, path } = open('interval.log', { flushIntervalMs: 5 });
  writer.write('line\n');
  await waitFor('the line', () => readFileSync(path, 'latin1') === 'line\n');
  await writer.close();
});

test('order holds over many writes, and the file is appended to', async () => {
  const expected: string[] = [];
  for (let round = 0; round < 2; round++) {
    const { writer } = open('order.log', { flushBytes: 50, maxPendingBytes: 1_000_000 });
    for (let i = 0; i < 2000; i++) {
      expected.push(`${round}/${i}`);
      writer.write(`${round}/${i}\n`);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await writer.close();
  }
  assert.deepEqual(readFileSync(join(directory, 'order.log'), 'latin1').trimEnd().split('\n'), expected);
});

test('missing folders are made, and a path that cannot be opened is named', () => {
  const { writer, path } = open('a/b/c.log');
  assert.equal(readFileSync(path, 'latin1'), '');
  void writer.close();
  assert.throws(() => open('', { to: directory }), new RegExp(`cannot open the log ${directory}`));
});

test('characters are bytes', async () => {
  const { writer, path } = open('bytes.log');
  writer.write('\xe9\n');
  await writer.close();
  assert.deepEqual([...readFileSync(path)], [0xe9, 0x0a]);
});

test('beyond the bound lines are dropped, counted, and told once when writing goes on', async () => {
  const { writer, path, losses } = open('bound.log', { flushBytes: 10, maxPendingBytes: 100 });
  for (let i = 0; i < 30; i++) writer.write('123456789\n');
  assert.equal(writer.lostLines, 20);
  assert.deepEqual(losses, []);
  await waitFor('the report', () => losses.length > 0);
  await writer.close();
  assert.deepEqual(losses, [[20, 'too-slow']]);
  assert.equal(readFileSync(path, 'latin1').length, 100);
});

test('a write that fails loses its lines, and says why', async () => {
  const { writer, path, losses } = open('full.log');
  await withWrite(
    (_real, ...args) => {
      const done = args.at(-1) as unknown as (error: Error, bytes: number) => void;
      setImmediate(() => done(Object.assign(new Error('disk full'), { code: 'ENOSPC' }), 0));
    },
    async () => {
      writer.write('one\n');
      writer.write('two\n');
      writer.flush();
      await waitFor('the report', () => losses.length > 0);
    },
  );
  assert.deepEqual(losses, [[2, 'ENOSPC']]);
  writer.write('three\n');
  await writer.close();
  assert.equal(readFileSync(path, 'latin1'), 'three\n');
});

test('short writes are completed, a full pipe is tried again, and a torn line is ended', async () => {
  const { writer, path, losses } = open('short.log');
  let calls = 0;
  await withWrite(
    (real, ...args) => {
      calls++;
      const [fd, buffer, offset, length, position, done] = args as unknown as [
        number,
        Buffer,
        number,
        number,
        null,
        (e: Error | null, n: number) => void,
      ];
      if (calls === 2) setImmediate(() => done(Object.assign(new Error('again'), { code: 'EAGAIN' }), 0));
      else if (calls === 5) setImmediate(() => done(Object.assign(new Error('io'), { code: 'EIO' }), 0));
      else real(fd, buffer, offset, calls === 3 ? length : Math.min(length, 3), position, done as never);
    },
    async () => {
      writer.write('abcdef\n');
      writer.flush();
      await waitFor('the whole line', () => readFileSync(path, 'latin1') === 'abcdef\n');
      writer.write('ghijkl\n');
      writer.flush();
      await waitFor('the failure', () => losses.length === 1);
    },
  );
  writer.write('mn\n');
  await writer.close();
  assert.equal(readFileSync(path, 'latin1'), 'abcdef\nghi\nmn\n');
});

test('after reopen, lines go into the new file, and none is lost', async () => {
  const { writer, path } = open('rotate.log', { flushBytes: 20, maxPendingBytes: 1_000_000 });
  const expected: string[] = [];
  for (let i = 0; i < 300; i++) {
    expected.push(`line ${i}`);
    writer.write(`line ${i}\n`);
    if (i === 100 || i === 200) {
      renameSync(path, `${path}.${i}`);
      writer.reopen();
      writer.reopen();
    }
    if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await writer.close();
  const texts = [`${path}.100`, `${path}.200`, path].map((name) => readFileSync(name, 'latin1'));
  assert.deepEqual(texts.join('').trimEnd().split('\n'), expected);
  assert.notEqual(texts[2], '');
});

test('reopen that fails throws, and the old file goes on', async () => {
  const { writer, path } = open('sub/kept.log');
  renameSync(join(directory, 'sub'), join(directory, 'moved'));
  fs.writeFileSync(join(directory, 'sub'), 'in the way');
  assert.throws(() => writer.reopen(), /cannot open the log/);
  writer.write('still here\n');
  await writer.close();
  assert.equal(readFileSync(path.replace('sub', 'moved'), 'latin1'), 'still here\n');
});

test('no file stays open after close', async () => {
  const openFiles = () => fs.readdirSync('/proc/self/fd').length;
  const before = openFiles();
  const { writer, path } = open('fds.log', { flushBytes: 1 });
  for (let i = 0; i < 5; i++) {
    writer.write('line\n');
    renameSync(path, `${path}.${i}`);
    writer.reopen();
  }
  await writer.close();
  await waitFor('the files to be closed', () => openFiles() === before);
});

test('flushSync writes before it returns', () => {
  const { writer, path } = open('sync.log');
  writer.write('line\n');
  writer.flushSync();
  assert.equal(readFileSync(path, 'latin1'), 'line\n');
  void writer.close();
});

test('a pipe that several processes write to gets whole lines, in writes that it takes at once', async () => {
  const fifo = join(directory, 'shared');
  execFileSync('mkfifo', [fifo]);
  const reader = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = Array.from({ length: 200 }, (_, index) => `${String(index).repeat(index % 70)}\n`);
  lines.splice(100, 0, `${'x'.repeat(5000)}\n`);
  const written: string[] = [];
  const record = (real: typeof fs.write, ...args: never[]) => {
    const [, batch, offset, length] = args as unknown as [number, Buffer, number, number];
    written.push(batch.toString('latin1', offset, offset + length));
    (real as (...args: never[]) => void)(...args);
  };
  await withWrite(record, async () => {
    const { writer } = open('', { to: fifo, flushBytes: 100_000 });
    for (const line of lines) writer.write(line);
    await writer.close();
  });
  assert.equal(written.join(''), lines.join(''));
  assert.ok(written.every((text) => text.endsWith('\n')));
  assert.deepEqual(
    written.filter((text) => text.length > 4096 && text.indexOf('\n') < text.length - 1),
    [],
  );
  assert.ok(written.length < 12, `${written.length} writes`);
  reader.kill();
});

test('close gives up on a reader that takes nothing', async () => {
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  // Keeps the pipe open and never reads.
  const reader = spawn(process.execPath, [
    '-e',
    `require('fs').openSync(${JSON.stringify(fifo)}, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK); process.stdout.write('open'); setInterval(() => {}, 1000)`,
  ]);
  await new Promise((resolve) => reader.stdout.once('data', resolve));
  const { writer } = open('', { to: fifo, flushBytes: 1, maxPendingBytes: 1_000_000 });
  writer.write(`${'x'.repeat(200_000)}\n`);
  const startedAt = performance.now();
  await writer.close(30);
  assert.ok(performance.now() - startedAt < 5000);
  reader.kill();
});

const notRoot = process.geteuid?.() === 0 ? false : 'only root can give files away';

test('files and folders that are made belong to the owner, those that were there stay as they are', { skip: notRoot }, async () => {
  const owner = { uid: 65534, gid: 65534 };
  const made = open('made/own.log', { owner });
  await made.writer.close();
  assert.equal(fs.statSync(made.path).uid, owner.uid);
  assert.equal(fs.statSync(join(directory, 'made')).uid, owner.uid);
  // In a folder of its own, the owner might have put a link to what is not its own.
  const precious = join(directory, 'precious');
  fs.writeFileSync(precious, '');
  fs.symlinkSync(precious, join(directory, 'made/link.log'));
  const linked = open('made/link.log', { owner });
  linked.writer.write('line\n');
  await linked.writer.close();
  assert.equal(fs.statSync(precious).uid, 0);
  assert.equal(readFileSync(precious, 'latin1'), 'line\n');
});
