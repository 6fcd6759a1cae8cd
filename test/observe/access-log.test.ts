// The access log as a whole: from records to a file.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type LogFields, type Logger, silentLogger } from '../../src/core/logger.js';
import { AccessLog } from '../../src/observe/access-log.js';
import { combinedFormat } from '../../src/observe/access-log-format.js';
import { AccessRecord } from '../../src/observe/access-record.js';

const directory = mkdtempSync(join(tmpdir(), 'access-log-'));
after(() => rmSync(directory, { recursive: true }));

function open(
  name: string,
  maxPendingBytes = 1_000_000,
): { log: AccessLog<unknown>; path: string; events: [string, LogFields | undefined][] } {
  const path = join(directory, name);
  const events: [string, LogFields | undefined][] = [];
  const logger: Logger = { ...silentLogger, error: (message, fields) => events.push([message, fields]) };
  const log = new AccessLog({ format: combinedFormat(), to: path, bufferBytes: 1000, flushIntervalMs: 60_000, maxPendingBytes }, logger);
  return { log, path, events };
}

test('records become lines in their order, though one record serves them all', async () => {
  const { log, path } = open('order.log');
  const record = new AccessRecord();
  record.method = 'GET';
  record.httpVersion = 11;
  for (let i = 0; i < 500; i++) {
    record.target = `/${i}`;
    log.write(record, undefined);
  }
  await log.close();
  const targets = readFileSync(path, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[6]);
  assert.deepEqual(
    targets,
    Array.from({ length: 500 }, (_, i) => `/${i}`),
  );
});

test('lines that are lost are one line in the error log', async () => {
  const { log, path, events } = open('lost.log', 5000);
  for (let i = 0; i < 500; i++) log.write(new AccessRecord(), undefined);
  await log.close();
  const written = readFileSync(path, 'latin1').trimEnd().split('\n').length;
  assert.ok(written > 0 && written < 500);
  assert.equal(log.lostLines, 500 - written);
  assert.deepEqual(events, [
    ['Lines of the access log were lost', { code: 'access-log-lost', lines: 500 - written, reason: 'too-slow', to: path }],
  ]);
});

test('reopen follows a rotation', async () => {
  const { log, path, events } = open('rotated/access.log');
  log.write(new AccessRecord(), undefined);
  renameSync(path, `${path}.1`);
  log.reopen();
  log.flush();
  await log.close();
  assert.equal(readFileSync(path, 'latin1').split('\n').length, 2);
  assert.deepEqual(events, []);
});
