import { ConstantValue } from '../../../src/route/value.js';
import { HashKey } from '../../../src/upstream/balance/hash-key.js';
import { textHash } from '../../../src/upstream/balance/text-hash.js';
import { ValueHash } from '../../../src/upstream/balance/value-hash.js';
import { balancerContract } from '../../contract/balancer.contract.js';

balancerContract('hash', () => new ValueHash(new HashKey(new ConstantValue(''), false), textHash('sdbm', false)));
