// X-Forwarded fields: who the client is, and what goes on to the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileNetworks } from '../../src/net/networks.js';
import { Forwarded } from '../../src/wire/forwarded.js';

const trusted = compileNetworks(['10.0.0.0/8', 'fd00::/8', 'unix']);

interface Fields {
  for?: string;
  proto?: string;
  host?: string;
  port?: string;
}

function from(peerIp: string, fields: Fields, scheme: 'http' | 'https' = 'http'): Forwarded {
  const forwarded = new Forwarded();
  forwarded.assume(peerIp, scheme, 'app.example:8080', '8080');
  if (trusted.contains(peerIp)) forwarded.derive(trusted, fields.for, fields.proto, fields.host, fields.port);
  return forwarded;
}

test('a peer that is not trusted is the client, whatever it claims', () => {
  const forwarded = from('203.0.113.9', { for: '10.0.0.1', proto: 'https', host: 'evil.example', port: '1' });
  assert.equal(forwarded.clientIp, '203.0.113.9');
  assert.equal(forwarded.forValue, '203.0.113.9');
  assert.equal(forwarded.protoValue, 'http');
  assert.equal(forwarded.hostValue, 'app.example:8080');
  assert.equal(forwarded.portValue, '8080');
});

test('the client is the first address from the right that is not trusted', () => {
  const cases: [string | undefined, string][] = [
    [undefined, '10.9.9.9'],
    ['', '10.9.9.9'],
    ['203.0.113.9', '203.0.113.9'],
    ['1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['1.1.1.1, 203.0.113.9, 10.0.0.2,10.0.0.1', '203.0.113.9'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['203.0.113.9, fd00::1', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['203.0.113.9, ::ffff:10.0.0.1', '203.0.113.9'],
    ['unknown', '10.9.9.9'],
    ['203.0.113.9, garbage', '10.9.9.9'],
    ['203.0.113.9, garbage, 10.0.0.1', '10.0.0.1'],
    ['203.0.113.9,', '10.9.9.9'],
    [', 203.0.113.9', '203.0.113.9'],
    ['[2001:db8::1', '10.9.9.9'],
    ['[2001:db8::1]x', '10.9.9.9'],
    ['fe80::1%eth0', '10.9.9.9'],
  ];
  for (const [field, client] of cases) {
    const fields = field === undefined ? {} : { for: field };
    assert.equal(from('10.9.9.9', fields).clientIp, client, String(field));
  }
});

test('the peer is appended to the list that goes on', () => {
  assert.equal(from('10.9.9.9', { for: '1.1.1.1, 203.0.113.9' }).forValue, '1.1.1.1, 203.0.113.9, 10.9.9.9');
  assert.equal(from('10.9.9.9', {}).forValue, '10.9.9.9');
  assert.equal(from('', { for: '203.0.113.9' }).forValue, '203.0.113.9, unknown');
});

test('a hop without an address still counts as a hop', () => {
  const forwarded = new Forwarded();
  forwarded.assume('', 'http', 'app.example', '');
  assert.equal(forwarded.forValue, 'unknown');
  assert.equal(forwarded.clientIp, '');
});

test('a trusted peer tells scheme, host and port', () => {
  const forwarded = from('10.9.9.9', { for: '203.0.113.9', proto: 'HTTPS', host: 'www.example', port: '8443' });
  assert.deepEqual([forwarded.protoValue, forwarded.hostValue, forwarded.portValue], ['https', 'www.example', '8443']);
});

test('without a port, it follows from host and scheme, and from the listener when nothing is told', () => {
  assert.equal(from('10.9.9.9', { proto: 'https', host: 'www.example' }).portValue, '443');
  assert.equal(from('10.9.9.9', { proto: 'https', host: 'www.example:444' }).portValue, '444');
  assert.equal(from('10.9.9.9', { proto: 'https', host: '[2001:db8::1]' }).portValue, '443');
  assert.equal(from('10.9.9.9', { proto: 'http', host: 'www.example' }).portValue, '80');
  assert.equal(from('10.9.9.9', {}).portValue, '8080');
  assert.equal(from('10.9.9.9', { port: '99999' }).portValue, '8080');
  assert.equal(from('10.9.9.9', { port: '4x3' }).portValue, '8080');
});

test('a scheme that is neither http nor https does not count', () => {
  assert.equal(from('10.9.9.9', { proto: 'javascript' }).protoValue, 'http');
  assert.equal(from('10.9.9.9', { proto: 'wss' }, 'https').protoValue, 'https');
});

test('in lists, the element of the hop that names the client counts', () => {
  const twoHops = { for: '203.0.113.9, 10.0.0.1', proto: 'https, http', host: 'www.example, inner.example' };
  assert.equal(from('10.9.9.9', twoHops).protoValue, 'https');
  assert.equal(from('10.9.9.9', twoHops).hostValue, 'www.example');
  const forged = { for: '1.1.1.1, 203.0.113.9', proto: 'https, http' };
  assert.equal(from('10.9.9.9', forged).protoValue, 'http', 'the element that the client added itself does not count');
});

test('one object may serve request after request', () => {
  const forwarded = from('10.9.9.9', { for: '203.0.113.9', proto: 'https', host: 'www.example', port: '8443' });
  forwarded.assume('192.0.2.1', 'http', 'app.example', '80');
  assert.deepEqual(
    [forwarded.clientIp, forwarded.forValue, forwarded.protoValue, forwarded.hostValue, forwarded.portValue],
    ['192.0.2.1', '192.0.2.1', 'http', 'app.example', '80'],
  );
});

test('what a client puts to the left of its own address changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.ipV4(), fc.string(), fc.constantFrom('10.0.0.1', 'unknown', ',', '[')), { maxLength: 6 }),
      (claims) => {
        assert.equal(from('10.9.9.9', { for: [...claims, '203.0.113.9', '10.0.0.1'].join(', ') }).clientIp, '203.0.113.9');
      },
    ),
  );
});

test('a field of thousands of trusted hops ends after a bounded walk', () => {
  const forwarded = from('10.9.9.9', { for: `203.0.113.9,${'10.0.0.1,'.repeat(5000)}10.0.0.2` });
  assert.equal(forwarded.clientIp, '10.0.0.1');
});
