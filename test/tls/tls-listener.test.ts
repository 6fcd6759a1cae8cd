// TLS on accepted connections: which certificate, which version, resumption, and how handshakes fail.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { after, test } from 'node:test';
import tls from 'node:tls';
import type { Certificate } from '../../src/tls/certificate.js';
import { HelloDispatch } from '../../src/tls/hello-dispatch.js';
import { ServerNames } from '../../src/tls/server-names.js';
import { createTlsListener, type TlsListener, type TlsListenerOptions } from '../../src/tls/tls-listener.js';
import { certificateFor } from '../fixtures/certificates.js';
import { waitFor, within } from '../fixtures/wait-for.js';

interface Bench {
  port: number;
  secured: tls.TLSSocket[];
  faults: NodeJS.ErrnoException[];
  accepted: net.Socket[];
}

const servers: net.Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

function optionsFor(certificates: Certificate[], overrides: Partial<TlsListenerOptions> = {}): TlsListenerOptions {
  return {
    certificates,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: '',
    curves: '',
    prefersServerCiphers: true,
    sessionTimeoutMs: 300_000,
    hasTickets: true,
    ticketKeys: randomBytes(48),
    sessionId: 'secure',
    handshakeTimeoutMs: 10_000,
    alpnProtocols: ['http/1.1'],
    ...overrides,
  };
}

/** A TCP server that hands its connections to the listener, which greets each client. */
async function start(
  make: (onSecure: (socket: tls.TLSSocket) => void, onFault: (socket: net.Socket, error: NodeJS.ErrnoException) => void) => TlsListener,
): Promise<Bench> {
  const bench: Bench = { port: 0, secured: [], faults: [], accepted: [] };
  const listener = make(
    (socket) => {
      bench.secured.push(socket);
      socket.on('error', () => {});
      socket.end('hello');
    },
    (socket, error) => {
      assert.equal(socket.destroyed, true);
      bench.faults.push(error);
    },
  );
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    bench.accepted.push(socket);
    listener.accept(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bench.port = (server.address() as net.AddressInfo).port;
  return bench;
}

function startListener(certificates: Certificate[], overrides: Partial<TlsListenerOptions> = {}): Promise<Bench> {
  return start((onSecure, onFault) => createTlsListener(optionsFor(certificates, overrides), onSecure, onFault));
}

interface Outcome {
  name: string;
  protocol: string | null;
  cipher: string;
  alpn: string | false | null;
  isResumed: boolean;
  session: Buffer | undefined;
  text: string;
}

/** Connects, reads until the end, and tells what was negotiated. Rejects when the handshake fails. */
function connect(port: number, options: tls.ConnectionOptions = {}): Promise<Outcome> {
  return within(
    'the TLS connection',
    new Promise((resolve, reject) => {
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
      const outcome: Outcome = { name: '', protocol: '', cipher: '', alpn: null, isResumed: false, session: undefined, text: '' };
      socket.on('secureConnect', () => {
        outcome.name = String(socket.getPeerX509Certificate()?.subject).replace('CN=', '');
        outcome.protocol = socket.getProtocol();
        outcome.cipher = socket.getCipher().standardName;
        outcome.alpn = socket.alpnProtocol;
        outcome.isResumed = socket.isSessionReused();
      });
      socket.on('session', (session) => (outcome.session = session));
      socket.on('data', (bytes) => (outcome.text += bytes));
      socket.on('error', reject);
      socket.on('end', () => resolve(outcome));
    }),
  );
}

const versions = ['TLSv1.2', 'TLSv1.3'] as const;

function only(version: tls.SecureVersion): tls.ConnectionOptions {
  return { minVersion: version, maxVersion: version };
}

for (const version of versions) {
  test(`${version}: the certificate follows the server name, of whatever key types they are`, async () => {
    const a = await certificateFor('ec', 'a.example', '*.a.example');
    const b = await certificateFor('ec', 'b.example');
    const rsa = await certificateFor('rsa', 'rsa.example', 'a.example');
    const cases: [Certificate[], [string | undefined, string][]][] = [
      [
        [a, b],
        [
          ['a.example', 'a.example'],
          ['x.a.example', 'a.example'],
          ['B.example', 'b.example'],
          ['other.example', 'a.example'],
          [undefined, 'a.example'],
        ],
      ],
      [
        [a, rsa, b],
        [
          ['rsa.example', 'rsa.example'],
          ['a.example', 'a.example'],
          ['b.example', 'b.example'],
          ['other.example', 'a.example'],
          [undefined, 'a.example'],
        ],
      ],
      [
        [rsa, a, b],
        [
          ['a.example', 'rsa.example'],
          ['x.a.example', 'a.example'],
          ['b.example', 'b.example'],
          ['other.example', 'rsa.example'],
          [undefined, 'rsa.example'],
        ],
      ],
    ];
    for (const [certificates, expectations] of cases) {
      const bench = await startListener(certificates);
      for (const [servername, expected] of expectations) {
        const outcome = await connect(bench.port, { ...only(version), ...(servername === undefined ? {} : { servername }) });
        assert.equal(outcome.name, expected, `${certificates.map((c) => c.names[0]).join()} asked for ${servername}`);
        assert.equal(outcome.protocol, version);
        assert.equal(outcome.text, 'hello');
      }
      assert.deepEqual(bench.faults, []);
    }
  });

  test(`${version}: a session is resumed, by another listener with the same keys too, and not by one with another id`, async () => {
    const certificate = await certificateFor('ec', 'a.example');
    const ticketKeys = randomBytes(48);
    const first = await startListener([certificate], { ticketKeys });
    const { session, isResumed } = await connect(first.port, { ...only(version), servername: 'a.example' });
    assert.ok(session !== undefined);
    assert.equal(isResumed, false);
    const again = { ...only(version), servername: 'a.example', session };
    assert.equal((await connect(first.port, again)).isResumed, true);
    const twin = await startListener([certificate], { ticketKeys });
    assert.equal((await connect(twin.port, again)).isResumed, true);
    const stranger = await startListener([certificate], { ticketKeys: randomBytes(48) });
    assert.equal((await connect(stranger.port, again)).isResumed, false);
    const otherId = await startListener([certificate], { ticketKeys, sessionId: 'other' });
    assert.equal((await connect(otherId.port, again)).isResumed, false);
  });

  test(`${version}: without tickets nothing is resumed`, async () => {
    const bench = await startListener([await certificateFor('ec', 'a.example')], { hasTickets: false });
    const { session } = await connect(bench.port, only(version));
    if (session !== undefined) assert.equal((await connect(bench.port, { ...only(version), session })).isResumed, false);
  });
}

test('a resumed connection by name gets its answer from the context of that name', async () => {
  const bench = await startListener([await certificateFor('ec', 'a.example'), await certificateFor('ec', 'b.example')]);
  for (const version of versions) {
    const { session } = await connect(bench.port, { ...only(version), servername: 'b.example' });
    const outcome = await connect(bench.port, { ...only(version), servername: 'b.example', ...(session === undefined ? {} : { session }) });
    assert.equal(outcome.isResumed, true, version);
    assert.equal(outcome.text, 'hello');
  }
});

test('versions outside the limits are refused, and told', async () => {
  const certificate = await certificateFor('ec', 'a.example');
  const modern = await startListener([certificate], { minVersion: 'TLSv1.3' });
  await assert.rejects(connect(modern.port, only('TLSv1.2')));
  await waitFor('the fault', () => modern.faults.length === 1);
  assert.equal(modern.faults[0].code, 'ERR_SSL_UNSUPPORTED_PROTOCOL');
  const old = await startListener([certificate], { maxVersion: 'TLSv1.2' });
  assert.equal((await connect(old.port)).protocol, 'TLSv1.2');
});

test('suites with AES-128 and SHA-256 come first, also beside a list of TLS 1.2 suites', async () => {
  const certificate = await certificateFor('ec', 'a.example');
  for (const ciphers of ['', 'ECDHE-ECDSA-AES256-GCM-SHA384']) {
    const bench = await startListener([certificate], { ciphers });
    assert.equal((await connect(bench.port, only('TLSv1.3'))).cipher, 'TLS_AES_128_GCM_SHA256');
    const expected = ciphers === '' ? 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' : 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';
    assert.equal((await connect(bench.port, only('TLSv1.2'))).cipher, expected);
  }
});

test('a client that wants ChaCha20 first gets it', async () => {
  const bench = await startListener([await certificateFor('ec', 'a.example')]);
  const ciphers = 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
  assert.equal((await connect(bench.port, { ciphers, ...only('TLSv1.3') })).cipher, 'TLS_CHACHA20_POLY1305_SHA256');
});

test('a list of TLS 1.3 suites alone is taken as it is', async () => {
  const bench = await startListener([await certificateFor('ec', 'a.example')], { ciphers: 'TLS_AES_256_GCM_SHA384' });
  assert.equal((await connect(bench.port)).cipher, 'TLS_AES_256_GCM_SHA384');
});

test('curves are those asked for', async () => {
  const bench = await startListener([await certificateFor('ec', 'a.example')], { curves: 'P-384' });
  await connect(bench.port, { ecdhCurve: 'P-384' });
  await assert.rejects(connect(bench.port, { ecdhCurve: 'P-521' }));
});

test('options that OpenSSL does not take throw', async () => {
  const certificate = await certificateFor('ec', 'a.example');
  const make = (overrides: Partial<TlsListenerOptions>) =>
    createTlsListener(
      optionsFor([certificate], overrides),
      () => {},
      () => {},
    );
  assert.throws(() => make({ curves: 'P-1' }));
  assert.throws(() => make({ ciphers: 'NO-SUCH-SUITE', maxVersion: 'TLSv1.2' }));
  assert.throws(() => make({ certificates: [] }), /at least one certificate/);
});

test('ALPN answers http/1.1, refuses clients that want only other things, and is silent when off', async () => {
  const certificate = await certificateFor('ec', 'a.example');
  const web = await startListener([certificate]);
  assert.equal((await connect(web.port, { ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  assert.equal((await connect(web.port)).alpn, false);
  await assert.rejects(connect(web.port, { ALPNProtocols: ['h2'] }));
  const raw = await startListener([certificate], { alpnProtocols: null });
  assert.equal((await connect(raw.port, { ALPNProtocols: ['postgresql'] })).alpn, false);
});

/** However it ends. */
async function ended(client: net.Socket): Promise<void> {
  client.on('error', () => {}).resume();
  await within('the end', new Promise((resolve) => client.on('close', resolve)));
}

async function mixed(): Promise<Certificate[]> {
  return [await certificateFor('ec', 'a.example'), await certificateFor('rsa', 'rsa.example')];
}

for (const kind of ['one key type', 'two key types'] as const) {
  const certificates = async () => (kind === 'one key type' ? [await certificateFor('ec', 'a.example')] : mixed());

  test(`${kind}: a handshake that does not begin or stops half-way is ended`, async () => {
    const bench = await startListener(await certificates(), { handshakeTimeoutMs: 50 });
    for (const text of ['', '\x16\x03\x01']) {
      const client = net.connect(bench.port, '127.0.0.1', () => client.write(text || '\x16'));
      await ended(client);
    }
    assert.deepEqual(
      bench.faults.map((fault) => fault.code),
      ['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT'],
    );
    await waitFor('the sockets to be closed', () => bench.accepted.every((socket) => socket.destroyed));
  });

  test(`${kind}: plain HTTP is told as such`, async () => {
    const bench = await startListener(await certificates());
    const client = net.connect(bench.port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'));
    await ended(client);
    assert.equal(bench.faults.length, 1);
    assert.equal(bench.faults[0].code, 'ERR_SSL_HTTP_REQUEST');
  });

  test(`${kind}: clients that leave in the handshake are faults, once each, and leave nothing`, async () => {
    const bench = await startListener(await certificates());
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const before = bench.faults.length;
      const client = net.connect(bench.port, '127.0.0.1', () => client.write('\x16\x03\x01\x02\x00', () => client[leave]()));
      client.on('error', () => {});
      await waitFor('the fault', () => bench.faults.length > before);
    }
    await waitFor('the sockets to be closed', () => bench.accepted.every((socket) => socket.destroyed));
    assert.equal(bench.faults.length, 2);
    assert.deepEqual(bench.secured, []);
  });
}

test('bytes that were read and put back count, however the hello was cut', async () => {
  const [ec, rsa] = await mixed();
  for (const chunkBytes of [1, 100, 100_000]) {
    const listener = createTlsListener(
      optionsFor([ec, rsa]),
      (socket) => socket.end('hello'),
      (_socket, error) => assert.fail(error),
    );
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      socket.once('readable', () => {
        socket.unshift(socket.read());
        listener.accept(socket);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const relay = await startCuttingRelay((server.address() as net.AddressInfo).port, chunkBytes);
    for (const version of versions) {
      const outcome = await connect(relay, { servername: 'rsa.example', ...only(version) });
      assert.deepEqual([outcome.name, outcome.text], ['rsa.example', 'hello'], `${version} cut to ${chunkBytes}`);
    }
  }
});

/** Passes on the client's first bytes in small writes, each in a packet of its own, and then everything. */
async function startCuttingRelay(port: number, chunkBytes: number): Promise<number> {
  const relay = net.createServer((client) => {
    const upstream = net.connect({ port, host: '127.0.0.1', noDelay: true });
    client.once('data', async (bytes) => {
      client.pause();
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        upstream.write(bytes.subarray(at, at + chunkBytes));
        await new Promise((resolve) => setImmediate(resolve));
      }
      client.pipe(upstream);
    });
    upstream.pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => {});
  });
  servers.push(relay);
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return (relay.address() as net.AddressInfo).port;
}

test('the dispatch by ClientHello hands each connection to the server of its name', async () => {
  const [ec, rsa] = await mixed();
  const bench = await start((onSecure, onFault) => {
    const names = new ServerNames<tls.Server>();
    for (const { cert, key, names: own } of [ec, rsa]) names.add(own, tls.createServer({ cert, key }, onSecure));
    return new HelloDispatch(names, names.find('a.example') as tls.Server, 1000, onFault);
  });
  for (const [servername, expected] of [
    ['rsa.example', 'rsa.example'],
    ['a.example', 'a.example'],
    ['other.example', 'a.example'],
  ]) {
    const outcome = await connect(bench.port, { servername });
    assert.deepEqual([outcome.name, outcome.text], [expected, 'hello']);
  }
  const silent = net.connect(bench.port, '127.0.0.1');
  silent.on('error', () => {}).resume();
  await within('the end', new Promise((resolve) => silent.on('close', resolve)));
  assert.deepEqual(
    bench.faults.map((fault) => fault.code),
    ['ERR_TLS_HANDSHAKE_TIMEOUT'],
  );
});
