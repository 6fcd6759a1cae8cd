import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  AddressError,
  type AddressRole,
  formatAddress,
  type ListenAddress,
  parseAddress,
  parseListenAddress,
} from '../../src/net/address.js';

const sound: [AddressRole, string, Address, string?][] = [
  ['listener', '127.0.0.1:8080', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['listener', '[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
  ['listener', '[0:0:0:0:0:0:0:1]:8080', { kind: 'tcp', host: '::1', port: 8080 }, '[::1]:8080'],
  ['listener', ':8080', { kind: 'tcp', host: '', port: 8080 }],
  ['listener', '127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
  ['listener', 'unix:/run/limpet.sock', { kind: 'unix', path: '/run/limpet.sock' }],
  ['server', '127.0.0.1:3000', { kind: 'tcp', host: '127.0.0.1', port: 3000 }],
  ['server', 'App.Example:3000', { kind: 'tcp', host: 'app.example', port: 3000 }, 'app.example:3000'],
  ['server', 'my_service:65535', { kind: 'tcp', host: 'my_service', port: 65535 }],
  ['server', '[fe80::1%eth0]:80', { kind: 'tcp', host: 'fe80::1%eth0', port: 80 }],
  ['server', 'unix:run/app.sock', { kind: 'unix', path: 'run/app.sock' }],
];

for (const [role, text, address, canonical] of sound) {
  test(`${role} address ${text} is read and written back`, () => {
    assert.deepEqual(parseAddress(text, { role }), address);
    assert.equal(formatAddress(address), canonical ?? text);
  });
}

const refused: [AddressRole, string, string][] = [
  ['listener', '8080', '"8080" is only a port; write ":8080" instead'],
  ['server', '3000', '"3000" is only a port; write "127.0.0.1:3000" instead'],
  ['listener', '127.0.0.1', '"127.0.0.1" has no port; write "127.0.0.1:8080" instead'],
  ['server', 'localhost', '"localhost" has no port; write "localhost:3000" instead'],
  [
    'listener',
    'localhost:8080',
    '"localhost:8080" is a name, and a listener is bound to an address; write "127.0.0.1:8080" or ":8080" instead',
  ],
  ['listener', '*:8080', '"*:8080" names no interface; write ":8080" instead'],
  ['server', ':3000', '":3000" names no host; write "127.0.0.1:3000" instead'],
  ['server', '127.0.0.1:0', '"127.0.0.1:0" has no port from 1 to 65535; write "127.0.0.1:3000" instead'],
  ['listener', '127.0.0.1:65536', '"127.0.0.1:65536" has no port from 0 to 65535; write "127.0.0.1:8080" instead'],
  ['server', '256.1.1.1:80', '"256.1.1.1:80" has no valid IPv4 address; write "127.0.0.1:80" instead'],
  ['server', 'http://app.example:3000/x', '"http://app.example:3000/x" begins with a scheme; write "app.example:3000" instead'],
  ['server', 'a b:80', '"a b:80" has no valid host name; write "app.example:80" instead'],
  ['listener', '::1:8080', '"::1:8080" is an IPv6 address without brackets and port; write "[::1:8080]:8080" or "[::1]:8080" instead'],
  ['listener', '::1:80800', '"::1:80800" is an IPv6 address without brackets; write "[::1]:80800" instead'],
  ['listener', '[::g]:80', '"[::g]:80" has no IPv6 address between its brackets; write "[::1]:80" instead'],
  ['listener', 'unix:', '"unix:" has no path; write "unix:/run/name.sock" instead'],
  ['listener', `unix:/${'x'.repeat(107)}`, "the socket's path is longer than 107 bytes; write a shorter one instead"],
];

for (const [role, text, message] of refused) {
  test(`${role} address ${text.slice(0, 40)} is refused`, () => {
    assert.throws(() => parseAddress(text, { role }), { name: 'AddressError', message });
  });
}

test('whatever is read is written so that it reads the same, and nothing but AddressError is thrown', () => {
  const pieces = fc.constantFrom('127.0.0.1', '[', ']', '::1', ':', '80', '0', 'unix:', '/', 'a', '.', '*', '-', '99999', ' ', '%', 'é');
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom<AddressRole>('listener', 'server'), (text, role) => {
      let address: Address;
      try {
        address = parseAddress(text, { role });
      } catch (error) {
        assert.ok(error instanceof AddressError, String(error));
        return;
      }
      assert.deepEqual(parseAddress(formatAddress(address), { role }), address);
    }),
    { numRuns: 2000 },
  );
});

const given: [string, ListenAddress][] = [
  ['fd:3', { kind: 'fd', fd: 3 }],
  ['systemd:web', { kind: 'systemd', name: 'web' }],
  ['systemd:limpet-web.socket', { kind: 'systemd', name: 'limpet-web.socket' }],
  ['127.0.0.1:80', { kind: 'tcp', host: '127.0.0.1', port: 80 }],
];

for (const [text, address] of given) {
  test(`listener address ${text} is read and written back`, () => {
    assert.deepEqual(parseListenAddress(text), address);
    assert.equal(formatAddress(address), text);
  });
}

for (const [text, message] of [
  ['fd:', '"fd:" names no descriptor from 3; write "fd:3" instead'],
  ['fd:2', '"fd:2" names no descriptor from 3; write "fd:3" instead'],
  ['fd:three', '"fd:three" names no descriptor from 3; write "fd:3" instead'],
  ['systemd:', '"systemd:" has no name of a socket that systemd passes; write "systemd:web" instead'],
  ['systemd:a:b', '"systemd:a:b" has no name of a socket that systemd passes; write "systemd:web" instead'],
] as const) {
  test(`listener address ${text} is refused`, () => {
    assert.throws(() => parseListenAddress(text), { name: 'AddressError', message });
  });
}
