// The hashing balancers that go by all servers of an upstream. That they choose as nginx does is tested against nginx.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConstantValue, compileValue } from '../../../src/route/value.js';
import type { Balancer } from '../../../src/upstream/balance/balancer.js';
import { HashKey } from '../../../src/upstream/balance/hash-key.js';
import { Rehash } from '../../../src/upstream/balance/rehash.js';
import { Ring } from '../../../src/upstream/balance/ring.js';
import type { Server } from '../../../src/upstream/server.js';
import { balancerContract } from '../../contract/balancer.contract.js';
import { FakeExchange } from '../../route/exchange-fixture.js';
import { serversOfWeights } from '../stand-in-upstream.js';

const noText = new HashKey(new ConstantValue(''), false);
const clientIp = new HashKey(compileValue('${client.ip}'), true);

function exchangeFor(text: string): FakeExchange {
  const x = new FakeExchange();
  x.client = { ip: text, port: 1 };
  return x;
}

const texts = Array.from({ length: 2000 }, (_, i) => `192.0.2.${i}`);

for (const [name, make] of [
  ['rehash', (key: HashKey, servers: readonly Server[]): Balancer => new Rehash(key, servers)],
  ['ring', (key: HashKey, servers: readonly Server[]): Balancer => new Ring(key, servers)],
] as const) {
  balancerContract(`hash over ${name}, no text`, () => make(noText, serversOfWeights(1, 2)));

  describe(`hash over ${name}`, () => {
    test('shares are in proportion to weight', () => {
      const servers = serversOfWeights(3, 1);
      const balancer = make(clientIp, servers);
      const share = texts.filter((text) => balancer.pick(servers, exchangeFor(text)) === servers[0]).length / texts.length;
      assert.ok(share > 0.65 && share < 0.85, String(share));
    });

    test('when a server goes, the texts of the others stay where they are, and its own are shared', () => {
      const servers = serversOfWeights(1, 1, 1);
      const balancer = make(clientIp, servers);
      const left = servers.slice(1);
      const moved = new Set<string>();
      for (const text of texts) {
        const before = balancer.pick(servers, exchangeFor(text))!;
        const after = balancer.pick(left, exchangeFor(text))!;
        if (before === servers[0]) moved.add(after.name);
        else assert.equal(after, before);
      }
      assert.deepEqual([...moved].sort(), ['b', 'c']);
    });

    test('a connection is known by its address where that is all that is asked', () => {
      const servers = serversOfWeights(1, 1, 1);
      const connection = { client: { ip: '192.0.2.9', port: 5 }, request: null };
      const expected = make(clientIp, servers).pick(servers, exchangeFor('192.0.2.9'));
      for (let i = 0; i < 3; i++) assert.equal(make(clientIp, servers).pick(servers, connection), expected);
      const other = make(new HashKey(compileValue('${path}'), false), servers);
      assert.deepEqual(
        [1, 2, 3].map(() => other.pick(servers, connection)!.name),
        ['a', 'b', 'c'],
      );
    });

    test('backups alone: they take turns', () => {
      const backups = serversOfWeights(1, 1);
      const balancer = make(clientIp, []);
      assert.deepEqual(
        [1, 2].map(() => balancer.pick(backups, exchangeFor('192.0.2.1'))!.name),
        ['a', 'b'],
      );
    });
  });
}

test('ring: a server more takes some texts, and no other text moves', () => {
  const servers = serversOfWeights(1, 1, 1, 1);
  const before = new Ring(clientIp, servers.slice(0, 3));
  const after = new Ring(clientIp, servers);
  let moved = 0;
  for (const text of texts) {
    const was = before.pick(servers.slice(0, 3), exchangeFor(text));
    const is = after.pick(servers, exchangeFor(text));
    if (is === was) continue;
    assert.equal(is, servers[3]);
    moved++;
  }
  assert.ok(moved > texts.length / 8 && moved < texts.length / 2, String(moved));
});
