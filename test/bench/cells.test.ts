import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELLS, selectCells } from '../../bench/cells.js';
import { allPeers, selectPeers } from '../../bench/peers.js';

test('no name selects all cells', () => {
  assert.deepEqual(selectCells([]), CELLS);
});

test('a name selects its cell and a prefix all that share it', () => {
  const namesOf = (only: string[]) => selectCells(only).map((cell) => cell.name);
  assert.deepEqual(namesOf(['http-1mb']), ['http-1mb']);
  assert.deepEqual(namesOf(['tcp', 'tls-100b']), ['tcp-100b', 'tcp-100kb', 'tls-100b']);
});

test('a name that matches nothing is an error that lists the cells', () => {
  assert.throws(() => selectCells(['http', 'htpp']), /no cell is called htpp; there are http-100b/);
});

test('peers are selected by name, in their own order, and unknown ones are an error', () => {
  const peers = allPeers('main.js', 'other.js');
  assert.deepEqual(
    selectPeers(['nginx', 'limpet'], peers).map((peer) => peer.name),
    ['limpet', 'nginx'],
  );
  assert.deepEqual(selectPeers(['all'], peers), peers);
  assert.ok(selectPeers([], peers).some((peer) => peer.name === 'limpet-baseline'));
  assert.throws(() => selectPeers(['caddy'], peers), /no peer is called caddy/);
});
