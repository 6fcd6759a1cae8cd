import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, USAGE } from '../../bench/options.js';

test('the default run is short, a full one thorough, and what is said wins', () => {
  const lengths = (...argv: string[]) => {
    const { repeat, durationSeconds, warmupSeconds } = parseOptions(argv);
    return [repeat, durationSeconds, warmupSeconds];
  };
  assert.deepEqual(lengths(), [2, 2, 1]);
  assert.deepEqual(lengths('--full'), [3, 5, 2]);
  assert.deepEqual(lengths('--full', '--repeat', '1', '--duration', '7'), [1, 7, 2]);
});

test('a soak takes ten minutes and Limpet alone unless it is told otherwise', () => {
  const soak = parseOptions(['--soak']);
  assert.deepEqual([soak.isSoak, soak.durationSeconds, soak.peers], [true, 600, ['limpet']]);
  const other = parseOptions(['--soak', '--duration', '90s', '--peer', 'limpet,nginx']);
  assert.deepEqual([other.durationSeconds, other.peers], [90, ['limpet', 'nginx']]);
  assert.equal(parseOptions(['--total', '35m']).totalSeconds, 2100);
  assert.equal(parseOptions(['--soak', '--duration', '1h']).durationSeconds, 3600);
  assert.throws(() => parseOptions(['--duration', '10d']), /--duration takes a time such as 5, 90s or 10m, not 10d/);
});

test('names are given separated by commas or by repeating the option', () => {
  const { only, peers } = parseOptions(['--only', 'http,tls', '--only', 'tcp', '--peer', 'nginx']);
  assert.deepEqual(only, ['http', 'tls', 'tcp']);
  assert.deepEqual(peers, ['nginx']);
});

test('a number that is none, and a generator that nobody knows, are errors', () => {
  assert.throws(() => parseOptions(['--repeat', '0']), /--repeat takes a whole number from 1 on, not 0/);
  assert.throws(() => parseOptions(['--connections', 'many']), /--connections takes a whole number/);
  assert.throws(() => parseOptions(['--load', 'ab']), /--load takes wrk, h2load, autocannon, not ab/);
  assert.throws(() => parseOptions(['--ful']), /--ful/);
});

test('the help names every option', () => {
  const options = 'full soak only peer once total repeat duration warmup connections node load baseline compare publish help'.split(' ');
  for (const option of options) assert.match(USAGE, new RegExp(`^ +--${option}\\b`, 'm'));
});
