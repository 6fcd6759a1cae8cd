import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELLS, selectCells, USUAL_CELLS, warmUpOf } from '../../bench/cells.js';
import { allPeers, selectPeers } from '../../bench/peers.js';

test('no name selects the usual cells, or all where all are asked for', () => {
  assert.deepEqual(selectCells([]), USUAL_CELLS);
  assert.deepEqual(selectCells([], CELLS), CELLS);
  assert.ok(USUAL_CELLS.length >= 4 && USUAL_CELLS.length <= 8);
});

test('no two cells have the same name', () => {
  assert.equal(new Set(CELLS.map((cell) => cell.name)).size, CELLS.length);
});

test('a name selects its cell and a prefix all that share it', () => {
  const namesOf = (only: string[]) => selectCells(only).map((cell) => cell.name);
  assert.deepEqual(namesOf(['http-1mb']), ['http-1mb']);
  assert.deepEqual(namesOf(['tls-100b', 'tcp']), [
    'tcp-100b',
    'tcp-10kb',
    'tcp-100kb',
    'tcp-1mb',
    'tcp-rate-100b',
    'tcp-rate-1mb',
    'tls-100b',
  ]);
});

test('a name that matches nothing is an error that lists the cells', () => {
  assert.throws(() => selectCells(['http', 'htpp']), /no cell is called htpp; there are http-100b/);
});

test('a proxy is warmed up without a pace, but where ports would run out, and with the same cell otherwise', () => {
  for (const cell of CELLS) {
    const { ratePerSecond, ...unpaced } = cell;
    const isPaced = cell.load === 'connect' || cell.load === 'idle';
    assert.deepEqual(
      warmUpOf(cell),
      ratePerSecond === undefined || isPaced ? cell : { ...unpaced, load: cell.load === 'rate' ? 'keep-alive' : cell.load },
      cell.name,
    );
  }
});

test('peers are selected by name, in their own order, and unknown ones are an error', () => {
  const peers = allPeers({ root: '.', node: process.execPath, baselineMain: 'other.js' });
  assert.deepEqual(
    selectPeers(['nginx', 'limpet'], peers).map((peer) => peer.name),
    ['limpet', 'nginx'],
  );
  assert.deepEqual(selectPeers(['all'], peers), peers);
  assert.ok(selectPeers([], peers, true).some((peer) => peer.name === 'floor'));
  assert.ok(!selectPeers([], peers).some((peer) => peer.name === 'floor'));
  assert.ok(!selectPeers([], peers, true).some((peer) => peer.name === 'floor-node'));
  assert.ok(selectPeers([], peers).some((peer) => peer.name === 'limpet-baseline'));
  assert.throws(() => selectPeers(['cady'], peers), /no peer is called cady/);
});
