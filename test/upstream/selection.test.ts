import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExchangeView } from '../../src/route/exchange-view.js';
import { bindingNames } from '../../src/upstream/binding.js';
import { recognise, Selection, select } from '../../src/upstream/selection.js';
import { adminState, type Server, type ServerOptions } from '../../src/upstream/server.js';
import { stickyValue } from '../../src/upstream/sticky/cookie.js';
import type { ConnectionView } from '../../src/upstream/sticky/sticky-policy.js';
import type { Upstream } from '../../src/upstream/upstream.js';
import { connectionFrom, exchangeWithCookies } from './stand-in-exchange.js';
import { serverOptions, stickyCookieOptions, upstreamOf } from './stand-in-upstream.js';

interface Outcome {
  server: string | null;
  binding: string;
  fault: string | null;
}

function outcome(upstream: Upstream, x: ExchangeView | ConnectionView, tried: readonly Server[] = [], out = new Selection()): Outcome {
  select(upstream, x, tried, out);
  return { server: out.server?.name ?? null, binding: bindingNames[out.binding], fault: out.fault?.code ?? null };
}

const boundTo = (name: string) => exchangeWithCookies([`route=${stickyValue('meteor', name, '')}`]);
const connection = connectionFrom('192.0.2.1');
const unbound = exchangeWithCookies([]);

function stickyUpstream(servers: readonly ServerOptions[], isStrict = false, clock: () => number = () => 0): Upstream {
  return upstreamOf(servers, { sticky: stickyCookieOptions({ isStrict }), clock });
}

function takeDown(server: Server): void {
  for (let i = 0; i < 3; i++) server.recordFailure(0);
}

const abc = [serverOptions('a'), serverOptions('b'), serverOptions('c')];

describe('selection without stickiness', () => {
  test('balances, and binds nobody', () => {
    const upstream = upstreamOf(abc);
    assert.deepEqual(outcome(upstream, boundTo('c')), { server: 'a', binding: 'none', fault: null });
    assert.deepEqual(outcome(upstream, boundTo('c')), { server: 'b', binding: 'none', fault: null });
  });

  test('no server takes the exchange: a fault, no server', () => {
    const upstream = upstreamOf(abc);
    for (const server of upstream.servers) server.adminState = adminState.maintenance;
    assert.deepEqual(outcome(upstream, unbound), { server: null, binding: 'none', fault: 'no-server' });
  });

  test('a TCP connection, which has no cookie, is balanced even where HTTP would be sticky', () => {
    assert.deepEqual(outcome(stickyUpstream(abc), connection), { server: 'a', binding: 'none', fault: null });
  });
});

describe('selection with a sticky policy', () => {
  test('a client without a session gets a new one', () => {
    const upstream = stickyUpstream(abc);
    assert.deepEqual(outcome(upstream, unbound), { server: 'a', binding: 'new', fault: null });
    assert.deepEqual(outcome(upstream, exchangeWithCookies(['route=stale'])), { server: 'b', binding: 'new', fault: null });
  });

  test('a client with a session goes to its server, and takes no turn from the others', () => {
    const upstream = stickyUpstream(abc);
    for (let i = 0; i < 5; i++) assert.deepEqual(outcome(upstream, boundTo('b')), { server: 'b', binding: 'bound', fault: null });
    assert.equal(outcome(upstream, unbound).server, 'a');
  });

  for (const isStrict of [false, true]) {
    describe(isStrict ? 'strict' : 'not strict', () => {
      const lost = isStrict
        ? { server: null, binding: 'bound', fault: 'sticky-server-down' }
        : { server: 'b', binding: 'rebound', fault: null };

      test('a server that drains keeps its own clients and gets no new ones', () => {
        const upstream = stickyUpstream(abc, isStrict);
        upstream.servers[0].adminState = adminState.drain;
        assert.deepEqual(outcome(upstream, boundTo('a')), { server: 'a', binding: 'bound', fault: null });
        assert.deepEqual(outcome(upstream, unbound), { server: 'b', binding: 'new', fault: null });
      });

      test('the server in maintenance', () => {
        const upstream = stickyUpstream(abc, isStrict);
        upstream.servers[0].adminState = adminState.maintenance;
        assert.deepEqual(outcome(upstream, boundTo('a')), lost);
      });

      test('the server down', () => {
        const upstream = stickyUpstream(abc, isStrict);
        takeDown(upstream.servers[0]);
        assert.deepEqual(outcome(upstream, boundTo('a')), lost);
      });

      test('the server down and draining', () => {
        const upstream = stickyUpstream(abc, isStrict);
        upstream.servers[0].adminState = adminState.drain;
        takeDown(upstream.servers[0]);
        assert.deepEqual(outcome(upstream, boundTo('a')), lost);
      });

      test('the server tried in vain by this exchange', () => {
        const upstream = stickyUpstream(abc, isStrict);
        assert.deepEqual(outcome(upstream, boundTo('a'), [upstream.servers[0]]), lost);
      });

      test('the server full: refused, still bound', () => {
        const upstream = stickyUpstream([serverOptions('a', { maxConnections: 1 }), serverOptions('b')], isStrict);
        upstream.servers[0].tunnels = 1;
        assert.deepEqual(outcome(upstream, boundTo('a')), { server: null, binding: 'bound', fault: 'servers-full' });
        assert.deepEqual(outcome(upstream, unbound), { server: 'b', binding: 'new', fault: null });
      });

      test('a session at a backup stays there while primaries are well', () => {
        const upstream = stickyUpstream([serverOptions('a'), serverOptions('z', { isBackup: true })], isStrict);
        assert.deepEqual(outcome(upstream, boundTo('z')), { server: 'z', binding: 'bound', fault: null });
      });
    });
  }

  test('a client that has to be moved when nobody takes it: a fault', () => {
    const upstream = stickyUpstream(abc);
    for (const server of upstream.servers) server.adminState = adminState.maintenance;
    assert.deepEqual(outcome(upstream, boundTo('a')), { server: null, binding: 'rebound', fault: 'no-server' });
  });

  test('a further attempt of a client without a session is still a new session', () => {
    const upstream = stickyUpstream(abc);
    assert.deepEqual(outcome(upstream, unbound, [upstream.servers[0], upstream.servers[1]]), {
      server: 'c',
      binding: 'new',
      fault: null,
    });
  });

  test('a server whose time is over is there for its own clients again', () => {
    let now = 0;
    const upstream = stickyUpstream(abc, true, () => now);
    takeDown(upstream.servers[0]);
    assert.equal(outcome(upstream, boundTo('a')).fault, 'sticky-server-down');
    now = 10_000;
    assert.deepEqual(outcome(upstream, boundTo('a')), { server: 'a', binding: 'bound', fault: null });
  });

  test('a selection that is used again keeps nothing of the time before', () => {
    const upstream = stickyUpstream([serverOptions('a', { maxConnections: 1 }), serverOptions('b')]);
    const out = new Selection();
    assert.equal(outcome(upstream, boundTo('a'), [], out).server, 'a');
    upstream.servers[0].tunnels = 1;
    assert.deepEqual(outcome(upstream, boundTo('a'), [], out), { server: null, binding: 'bound', fault: 'servers-full' });
    out.clear();
    assert.deepEqual(outcome(upstream, unbound, [], out), { server: 'b', binding: 'new', fault: null });
    out.clear();
    assert.deepEqual(outcome(upstream, connection, [], out), { server: 'b', binding: 'none', fault: null });
  });

  test('within one exchange the policy looks once: what rules do to the cookie afterwards changes nothing', () => {
    const upstream = stickyUpstream(abc);
    const out = new Selection();
    recognise(upstream, boundTo('b'), out);
    assert.deepEqual(outcome(upstream, unbound, [], out), { server: 'b', binding: 'bound', fault: null });
  });

  test('selecting changes no counts: only what really happens does', () => {
    const upstream = stickyUpstream(abc);
    for (const x of [unbound, boundTo('a'), connection]) outcome(upstream, x);
    for (const server of upstream.servers) assert.deepEqual([server.load, server.connections, server.sessionsGiven], [0, 0, 0]);
  });
});
