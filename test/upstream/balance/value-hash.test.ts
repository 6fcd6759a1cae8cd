import { ConstantValue } from '../../../src/route/value.js';
import { textHash } from '../../../src/upstream/balance/text-hash.js';
import { ValueHash } from '../../../src/upstream/balance/value-hash.js';
import { balancerContract } from '../../contract/balancer.contract.js';

balancerContract('hash', () => new ValueHash(new ConstantValue(''), textHash('sdbm', false)));
