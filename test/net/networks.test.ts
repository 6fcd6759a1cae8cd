// Sets of networks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileNetworks, noNetworks } from '../../src/net/networks.js';

test('addresses are found in their networks and in no others', () => {
  const cases: [string[], string, boolean][] = [
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['10.1.2.3/8'], '10.9.9.9', true],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['192.0.2.6/31'], '192.0.2.7', true],
    [['0.0.0.0/0'], '203.0.113.1', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['::/0'], '2001:db8::1', true],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['fc00::/7'], 'fd12::1', true],
    [['::1'], '::1', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['127.0.0.1/32', '10.0.0.0/8'], '10.0.0.1', true],
    [[], '127.0.0.1', false],
  ];
  for (const [list, ip, expected] of cases) assert.equal(compileNetworks(list).contains(ip), expected, `${list.join()} ${ip}`);
});

test('IPv4-mapped addresses and networks mean IPv4', () => {
  assert.equal(compileNetworks(['10.0.0.0/8']).contains('::ffff:10.1.1.1'), true);
  assert.equal(compileNetworks(['10.0.0.0/8']).contains('::ffff:11.1.1.1'), false);
  assert.equal(compileNetworks(['::ffff:10.0.0.0/104']).contains('10.1.1.1'), true);
  assert.equal(compileNetworks(['::ffff:10.0.0.0/104']).contains('11.1.1.1'), false);
  assert.equal(compileNetworks(['::/0']).contains('::ffff:10.1.1.1'), false);
  assert.equal(compileNetworks(['::ffff:10.0.0.1']).contains('10.0.0.1'), true);
});

test('peers on unix sockets are listed as unix, and by nothing else', () => {
  assert.equal(compileNetworks(['unix']).contains(''), true);
  assert.equal(compileNetworks(['unix']).contains('127.0.0.1'), false);
  assert.equal(compileNetworks(['0.0.0.0/0', '::/0']).contains(''), false);
  assert.equal(noNetworks.contains(''), false);
});

test('what is no address is in no network', () => {
  assert.equal(compileNetworks(['0.0.0.0/0']).contains('unknown'), false);
});

test('bad entries are named, with what to write', () => {
  const cases: [string, RegExp][] = [
    ['10.0.0.0/33', /"10\.0\.0\.0\/33" has a bad prefix length; write a number from 0 to 32/],
    ['::/129', /from 0 to 128/],
    ['10.0.0.0/', /bad prefix length/],
    ['10.0.0.0/08', /bad prefix length/],
    ['10.0.0.0/-1', /bad prefix length/],
    ['10.0.0/8', /"10\.0\.0\/8" is not a network; write an address such as/],
    ['example.com', /not a network/],
    ['fe80::1%eth0', /not a network/],
    ['', /not a network/],
  ];
  for (const [entry, message] of cases) assert.throws(() => compileNetworks([entry]), message, entry);
});
