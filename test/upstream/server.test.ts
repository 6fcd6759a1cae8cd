import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adminState, Server, type ServerOptions } from '../../src/upstream/server.js';
import { nobody, serverOptions } from './stand-in-upstream.js';

const passive = { failures: 2, windowMs: 1000, downForMs: 5000 };

function serverWith(some: Partial<ServerOptions> = {}): { server: Server; changes: number[] } {
  const changes: number[] = [];
  const server: Server = new Server(serverOptions('a', some), 0, passive, {
    serverChanged: (changed) => changes.push(changed.index),
    healthFound: () => {},
  });
  return { server, changes };
}

function takeDown(server: Server): void {
  server.recordFailure(0);
  server.recordFailure(0);
}

describe('what a server takes', () => {
  const table = [
    { isUp: true, admin: 'ready', takesNew: true, takesOwn: true },
    { isUp: true, admin: 'drain', takesNew: false, takesOwn: true },
    { isUp: true, admin: 'maintenance', takesNew: false, takesOwn: false },
    { isUp: false, admin: 'ready', takesNew: false, takesOwn: false },
    { isUp: false, admin: 'drain', takesNew: false, takesOwn: false },
    { isUp: false, admin: 'maintenance', takesNew: false, takesOwn: false },
  ] as const;
  for (const { isUp, admin, takesNew, takesOwn } of table) {
    test(`${isUp ? 'up' : 'down'} and ${admin}: new sessions ${takesNew}, its own ${takesOwn}`, () => {
      const { server } = serverWith({ admin: adminState[admin] });
      if (!isUp) takeDown(server);
      assert.deepEqual([server.isUp, server.takesNewSessions, server.takesOwnSessions], [isUp, takesNew, takesOwn]);
    });
  }
});

describe('a server', () => {
  test('is full when exchanges and tunnels together reach its limit; never without one', () => {
    const { server } = serverWith({ maxConnections: 3 });
    server.activeExchanges = 1;
    server.tunnels = 1;
    server.connections = 10;
    assert.equal(server.isFull, false);
    server.tunnels = 2;
    assert.equal(server.isFull, true);
    const { server: unlimited } = serverWith();
    unlimited.activeExchanges = 1_000_000;
    assert.equal(unlimited.isFull, false);
  });

  test('tells of changes of state, once each, and of nothing else', () => {
    const { server, changes } = serverWith();
    server.adminState = adminState.ready;
    server.recordFailure(0);
    server.recordSuccess();
    assert.equal(changes.length, 0);
    server.recordFailure(1);
    assert.equal(changes.length, 1);
    server.recordFailure(2);
    server.endDownTime(5000);
    assert.equal(changes.length, 1);
    server.endDownTime(5001);
    assert.equal(changes.length, 2);
    server.adminState = adminState.drain;
    assert.equal(changes.length, 3);
  });

  test('closes its idle connections when it goes down or into maintenance, not when it drains', () => {
    const { server } = serverWith();
    let closed = 0;
    server.pool = { idleCount: 1, closeIdle: () => closed++ };
    server.adminState = adminState.drain;
    assert.equal(closed, 0);
    server.adminState = adminState.maintenance;
    assert.equal(closed, 1);
    server.adminState = adminState.ready;
    takeDown(server);
    assert.equal(closed, 2);
  });

  test('without a passive observer failures do nothing', () => {
    const server = new Server(serverOptions('a'), 0, null, nobody);
    for (let i = 0; i < 10; i++) server.recordFailure(i);
    assert.equal(server.isUp, true);
    assert.equal(server.downUntilMs, Infinity);
  });

  test('refuses a weight that is not a whole number from 1', () => {
    for (const weight of [0, -1, 1.5, Number.NaN]) assert.throws(() => serverWith({ weight }), RangeError);
  });
});
