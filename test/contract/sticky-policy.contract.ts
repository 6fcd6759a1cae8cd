// What every sticky policy must do, however it recognises clients. The store of those that learn answers within the question.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExchangeView } from '../../src/route/exchange-view.js';
import { type Binding, binding } from '../../src/upstream/binding.js';
import { adminState, Server } from '../../src/upstream/server.js';
import { StickyFinding, type StickyPolicy, sessionKey } from '../../src/upstream/sticky/sticky-policy.js';
import type { ResponseHead } from '../../src/wire/message-head.js';
import { type FieldList, responseOf } from '../upstream/stand-in-exchange.js';
import { nobody, serverOptions } from '../upstream/stand-in-upstream.js';

/** A client as the policy tells clients apart. */
export interface TestClient {
  /** Its first exchange, in which it knows of nothing. */
  readonly first: ExchangeView;
  /** What a server adds to its first answer. */
  readonly serverFields: FieldList;
  /** Its exchange after it has got that response. */
  next(response: ResponseHead): ExchangeView;
}

export interface StickyPolicyUnderTest {
  readonly name: string;
  make(servers: readonly Server[], isStrict: boolean): StickyPolicy;
  /** Another one for each number. */
  client(number: number): TestClient;
}

/** What selection and the exchange do with a policy: `server` is where the client goes. */
export function visit(policy: StickyPolicy, x: ExchangeView, server: Server, fields: FieldList = []): { head: ResponseHead; how: Binding } {
  const finding = new StickyFinding();
  policy.find(x, finding);
  let how: Binding = finding.standing;
  if (finding.server === null) how = policy.givesSession(finding) ? binding.new : binding.none;
  else if (finding.server !== server) how = binding.rebound;
  if (finding.server !== server) policy.claim(finding, server);
  policy.onRequestHead(x);
  const head = responseOf(200, fields);
  return { head, how: policy.onResponseHead(x, head, server, how, finding) };
}

export function find(policy: StickyPolicy, x: ExchangeView): StickyFinding {
  const finding = new StickyFinding();
  policy.find(x, finding);
  return finding;
}

export function namedServers(...names: string[]): Server[] {
  return names.map((own, i) => new Server(serverOptions(own), i, null, nobody));
}

export function stickyPolicyContract({ name, make, client }: StickyPolicyUnderTest): void {
  const someServers = () => namedServers('a', 'b', 'c');

  /** The exchange of a client after its first answer, which came from `server`. */
  function bind(policy: StickyPolicy, server: Server, number = 0): ExchangeView {
    const { first, serverFields, next } = client(number);
    return next(visit(policy, first, server, [...serverFields]).head);
  }

  describe(`sticky policy contract: ${name}`, () => {
    test('a client that brings nothing is bound to nobody', () => {
      assert.equal(find(make(someServers(), false), client(0).first).server, null);
    });

    test('a new session is counted, said to be new, and found again in the next exchange', () => {
      const servers = someServers();
      const policy = make(servers, false);
      for (const server of servers) {
        const { first, serverFields, next } = client(server.index);
        const { head, how } = visit(policy, first, server, [...serverFields]);
        assert.equal(how, binding.new);
        const finding = find(policy, next(head));
        assert.deepEqual([finding.server, finding.key, finding.standing], [server, sessionKey.known, binding.bound]);
        assert.equal(server.sessionsGiven, 1);
      }
    });

    test('a client that is moved is found at its new server', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const second = bind(policy, servers[0]!);
      const { serverFields, next } = client(0);
      const { head, how } = visit(policy, second, servers[1]!, [...serverFields]);
      assert.equal(how, binding.rebound);
      const hasTold = head.get('set-cookie') !== undefined;
      assert.equal(find(policy, hasTold ? next(head) : second).server, servers[1]);
    });

    test('a client that is bound gets nothing added to its answers', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const { head, how } = visit(policy, bind(policy, servers[0]!), servers[0]!, [['X-Own', '1']]);
      assert.equal(how, binding.bound);
      assert.deepEqual((head as ResponseHead & { list: FieldList }).list, [['X-Own', '1']]);
      assert.equal(servers[0]!.sessionsGiven, 1);
    });

    test('a finding that was cleared keeps nothing of an earlier exchange', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const finding = new StickyFinding();
      policy.find(bind(policy, servers[1]!), finding);
      finding.clear();
      assert.deepEqual({ ...finding }, { ...new StickyFinding() });
    });

    test('finding binds nobody: the second time gives the same, and nothing else changed', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const x = bind(policy, servers[2]!);
      const facts = () => JSON.stringify([x, servers.map((s) => [s.load, s.connections, s.sessionsGiven, s.adminState, s.isUp])]);
      const before = facts();
      for (let i = 0; i < 2; i++) assert.equal(find(policy, x).server, servers[2]);
      for (let i = 0; i < 2; i++) assert.equal(find(policy, client(1).first).server, null);
      assert.equal(facts(), before);
    });

    test('recognises a client whatever state its server is in: what to do about that is decided elsewhere', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const x = bind(policy, servers[0]!);
      servers[0]!.adminState = adminState.maintenance;
      assert.equal(find(policy, x).server, servers[0]);
    });

    test('clients do not meet', () => {
      const servers = someServers();
      const policy = make(servers, false);
      const nexts = Array.from({ length: 30 }, (_, i) => bind(policy, servers[i % 3]!, i));
      for (const [i, x] of nexts.entries()) assert.equal(find(policy, x).server, servers[i % 3]);
    });

    test('a lost server: bound anew, or a 503 where the policy is strict', () => {
      const servers = someServers();
      assert.equal(make(servers, false).lost(servers[0]!), null);
      const fault = make(servers, true).lost(servers[0]!);
      assert.equal(fault?.code, 'sticky-server-down');
      assert.equal(fault?.status, 503);
    });
  });
}
