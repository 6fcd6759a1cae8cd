// What every sticky policy must do, however it recognises clients.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExchangeView } from '../../src/route/exchange-view.js';
import { type Binding, binding } from '../../src/upstream/binding.js';
import { adminState, Server } from '../../src/upstream/server.js';
import { StickyFinding, type StickyPolicy, sessionKey } from '../../src/upstream/sticky/sticky-policy.js';
import type { ResponseHead } from '../../src/wire/message-head.js';
import { exchangeWithCookies, responseOf } from '../upstream/stand-in-exchange.js';
import { nobody, serverOptions } from '../upstream/stand-in-upstream.js';

export interface StickyPolicyUnderTest {
  readonly name: string;
  make(servers: readonly Server[], isStrict: boolean): StickyPolicy;
  /** The next exchange of the client that got this response and knew nothing before. */
  nextExchange(response: ResponseHead): ExchangeView;
}

export function stickyPolicyContract({ name, make, nextExchange }: StickyPolicyUnderTest): void {
  const someServers = () => ['a', 'b', 'c'].map((own, i) => new Server(serverOptions(own), i, null, nobody));

  function answer(policy: StickyPolicy, server: Server, how: Binding, x = exchangeWithCookies([])): ResponseHead & { list: unknown[] } {
    const head = responseOf(200);
    policy.onRequestHead(x);
    policy.onResponseHead(x, head, server, how, new StickyFinding());
    return head;
  }

  describe(`sticky policy contract: ${name}`, () => {
    test('a client that brings nothing is bound to nobody', () => {
      const finding = new StickyFinding();
      make(someServers(), false).find(exchangeWithCookies([]), finding);
      assert.deepEqual([finding.server, finding.key], [null, sessionKey.absent]);
    });

    for (const how of ['new', 'rebound'] as const) {
      test(`a binding that is ${how} is told, counted, and found again in the next exchange`, () => {
        const servers = someServers();
        const policy = make(servers, false);
        for (const server of servers) {
          const finding = new StickyFinding();
          policy.find(nextExchange(answer(policy, server, binding[how])), finding);
          assert.deepEqual([finding.server, finding.key, finding.standing], [server, sessionKey.known, binding.bound]);
          assert.equal(server.sessionsGiven, 1);
        }
      });
    }

    test('a binding that the client knows already is not told again', () => {
      const servers = someServers();
      const policy = make(servers, false);
      assert.deepEqual(answer(policy, servers[0], binding.bound).list, []);
      assert.equal(servers[0].sessionsGiven, 0);
    });

    test('a finding that was cleared keeps nothing of an earlier exchange', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const finding = new StickyFinding();
      policy.find(nextExchange(answer(policy, servers[1], binding.new)), finding);
      finding.clear();
      policy.find(exchangeWithCookies([]), finding);
      assert.deepEqual({ ...finding }, { ...new StickyFinding() });
    });

    test('finding has no side effects: the second time gives the same, and nothing else changed', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const x = nextExchange(answer(policy, servers[2], binding.new));
      const facts = () => JSON.stringify([x, servers.map((s) => [s.load, s.connections, s.sessionsGiven, s.adminState, s.isUp])]);
      const before = facts();
      for (let i = 0; i < 2; i++) {
        const finding = new StickyFinding();
        policy.find(x, finding);
        assert.equal(finding.server, servers[2]);
      }
      assert.equal(facts(), before);
    });

    test('recognises a client whatever state its server is in: what to do about that is decided elsewhere', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const x = nextExchange(answer(policy, servers[0], binding.new));
      servers[0].adminState = adminState.maintenance;
      const finding = new StickyFinding();
      policy.find(x, finding);
      assert.equal(finding.server, servers[0]);
    });

    test('a lost server: bound anew, or a 503 where the policy is strict', () => {
      const servers = someServers();
      assert.equal(make(servers, false).lost(servers[0]), null);
      const fault = make(servers, true).lost(servers[0]);
      assert.equal(fault?.code, 'sticky-server-down');
      assert.equal(fault?.status, 503);
    });
  });
}
