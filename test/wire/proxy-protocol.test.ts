// The PROXY protocol, both versions, both ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c } from '../../src/wire/crc32c.js';
import { maxProxyHeaderBytes, type ProxyHeader, parseProxyHeader, writeProxyV1, writeProxyV2 } from '../../src/wire/proxy-protocol.js';

const signature = '0d0a0d0a000d0a515549540a';
const client = { ip: '192.0.2.7', port: 56324 };
const listener = { ip: '198.51.100.1', port: 443 };

function parse(input: string | Buffer) {
  const bytes = Buffer.from(input as string, 'latin1');
  return parseProxyHeader(bytes, 0, bytes.length);
}

function headerOf(input: string | Buffer): ProxyHeader {
  const result = parse(input);
  assert.equal(result.state, 'done', JSON.stringify(result));
  return result.state === 'done' ? result.header : assert.fail();
}

function v2(commandAndFamily: string, body: string): Buffer {
  const length = (body.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(signature + commandAndFamily + length + body, 'hex');
}

const tcp4 = 'c0000207c6336401dc0401bb';

function tlv(type: number, value: Buffer): string {
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value]).toString('hex');
}

test('a version 1 line gives both ends, and what follows is left', () => {
  const line = 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n';
  const result = parse(`${line}GET / HTTP/1.1\r\n`);
  assert.equal(result.state, 'done');
  if (result.state !== 'done') return;
  assert.equal(result.consumedBytes, line.length);
  assert.deepEqual(result.header.source, client);
  assert.deepEqual(result.header.destination, listener);
  assert.equal(result.header.version, 1);
});

test('version 1 over IPv6 gives canonical addresses', () => {
  assert.deepEqual(headerOf('PROXY TCP6 2001:DB8:0:0::1 ::1 1 2\r\n').source, { ip: '2001:db8::1', port: 1 });
  assert.deepEqual(headerOf('PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n').source, { ip: '192.0.2.7', port: 1 });
});

test('UNKNOWN keeps the addresses of the socket, whatever follows it', () => {
  assert.equal(headerOf('PROXY UNKNOWN\r\n').source, null);
  const longest = `PROXY UNKNOWN ${'f'.repeat(107 - 16)}\r\n`;
  assert.equal(longest.length, 107);
  assert.equal(headerOf(longest).source, null);
});

test('malformed version 1 lines are refused', () => {
  const lines = [
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\rX',
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 \r\n',
    'PROXY TCP4  192.0.2.7 198.51.100.1 56324 443\r\n',
    'PROXY TCP4 192.0.2.07 198.51.100.1 56324 443\r\n',
    'PROXY TCP4 ::1 ::1 56324 443\r\n',
    'PROXY TCP6 192.0.2.7 198.51.100.1 56324 443\r\n',
    'PROXY TCP6 fe80::1%lo ::1 56324 443\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 065 443\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 +1 443\r\n',
    'PROXY UDP4 192.0.2.7 198.51.100.1 56324 443\r\n',
    'PROXY UNKNOWNX\r\n',
    'proxy TCP4 192.0.2.7 198.51.100.1 56324 443\r\n',
    'GET / HTTP/1.1\r\n',
    `PROXY UNKNOWN ${'f'.repeat(107 - 15)}\r\n`,
    'P\r\n',
  ];
  for (const line of lines) assert.equal(parse(line).state, 'bad', JSON.stringify(line));
});

test('a line that is too long is refused before its end comes', () => {
  assert.equal(parse(`PROXY UNKNOWN ${'f'.repeat(91)}`).state, 'need-more');
  assert.equal(parse(`PROXY UNKNOWN ${'f'.repeat(92)}`).state, 'bad');
});

test('bytes that cannot become a header are refused at once', () => {
  for (const text of ['G', '\x16\x03\x01', 'PX', 'PROXZ', '\r\n\r\nX']) assert.equal(parse(text).state, 'bad', JSON.stringify(text));
  for (const text of ['', 'P', 'PROXY', '\r\n\r\n']) assert.equal(parse(text).state, 'need-more', JSON.stringify(text));
});

test('version 2 gives both ends over IPv4 and IPv6', () => {
  assert.deepEqual(headerOf(v2('2111', tcp4)).source, client);
  assert.deepEqual(headerOf(v2('2111', tcp4)).destination, listener);
  const ipv6 = '20010db8000000000000000000000001'.concat('00000000000000000000000000000001', '0001', '0002');
  assert.deepEqual(headerOf(v2('2121', ipv6)).source, { ip: '2001:db8::1', port: 1 });
  assert.deepEqual(headerOf(v2('2121', ipv6)).destination, { ip: '::1', port: 2 });
});

test('LOCAL, unspecified families, unix sockets and datagrams keep the addresses of the socket', () => {
  assert.equal(headerOf(v2('2000', '')).isLocal, true);
  assert.equal(headerOf(v2('2011', `${tcp4}ffffffff`)).source, null, 'the block of LOCAL is discarded, whatever it holds');
  assert.equal(headerOf(v2('2100', '')).source, null);
  assert.equal(headerOf(v2('2112', tcp4)).source, null);
  assert.equal(headerOf(v2('2131', '00'.repeat(216))).source, null);
});

test('malformed version 2 headers are refused', () => {
  const headers = [
    v2('1111', tcp4),
    v2('2211', tcp4),
    v2('2141', tcp4),
    v2('2113', tcp4),
    v2('2111', tcp4.slice(0, -2)),
    v2('2121', tcp4),
    v2('2111', `${tcp4}02`),
    v2('2111', `${tcp4}0200`),
    v2('2111', `${tcp4}02000161ff`),
    v2('2111', `${tcp4}02000261`),
    v2('2111', tcp4 + tlv(0x20, Buffer.from('01'.repeat(4), 'hex'))),
    v2('2111', tcp4 + tlv(0x20, Buffer.from('0100000000210009', 'hex'))),
    Buffer.from(`${signature}21111001`, 'hex'),
  ];
  for (const header of headers) assert.equal(parse(header).state, 'bad', header.toString('hex'));
});

test('TLVs tell authority, ALPN, unique id and the TLS of the sender', () => {
  const ssl = Buffer.concat([
    Buffer.from('0300000000', 'hex'),
    Buffer.from(
      tlv(0x21, Buffer.from('TLSv1.3')) + tlv(0x23, Buffer.from('TLS_AES_128_GCM_SHA256')) + tlv(0x22, Buffer.from('joe')),
      'hex',
    ),
  ]);
  const header = headerOf(
    v2(
      '2111',
      tcp4 +
        tlv(0x02, Buffer.from('app.example')) +
        tlv(0x01, Buffer.from('http/1.1')) +
        tlv(0x05, Buffer.from('0102ff', 'hex')) +
        tlv(0x04, Buffer.alloc(7)) +
        tlv(0xea, Buffer.from('vpce-1')) +
        tlv(0x20, ssl),
    ),
  );
  assert.equal(header.authority, 'app.example');
  assert.equal(header.alpn, 'http/1.1');
  assert.equal(header.uniqueId, '0102ff');
  assert.deepEqual(header.tls, { isTls: true, isVerified: true, version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', commonName: 'joe' });
});

test('a client without a certificate is not verified, and one that failed is neither', () => {
  assert.equal(headerOf(v2('2111', tcp4 + tlv(0x20, Buffer.from('0100000000', 'hex')))).tls?.isVerified, false);
  assert.equal(headerOf(v2('2111', tcp4 + tlv(0x20, Buffer.from('0300000001', 'hex')))).tls?.isVerified, false);
});

test('text of TLVs that could harm a log is not taken', () => {
  assert.equal(headerOf(v2('2111', tcp4 + tlv(0x02, Buffer.from('a\r\nb')))).authority, '');
  assert.equal(headerOf(v2('2111', tcp4 + tlv(0x02, Buffer.alloc(256, 0x61)))).authority, '');
});

test('a checksum is verified', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  const header = v2('2111', tcp4 + tlv(0x03, Buffer.alloc(4)));
  header.writeUInt32BE(crc32c(header), header.length - 4);
  assert.deepEqual(headerOf(header).source, client);
  header[20] ^= 1;
  assert.equal(parse(header).state, 'bad');
});

test('the longest header that is taken fits the stated bound', () => {
  const padding = maxProxyHeaderBytes - 16 - 12 - 3;
  const header = v2('2111', tcp4 + tlv(0x04, Buffer.alloc(padding)));
  assert.equal(header.length, maxProxyHeaderBytes);
  assert.deepEqual(headerOf(header).source, client);
});

test('written headers are these', () => {
  assert.equal(writeProxyV1(client, listener), 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n');
  assert.equal(writeProxyV1({ ip: '', port: 0 }, listener), 'PROXY UNKNOWN\r\n');
  assert.equal(writeProxyV1({ ip: '2001:db8::1', port: 1 }, listener), 'PROXY TCP6 2001:db8::1 ::ffff:198.51.100.1 1 443\r\n');
  assert.equal(writeProxyV2(client, listener).toString('hex'), v2('2111', tcp4).toString('hex'));
  assert.equal(writeProxyV2({ ip: '', port: 0 }, listener).toString('hex'), v2('2000', '').toString('hex'));
});

const ip = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes('%')),
);
const port = fc.integer({ min: 0, max: 65535 });
const endpoint = fc.record({ ip, port });

test('what is written is read back, in both versions', () => {
  fc.assert(
    fc.property(endpoint, endpoint, (source, destination) => {
      const fromV1 = headerOf(writeProxyV1(source, destination));
      const fromV2 = headerOf(writeProxyV2(source, destination));
      assert.deepEqual(fromV1.source, fromV2.source);
      assert.deepEqual(fromV1.destination, fromV2.destination);
      assert.equal(fromV2.source?.port, source.port);
      if (!source.ip.includes(':')) assert.equal(fromV2.source?.ip, source.ip);
      assert.ok(writeProxyV1(source, destination).length <= 107);
    }),
  );
});

test('any split of the bytes reads the same, at any place of the buffer', () => {
  const tlvs = tlv(0x02, Buffer.from('app.example')) + tlv(0x20, Buffer.from('0100000000', 'hex'));
  const header = fc.oneof(
    fc.tuple(endpoint, endpoint).map(([source, destination]) => Buffer.from(writeProxyV1(source, destination), 'latin1')),
    fc.tuple(endpoint, endpoint).map(([source, destination]) => writeProxyV2(source, destination)),
    fc.constant(v2('2111', tcp4 + tlvs)),
  );
  fc.assert(
    fc.property(header, fc.nat(20), (bytes, offset) => {
      const placed = Buffer.concat([Buffer.alloc(offset, 0x50), bytes, Buffer.from('after')]);
      const whole = parseProxyHeader(placed, offset, placed.length);
      assert.deepEqual(whole, parseProxyHeader(bytes, 0, bytes.length));
      assert.equal(whole.state, 'done');
      for (let end = offset; end < offset + bytes.length; end++) {
        assert.equal(parseProxyHeader(placed, offset, end).state, 'need-more', `after ${end - offset} bytes`);
      }
      assert.deepEqual(parseProxyHeader(placed, offset, offset + bytes.length), whole);
    }),
  );
});

test('mutated headers are read or refused, never thrown over, and a longer input never changes the outcome', () => {
  const valid = [
    Buffer.from(writeProxyV1(client, listener), 'latin1'),
    v2('2111', tcp4 + tlv(0x20, Buffer.from('0100000000210001', 'hex')) + tlv(0x02, Buffer.from('x'))),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...valid),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }),
      fc.uint8Array({ maxLength: 40 }),
      (base, edits, rest) => {
        const bytes = Buffer.concat([base, rest]);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        let outcome = parseProxyHeader(bytes, 0, 0);
        for (let end = 1; end <= bytes.length; end++) {
          const next = parseProxyHeader(bytes, 0, end);
          if (outcome.state !== 'need-more') assert.equal(next.state, outcome.state);
          if (outcome.state === 'done') assert.deepEqual(next, outcome);
          outcome = next;
        }
      },
    ),
    { numRuns: 500 },
  );
});
