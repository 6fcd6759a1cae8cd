import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type AdminState, adminState, type Server } from '../../src/upstream/server.js';
import type { Upstream } from '../../src/upstream/upstream.js';
import { serverOptions, upstreamOf } from './stand-in-upstream.js';

function picks(upstream: Upstream, count: number, tried: readonly Server[] = []): string {
  return Array.from({ length: count }, () => upstream.pick(null, tried)?.name ?? '-').join('');
}

function takeDown(server: Server, nowMs = 0): void {
  for (let i = 0; i < 3; i++) server.recordFailure(nowMs);
  assert.equal(server.isUp, false);
}

describe('picking a server for a new session', () => {
  const abc = [serverOptions('a'), serverOptions('b'), serverOptions('c')];
  const withBackup = [serverOptions('a'), serverOptions('b'), serverOptions('z', { isBackup: true })];

  test('takes turns among all', () => assert.equal(picks(upstreamOf(abc), 6), 'abcabc'));

  test('passes over servers that drain, are in maintenance or down, and comes back to them', () => {
    const upstream = upstreamOf(abc);
    upstream.servers[0].adminState = adminState.drain;
    assert.equal(picks(upstream, 2), 'bc');
    upstream.servers[1].adminState = adminState.maintenance;
    assert.equal(picks(upstream, 2), 'cc');
    takeDown(upstream.servers[2]);
    assert.equal(picks(upstream, 1), '-');
    upstream.servers[0].adminState = adminState.ready;
    assert.equal(picks(upstream, 2), 'aa');
  });

  test('an admin state from the start counts too', () => {
    assert.equal(picks(upstreamOf([serverOptions('a', { admin: adminState.drain }), serverOptions('b')]), 3), 'bbb');
  });

  test('passes over servers that this exchange tried, for this exchange only', () => {
    const upstream = upstreamOf(abc);
    assert.equal(picks(upstream, 2, [upstream.servers[0]]), 'bc');
    assert.equal(picks(upstream, 1, upstream.servers), '-');
    assert.match(picks(upstream, 3), /a/);
  });

  test('passes over full servers until something of theirs ends', () => {
    const upstream = upstreamOf([serverOptions('a', { maxConnections: 1 }), serverOptions('b')]);
    upstream.servers[0].tunnels = 1;
    assert.equal(picks(upstream, 3), 'bbb');
    upstream.servers[0].tunnels = 0;
    assert.match(picks(upstream, 2), /a/);
  });

  test('leaves backups alone while a primary can have the exchange', () => {
    const upstream = upstreamOf(withBackup);
    takeDown(upstream.servers[0]);
    assert.equal(picks(upstream, 4), 'bbbb');
  });

  for (const [why, prepare] of [
    ['down', (server: Server) => takeDown(server)],
    ['draining', (server: Server) => (server.adminState = adminState.drain)],
    ['full', (server: Server) => (server.activeExchanges = 5)],
  ] as const) {
    test(`asks a backup when every primary is ${why}`, () => {
      const upstream = upstreamOf(withBackup.map((options) => ({ ...options, maxConnections: options.isBackup ? 0 : 5 })));
      prepare(upstream.servers[0]);
      assert.equal(picks(upstream, 2), 'bb');
      prepare(upstream.servers[1]);
      assert.equal(picks(upstream, 2), 'zz');
    });
  }

  test('asks a backup when every primary was tried', () => {
    const upstream = upstreamOf(withBackup);
    assert.equal(picks(upstream, 1, upstream.servers.slice(0, 2)), 'z');
  });

  test('says that servers are full only if one would be free to take the exchange otherwise', () => {
    const upstream = upstreamOf([serverOptions('a', { maxConnections: 1 }), serverOptions('b')]);
    const [a, b] = upstream.servers;
    a.activeExchanges = 1;
    b.adminState = adminState.maintenance;
    assert.equal(picks(upstream, 1), '-');
    assert.equal(upstream.whyNone([]).code, 'servers-full');
    assert.equal(upstream.whyNone([a]).code, 'no-server');
    a.adminState = adminState.drain;
    assert.equal(upstream.whyNone([]).code, 'no-server');
  });

  test('never a server that it may not be, always one if there is one', () => {
    const facts = fc.record({
      weight: fc.integer({ min: 1, max: 5 }),
      isBackup: fc.boolean(),
      maxConnections: fc.nat(2),
      load: fc.nat(2),
      admin: fc.constantFrom<AdminState>(0, 1, 2),
      isDown: fc.boolean(),
      isTried: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(facts, { minLength: 2, maxLength: 6 }), fc.constantFrom('round-robin', 'least-connections'), (all, balance) => {
        const upstream = upstreamOf(
          all.map((own, i) => serverOptions(String(i), { weight: own.weight, isBackup: own.isBackup, maxConnections: own.maxConnections })),
          { balance },
        );
        all.forEach((own, i) => {
          const server = upstream.servers[i];
          server.activeExchanges = own.load;
          server.adminState = own.admin;
          if (own.isDown) takeDown(server);
        });
        const tried = upstream.servers.filter((_, i) => all[i].isTried);
        const may = all.map(
          (own) => own.admin === 0 && !own.isDown && !own.isTried && (own.maxConnections === 0 || own.load < own.maxConnections),
        );
        const primaryMay = all.some((own, i) => may[i] && !own.isBackup);
        for (let turn = 0; turn < 4; turn++) {
          const picked = upstream.pick(null, tried);
          if (!may.includes(true)) assert.equal(picked, null);
          else assert.ok(picked !== null && may[picked.index] && picked.isBackup === !primaryMay);
        }
      }),
    );
  });
});

describe('an upstream', () => {
  test('tries a server again when its time is over, by its own clock', () => {
    let now = 0;
    const upstream = upstreamOf([serverOptions('a'), serverOptions('b')], { clock: () => now });
    const [a, b] = upstream.servers;
    takeDown(a, 0);
    takeDown(b, 4000);
    now = 9999;
    upstream.endDownTimes();
    assert.deepEqual([a.isUp, b.isUp], [false, false]);
    now = 10_000;
    upstream.endDownTimes();
    assert.deepEqual([a.isUp, b.isUp], [true, false]);
    now = 14_000;
    upstream.endDownTimes();
    assert.deepEqual([a.isUp, b.isUp], [true, true]);
    assert.match(picks(upstream, 2), /ab|ba/);
  });

  test('does not read the clock while no server is down', () => {
    const upstream = upstreamOf([serverOptions('a'), serverOptions('b')], {
      clock: () => {
        throw new Error('the clock was read');
      },
    });
    upstream.endDownTimes();
    takeDown(upstream.servers[0]);
    assert.throws(() => upstream.endDownTimes(), /the clock was read/);
  });

  test('never takes a lone server out', () => {
    const upstream = upstreamOf([serverOptions('a')]);
    for (let i = 0; i < 10; i++) upstream.servers[0].recordFailure(i);
    assert.equal(picks(upstream, 1), 'a');
  });

  test('without passive health takes nobody out', () => {
    const upstream = upstreamOf([serverOptions('a'), serverOptions('b')], { passiveHealth: null });
    for (let i = 0; i < 10; i++) upstream.servers[0].recordFailure(i);
    assert.equal(picks(upstream, 2), 'ab');
  });

  test("a server's own passive health goes before the upstream's, and comes and goes with the options", () => {
    const own = { failures: 1, windowMs: 10_000, downForMs: 10_000 };
    const upstream = upstreamOf([
      serverOptions('a', { passiveHealth: own }),
      serverOptions('b', { passiveHealth: null }),
      serverOptions('c'),
    ]);
    const [a, b, c] = upstream.servers;
    for (const server of [a!, b!, c!]) server.recordFailure(0);
    assert.deepEqual([a!.isUp, b!.isUp, c!.isUp], [false, true, true]);
    for (let i = 0; i < 10; i++) b!.recordFailure(0);
    for (let i = 0; i < 2; i++) c!.recordFailure(0);
    assert.deepEqual([b!.isUp, c!.isUp], [true, false]);
    const next = upstreamOf([serverOptions('b', { passiveHealth: own }), serverOptions('c')], { known: upstream.servers });
    next.takeOver();
    b!.recordFailure(1);
    assert.equal(b!.isUp, false);
  });

  test('tells who wants to know of every change, when it has taken effect', () => {
    const seen: string[] = [];
    const upstream = upstreamOf([serverOptions('a'), serverOptions('b')], {
      onServerChange: (own, server) => seen.push(`${own.name} ${server.name} ${picks(own, 1)}`),
    });
    takeDown(upstream.servers[0]);
    assert.deepEqual(seen, ['meteor a b']);
  });

  test('tells what this worker found, with how long it holds, and nothing that it was told', () => {
    let now = 1000;
    const told: string[] = [];
    const upstream = upstreamOf([serverOptions('a'), serverOptions('b')], {
      clock: () => now,
      onHealthFound: (_, server, downForMs) => told.push(`${server.name} ${downForMs}`),
    });
    const [a, b] = upstream.servers;
    takeDown(a, 1000);
    upstream.learnHealth(b, 500);
    assert.deepEqual([a.wasFoundDownHere, b.isUp, b.wasFoundDownHere], [true, false, false]);
    now = 11_000;
    upstream.endDownTimes();
    a.recordSuccess();
    b.recordSuccess();
    a.recordSuccess();
    assert.deepEqual(told, ['a 10000', 'a 0', 'b 0']);
  });

  test('takes a server out and tries it again as another worker has found', () => {
    let now = 0;
    const upstream = upstreamOf([serverOptions('a'), serverOptions('b')], { clock: () => now });
    const [a] = upstream.servers;
    upstream.learnHealth(a, 700);
    assert.equal(picks(upstream, 2), 'bb');
    now = 500;
    // Longer than was said at first.
    upstream.learnHealth(a, 1000);
    now = 1499;
    upstream.endDownTimes();
    assert.equal(a.isUp, false);
    // That it is well elsewhere ends no time that it is down.
    upstream.learnHealth(a, 0);
    assert.equal(a.isUp, false);
    now = 1500;
    upstream.endDownTimes();
    assert.equal(a.isUp, true);
    // Well again, it fails as often as any other before it is down.
    upstream.learnHealth(a, 0);
    a.recordFailure(1500);
    assert.equal(a.isUp, true);
  });

  test('refuses two servers of the same name', () => {
    assert.throws(() => upstreamOf([serverOptions('a'), serverOptions('a')]), /two servers named "a"/);
  });
});
