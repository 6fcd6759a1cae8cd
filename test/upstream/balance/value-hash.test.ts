import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConstantValue } from '../../../src/route/value.js';
import { HashKey } from '../../../src/upstream/balance/hash-key.js';
import { sdbmHash, ValueHash } from '../../../src/upstream/balance/value-hash.js';
import { balancerContract } from '../../contract/balancer.contract.js';

balancerContract('hash', () => new ValueHash(new HashKey(new ConstantValue(''), false)));

describe('hash', () => {
  test('is sdbm in 32 bits', () => {
    assert.equal(sdbmHash(''), 0);
    assert.equal(sdbmHash('a'), 97);
    assert.equal(sdbmHash('ab'), (98 + 97 * 65_599) % 2 ** 32);
    assert.equal(sdbmHash('hello'), 684824882);
  });
});
