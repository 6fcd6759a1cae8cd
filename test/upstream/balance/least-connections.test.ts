import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LeastConnections } from '../../../src/upstream/balance/least-connections.js';
import { balancerContract } from '../../contract/balancer.contract.js';
import { serversOfWeights } from '../stand-in-upstream.js';

balancerContract('least-connections', () => new LeastConnections());

describe('least connections', () => {
  test('exchanges and tunnels count alike', () => {
    const balancer = new LeastConnections();
    const servers = serversOfWeights(1, 1, 1);
    servers[0].activeExchanges = 2;
    servers[1].tunnels = 2;
    servers[2].activeExchanges = 1;
    assert.equal(balancer.pick(servers)!.name, 'c');
    assert.equal(balancer.pick(servers)!.name, 'c');
  });

  test('what other workers have under way counts like what is under way here', () => {
    const balancer = new LeastConnections();
    const servers = serversOfWeights(1, 1, 1);
    servers[0].othersLoad = { othersSum: 3 };
    servers[1].activeExchanges = 2;
    servers[1].othersLoad = { othersSum: 2 };
    servers[2].activeExchanges = 4;
    assert.equal(balancer.pick(servers)!.name, 'a');
    servers[0].tunnels = 2;
    assert.deepEqual([balancer.pick(servers)!.name, balancer.pick(servers)!.name].sort(), ['b', 'c']);
  });

  test('load counts by weight: with weights 2 and 1 a server of twice the load is no busier', () => {
    const balancer = new LeastConnections();
    const servers = serversOfWeights(2, 1);
    const picked: string[] = [];
    for (let i = 0; i < 9; i++) {
      const server = balancer.pick(servers)!;
      server.tunnels++;
      picked.push(server.name);
    }
    assert.equal(picked.filter((name) => name === 'a').length, 6);
    assert.equal(servers[0].tunnels, 6);
    assert.equal(servers[1].tunnels, 3);
  });

  test('nobody has less load for its weight than the one that is picked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 256 }), exchanges: fc.nat(50), tunnels: fc.nat(50) }), {
          minLength: 1,
          maxLength: 8,
        }),
        (facts) => {
          const servers = serversOfWeights(...facts.map((fact) => fact.weight));
          servers.forEach((server, i) => {
            server.activeExchanges = facts[i].exchanges;
            server.tunnels = facts[i].tunnels;
          });
          const picked = new LeastConnections().pick(servers)!;
          for (const other of servers) assert.ok(picked.load * other.weight <= other.load * picked.weight);
        },
      ),
    );
  });
});
