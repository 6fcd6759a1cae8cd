// IP addresses between text and bytes.
import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpv4, formatIpv6, mapToIpv6, parseIp, plainIp } from '../../src/core/ip-address.js';

test('IPv6 is written in the canonical form of RFC 5952', () => {
  const cases = [
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['1::2:0:0:0:3', '1:0:0:2::3'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:192.0.2.33', '192.0.2.33'],
  ];
  for (const [written, canonical] of cases) {
    const bytes = parseIp(written);
    assert.ok(bytes !== null, written);
    assert.equal(formatIpv6(bytes, 0), canonical, written);
  }
});

test('any 16 bytes come back through their text', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), { minLength: 16, maxLength: 16 }), (numbers) => {
      const bytes = Uint8Array.from(numbers);
      const text = formatIpv6(bytes, 0);
      const back = parseIp(text);
      assert.ok(back !== null, text);
      assert.deepEqual(mapToIpv6(back), bytes, text);
      assert.ok(isIPv6(text) || text === formatIpv4(bytes, 12));
    }),
  );
});

test('text that is no address, or has a zone, is refused', () => {
  for (const text of ['', '1.2.3', '01.2.3.4', '1.2.3.256', 'fe80::1%eth0', '1::2::3', 'example', '[::1]'])
    assert.equal(parseIp(text), null, text);
});

test('addresses of sockets become plain', () => {
  assert.equal(plainIp('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(plainIp('fe80::1%eth0'), 'fe80::1');
  assert.equal(plainIp('10.0.0.1'), '10.0.0.1');
  assert.equal(plainIp('::1'), '::1');
  assert.equal(plainIp(''), '');
});
