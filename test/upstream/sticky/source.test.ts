import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLocalStore } from '../../../src/store/local-store.js';
import { binding, bindingNames } from '../../../src/upstream/binding.js';
import { Selection, select } from '../../../src/upstream/selection.js';
import { adminState, type Server } from '../../../src/upstream/server.js';
import { networkName, StickySource } from '../../../src/upstream/sticky/source.js';
import { StickyFinding, type StickyPolicy } from '../../../src/upstream/sticky/sticky-policy.js';
import type { Upstream } from '../../../src/upstream/upstream.js';
import { find, namedServers, stickyPolicyContract, visit } from '../../contract/sticky-policy.contract.js';
import { connectionFrom, exchangeFrom, responseOf } from '../stand-in-exchange.js';
import { serverOptions, upstreamOf } from '../stand-in-upstream.js';

const kept = { maxSessions: 800, idleMs: 100_000 };

function sourceOptions(store = createLocalStore(), isStrict = false) {
  return { policy: 'source', ipv4Prefix: 32, ipv6Prefix: 64, sessions: store.sessions('s', kept), isStrict } as const;
}

function policyFor(servers: readonly Server[], isStrict = false): StickyPolicy {
  return new StickySource(servers, sourceOptions(createLocalStore(), isStrict));
}

stickyPolicyContract({
  name: 'source',
  make: policyFor,
  client: (number) => {
    const x = exchangeFrom(`198.51.100.${number}`);
    return { first: x, serverFields: [], next: () => x };
  },
});

describe('the network that a client is told by', () => {
  const cases: [string, number, number, string][] = [
    ['192.0.2.77', 32, 64, '192.0.2.77'],
    ['192.0.2.77', 24, 64, '192.0.2.0'],
    ['192.0.2.77', 25, 64, '192.0.2.0'],
    ['192.0.2.200', 25, 64, '192.0.2.128'],
    ['::ffff:192.0.2.77', 32, 64, '192.0.2.77'],
    ['::ffff:c000:24d', 24, 64, '192.0.2.0'],
    ['2001:db8:1:2:3:4:5:6', 32, 64, '2001:db8:1:2::'],
    ['2001:0DB8:1:2::6', 32, 128, '2001:db8:1:2::6'],
    ['2001:db8:1:2:8000::1', 32, 65, '2001:db8:1:2:8000::'],
    ['', 32, 64, ''],
    ['', 24, 64, ''],
    ['nonsense:', 32, 64, ''],
  ];
  for (const [ip, ipv4Prefix, ipv6Prefix, expected] of cases) {
    test(`"${ip}" by /${ipv4Prefix} and /${ipv6Prefix} is "${expected}"`, () =>
      assert.equal(networkName(ip, ipv4Prefix, ipv6Prefix), expected));
  }
});

describe('sticky by source', () => {
  function outcome(upstream: Upstream, ip: string, tried: readonly Server[] = [], out = new Selection()) {
    select(upstream, connectionFrom(ip), tried, out);
    assert.equal(out.awaited, null);
    return { server: out.server?.name ?? null, binding: bindingNames[out.binding], fault: out.fault?.code ?? null };
  }

  const abc = [serverOptions('a'), serverOptions('b'), serverOptions('c')];
  const upstream = (isStrict = false) => upstreamOf(abc, { sticky: sourceOptions(createLocalStore(), isStrict) });

  test('binds connections in TCP mode, before they reach their server', () => {
    const at = upstream();
    assert.deepEqual(outcome(at, '192.0.2.1'), { server: 'a', binding: 'new', fault: null });
    assert.deepEqual(outcome(at, '192.0.2.2'), { server: 'b', binding: 'new', fault: null });
    assert.deepEqual(outcome(at, '192.0.2.1'), { server: 'a', binding: 'bound', fault: null });
    assert.deepEqual(outcome(at, '2001:db8::1'), { server: 'c', binding: 'new', fault: null });
    assert.deepEqual(outcome(at, '2001:db8::ffff'), { server: 'c', binding: 'bound', fault: null });
  });

  test('a client that is moved stays where it was moved to', () => {
    const at = upstream();
    outcome(at, '192.0.2.1');
    at.servers[0]!.adminState = adminState.maintenance;
    assert.deepEqual(outcome(at, '192.0.2.1'), { server: 'b', binding: 'rebound', fault: null });
    at.servers[0]!.adminState = adminState.ready;
    assert.deepEqual(outcome(at, '192.0.2.1'), { server: 'b', binding: 'bound', fault: null });
  });

  test('the server of a new client cannot be connected to: the next one, still as a new session, strict or not', () => {
    const at = upstream(true);
    const out = new Selection();
    outcome(at, '192.0.2.1', [], out);
    assert.deepEqual(outcome(at, '192.0.2.1', [at.servers[0]!], out), { server: 'b', binding: 'new', fault: null });
    assert.deepEqual(outcome(at, '192.0.2.1'), { server: 'b', binding: 'bound', fault: null });
  });

  test('strict: refused while its server is lost', () => {
    const at = upstream(true);
    outcome(at, '192.0.2.1');
    at.servers[0]!.adminState = adminState.maintenance;
    assert.deepEqual(outcome(at, '192.0.2.1'), { server: null, binding: 'bound', fault: 'sticky-server-down' });
  });

  test('clients without an address are balanced and bound to nobody', () => {
    const at = upstream();
    assert.deepEqual(outcome(at, ''), { server: 'a', binding: 'none', fault: null });
    assert.deepEqual(outcome(at, ''), { server: 'b', binding: 'none', fault: null });
  });

  test('a session at a server that the config has no more is bound anew', () => {
    const store = createLocalStore();
    outcome(upstreamOf([serverOptions('gone')], { sticky: sourceOptions(store) }), '192.0.2.1');
    const after = upstreamOf(abc, { sticky: sourceOptions(store) });
    assert.deepEqual(outcome(after, '192.0.2.1'), { server: 'a', binding: 'new', fault: null });
    assert.deepEqual(outcome(after, '192.0.2.1'), { server: 'a', binding: 'bound', fault: null });
  });

  test('a store that cannot be asked binds nobody, and everybody is served', () => {
    const store = createLocalStore();
    const at = upstreamOf(abc, { sticky: sourceOptions(store) });
    store.ownerIsGone();
    for (let i = 0; i < 3; i++) {
      const { server, binding: how, fault } = outcome(at, '192.0.2.1');
      assert.notEqual(server, null);
      assert.deepEqual([how, fault], ['none', null]);
    }
  });

  test('is confirmed by an answer that is a success, or by a connection', () => {
    const isPending = (policy: StickyPolicy, ip: string) => find(policy, exchangeFrom(ip)).isPending;
    const [a] = namedServers('a') as [Server];
    const policy = policyFor([a]);
    const x = exchangeFrom('192.0.2.1');
    const finding = find(policy, x);
    policy.claim(finding, a);
    policy.onResponseHead(x, responseOf(503), a, binding.new, finding);
    assert.equal(isPending(policy, '192.0.2.1'), true);
    visit(policy, x, a);
    assert.equal(isPending(policy, '192.0.2.1'), false);
    const other = new StickyFinding();
    policy.find(connectionFrom('192.0.2.2'), other);
    policy.claim(other, a);
    policy.onConnected(a, binding.new, other);
    assert.equal(isPending(policy, '192.0.2.2'), false);
  });
});
