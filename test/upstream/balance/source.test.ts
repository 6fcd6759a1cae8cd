import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseIp } from '../../../src/core/ip-address.js';
import { addressHash, SourceHash } from '../../../src/upstream/balance/source.js';
import { balancerContract } from '../../contract/balancer.contract.js';
import { serversOfWeights } from '../stand-in-upstream.js';

balancerContract('source', () => new SourceHash());

describe('source', () => {
  const from = (ip: string) => ({ client: { ip, port: 1 }, request: null });

  test('the hash is that of HAProxy', () => {
    assert.equal(addressHash(parseIp('127.0.0.1')!), 0x7f000001);
    assert.equal(addressHash(parseIp('192.168.1.200')!), 0xc0a801c8);
    assert.equal(addressHash(parseIp('2001:db8::1')!), 0x20010db9);
  });

  test('an address goes to the same server, whichever came before', () => {
    const balancer = new SourceHash();
    const servers = serversOfWeights(1, 1, 1);
    const picks = (ip: string) => balancer.pick(servers, from(ip))!.name;
    // 0x7f000001 leaves 2 when it is divided by 3.
    assert.deepEqual([picks('127.0.0.1'), picks('127.0.0.2'), picks('127.0.0.1')], ['c', 'a', 'c']);
  });

  test('weights are shares', () => {
    const balancer = new SourceHash();
    const servers = serversOfWeights(3, 1);
    const counts = { a: 0, b: 0 };
    for (let i = 0; i < 256; i++) counts[balancer.pick(servers, from(`10.0.0.${i}`))!.name as 'a' | 'b']++;
    assert.deepEqual(counts, { a: 192, b: 64 });
  });
});
