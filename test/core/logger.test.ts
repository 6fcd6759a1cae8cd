// The error log.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ErrorLog, type ErrorLogOptions, silentLogger } from '../../src/core/logger.js';
import { waitFor } from '../fixtures/wait-for.js';

const directory = mkdtempSync(join(tmpdir(), 'logger-'));
after(() => rmSync(directory, { recursive: true }));
let files = 0;

function open(options: Partial<ErrorLogOptions> = {}): { log: ErrorLog; path: string; lines: () => string[] } {
  const path = join(directory, `${files++}.log`);
  const log = new ErrorLog({ level: 'info', to: path, ...options });
  const lines = () => readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return { log, path, lines };
}

test('a line has the time, the level, the message and its fields', async () => {
  const { log, lines } = open();
  log.warn('Server is down', { code: 'connect-refused', server: 'a', failures: 3, isBackup: false, absent: undefined });
  await log.close();
  assert.equal(lines().length, 1);
  assert.match(
    lines()[0],
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn Server is down code=connect-refused server=a failures=3 isBackup=false$/,
  );
});

test('levels below the chosen one are left out', async () => {
  const { log, lines } = open({ level: 'warn' });
  for (const level of ['error', 'warn', 'info', 'debug'] as const) log[level](level);
  assert.deepEqual([log.takes('error'), log.takes('warn'), log.takes('info'), log.takes('debug')], [true, true, false, false]);
  await log.close();
  assert.deepEqual(
    lines().map((line) => line.split(' ')[1]),
    ['error', 'warn'],
  );
});

test('an event is one line, whatever is in it', async () => {
  const { log, lines } = open();
  log.error('two\nlines é "quoted"', { target: '/a b"\r\n', empty: '', pair: 'a=b' });
  await log.close();
  assert.equal(lines().length, 1);
  assert.ok(lines()[0].endsWith('error two\\x0Alines é "quoted" target="/a b\\x22\\x0D\\x0A" empty="" pair="a=b"'), lines()[0]);
});

test('repeats of a code are thinned out, and their number is told', async () => {
  const { log, lines } = open({ maxRepeats: 3 });
  for (let i = 0; i < 100; i++) log.warn('Bad request', { code: 'bad-request-line', i });
  log.warn('Another', { code: 'bad-field' });
  await log.close();
  assert.equal(lines().length, 5);
  assert.match(lines()[2], /i=2$/);
  assert.match(lines()[3], /Another/);
  assert.match(lines()[4], /warn The same again code=bad-request-line times=97$/);
});

test('after the window, a code is written again', async () => {
  const { log, lines } = open({ maxRepeats: 1, repeatWindowMs: 10 });
  log.info('Event', { code: 'x', i: 1 });
  log.info('Event', { code: 'x', i: 2 });
  // The window's timer keeps no process alive; the waiting does.
  await waitFor('the end of the window', () => lines().length === 2);
  log.info('Event', { code: 'x', i: 3 });
  await log.close();
  assert.deepEqual(
    lines().map((line) => line.slice(25)),
    ['info Event code=x i=1', 'info The same again code=x times=1', 'info Event code=x i=3'],
  );
});

test('events without a code are all written', async () => {
  const { log, lines } = open({ maxRepeats: 1 });
  for (let i = 0; i < 50; i++) log.info('Listening', { i });
  await log.close();
  assert.equal(lines().length, 50);
});

test('made-up codes do not fill the memory', async () => {
  const { log, lines } = open();
  for (let i = 0; i < 5000; i++) log.info('Event', { code: `code-${i}` });
  await log.close();
  assert.equal(lines().length, 1000);
});

test('after reopen, lines go into the new file', async () => {
  const { log, path, lines } = open();
  log.info('before');
  await waitFor('the line', () => lines().length === 1);
  renameSync(path, `${path}.1`);
  log.reopen();
  log.info('after');
  await log.close();
  assert.match(lines().join(), /info after$/);
});

test('a log that cannot be written throws nothing and does not spin', async () => {
  const log = new ErrorLog({ level: 'info', to: '/dev/full' });
  for (let i = 0; i < 10; i++) log.error('lost', { i });
  await log.close();
  log.error('too late');
});

test('the silent logger takes nothing', () => {
  assert.equal(silentLogger.takes('error'), false);
  silentLogger.error('nothing');
});

test('for other options a file is opened beside the one in use, which is written to until they are in place', async () => {
  const { log, lines, path } = open();
  const next = `${path}.next`;
  log.prepare({ level: 'info', to: `${path}.refused` }).discard();
  assert.throws(() => log.prepare({ level: 'info', to: join(path, 'error.log') }), /cannot open the log/);
  const change = log.prepare({ level: 'warn', to: next });
  log.info('before');
  change.commit();
  log.info('too unimportant');
  log.warn('after');
  await log.close();
  assert.deepEqual(
    lines().map((line) => line.split(' ')[2]),
    ['before'],
  );
  assert.deepEqual(
    readFileSync(next, 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[2]),
    ['after', undefined],
  );
});
