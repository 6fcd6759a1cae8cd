// Idle connections beyond the limit: a burst may leave them for the next one, and nobody keeps them after it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginTurn, nowMs } from '../../src/core/clock.js';
import { IdleConnections, type PooledConnection } from '../../src/upstream/connection-pool.js';
import { waitFor } from '../fixtures/wait-for.js';

class Connection implements PooledConnection {
  readonly poolKey = '';
  idleSinceMs = 0;
  isClosed = false;
  destroy(): void {
    this.isClosed = true;
  }
}

function rest(pool: IdleConnections<Connection>, connections: readonly Connection[]): void {
  beginTurn();
  for (const connection of connections) {
    connection.idleSinceMs = nowMs();
    pool.put(connection);
  }
}

test('what a burst leaves is there for the next one, and the oldest are closed when there is none', async () => {
  const pool = new IdleConnections<Connection>(2);
  const burst = Array.from({ length: 5 }, () => new Connection());
  rest(pool, burst);
  for (let again = 0; again < 10; again++) {
    const taken = Array.from({ length: 5 }, () => pool.take('', 0));
    assert.equal(new Set(taken).size, 5);
    assert.ok(!taken.includes(null));
    rest(pool, burst);
  }
  assert.equal(pool.idleCount, 5);
  await waitFor('three to be closed', () => pool.idleCount === 2);
  assert.deepEqual(
    burst.map(({ isClosed }) => isClosed),
    [true, true, true, false, false],
  );
});

test('surplus that is wanted again stays as long as it is', async () => {
  const pool = new IdleConnections<Connection>(1);
  const used = Array.from({ length: 3 }, () => new Connection());
  rest(pool, used);
  const untilMs = performance.now() + 2_500;
  await waitFor('two and a half seconds of use', () => {
    for (let i = 0; i < used.length; i++) pool.take('', 0);
    rest(pool, used);
    return performance.now() > untilMs;
  });
  assert.ok(used.every(({ isClosed }) => !isClosed));
  await waitFor('two to be closed', () => pool.idleCount === 1);
});

test('a limit that is lowered holds at once, and 0 keeps nothing', () => {
  const pool = new IdleConnections<Connection>(3);
  const connections = Array.from({ length: 3 }, () => new Connection());
  rest(pool, connections);
  pool.resize(1);
  assert.deepEqual(
    connections.map(({ isClosed }) => isClosed),
    [true, true, false],
  );
  pool.resize(0);
  const another = new Connection();
  rest(pool, [another]);
  assert.ok(another.isClosed && connections.every(({ isClosed }) => isClosed));
});
