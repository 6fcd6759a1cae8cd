// TLS termination with clients of all kinds: certificates by name, versions, ciphers, resumption, WebSockets, PROXY
// protocol before the handshake, and clients that do not speak TLS or stop in the middle of it.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { certificateFiles, certificateFor } from '../fixtures/certificates.js';
import { type ChildServer, startChildServer } from '../fixtures/child-server.js';
import { CookieBrowser } from '../fixtures/cookie-browser.js';
import { proxyHeaderV2 } from '../fixtures/proxy-header.js';
import { RawClient } from '../fixtures/raw-client.js';
import { SockjsHttpSession } from '../fixtures/sockjs-session.js';
import { within } from '../fixtures/wait-for.js';
import { type LimpetProcess, startLimpet } from './limpet-process.js';

const names = ['one.example', 'two.example'] as const;

suite('TLS', { timeout: 120_000 }, () => {
  const certificates = new Map<string, string>();
  let folder: string;
  let servers: ChildServer[];
  let limpet: LimpetProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tls-'));
    const listed = [];
    for (const name of names) {
      const certificate = await certificateFor('ec', name);
      certificates.set(name, certificate.cert);
      listed.push(await certificateFiles(folder, certificate, name));
    }
    servers = await Promise.all(['a', 'b'].map((name) => startChildServer('sockjs-server', name)));
    const routes = [{ upstream: 'app' }];
    limpet = await startLimpet({
      listeners: {
        secure: { address: '127.0.0.1:0', tls: { certificates: listed, handshakeTimeout: '1s' }, routes },
        old: {
          address: '127.0.0.1:0',
          tls: { certificates: listed, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
          routes,
        },
        behind: { address: '127.0.0.1:0', tls: { certificates: listed }, proxyProtocol: { from: ['127.0.0.1/32'] }, routes },
      },
      upstreams: { app: { servers: servers.map(({ name, address }) => ({ name, address })), sticky: { policy: 'cookie', name: 'route' } } },
    });
  });

  after(async () => {
    try {
      await Promise.all(servers.map((server) => server.kill()));
      await limpet.waitForBaselineSockets();
      await limpet.stop();
    } finally {
      await limpet.kill();
      await rm(folder, { recursive: true, force: true });
    }
  });

  async function handshake(listener: string, options: ConnectionOptions): Promise<TLSSocket> {
    const socket = connect({ port: limpet.port(listener), host: '127.0.0.1', rejectUnauthorized: false, ...options });
    await within('the handshake', once(socket, 'secureConnect'));
    return socket;
  }

  async function getOver(socket: TLSSocket): Promise<number> {
    const client = RawClient.over(socket);
    client.send('GET / HTTP/1.1\r\nHost: one.example\r\nConnection: close\r\n\r\n');
    return (await client.readResponse()).status;
  }

  for (const name of names) {
    test(`a client that asks for ${name} gets its certificate and can check it`, async () => {
      const socket = await handshake('secure', { servername: name, ca: certificates.get(name) as string, rejectUnauthorized: true });
      assert.equal(socket.authorized, true);
      assert.ok(new X509Certificate(socket.getPeerCertificate().raw).checkHost(name));
      assert.equal(await getOver(socket), 200);
      socket.destroy();
    });
  }

  test('a client that names no host, or an unknown one, gets the first certificate', async () => {
    for (const options of [{}, { servername: 'unknown.example' }]) {
      const socket = await handshake('secure', options);
      assert.ok(new X509Certificate(socket.getPeerCertificate().raw).checkHost(names[0]));
      socket.destroy();
    }
  });

  test('TLS 1.3 is spoken by default, 1.2 to those who know no more, 1.1 not at all', async () => {
    const newest = await handshake('secure', {});
    assert.equal(newest.getProtocol(), 'TLSv1.3');
    newest.destroy();
    const older = await handshake('secure', { maxVersion: 'TLSv1.2' });
    assert.equal(older.getProtocol(), 'TLSv1.2');
    older.destroy();
    await assert.rejects(handshake('secure', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
  });

  test('a listener keeps to its own versions and ciphers', async () => {
    const socket = await handshake('old', {});
    assert.equal(socket.getProtocol(), 'TLSv1.2');
    assert.equal(socket.getCipher().name, 'ECDHE-ECDSA-AES256-GCM-SHA384');
    socket.destroy();
    await assert.rejects(handshake('old', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }));
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`a session is resumed over ${maxVersion}`, async () => {
      let session: Buffer | undefined;
      const first = await handshake('secure', { maxVersion, servername: names[0] });
      first.on('session', (ticket: Buffer) => {
        session = ticket;
      });
      session ??= first.getSession();
      assert.equal(await getOver(first), 200);
      first.destroy();
      const second = await handshake('secure', { maxVersion, servername: names[0], session: session as Buffer });
      assert.equal(second.isSessionReused(), true);
      assert.equal(await getOver(second), 200);
      second.destroy();
    });
  }

  test('the server hears that the client came over https', async () => {
    const browser = new CookieBrowser();
    const answer = await browser.ask(`${limpet.url('secure', 'https')}/page`);
    assert.equal(answer.status, 200);
    assert.match(browser.cookies.received[0] ?? '', /^route=[^;]+;.*\bSecure\b/);
    browser.close();
  });

  test('SockJS long-polling and WebSockets work over TLS', async () => {
    const browser = new CookieBrowser();
    const session = new SockjsHttpSession(browser, `${limpet.url('secure', 'https')}/sockjs`, 'xhr');
    await session.open();
    for (let number = 0; number < 5; number += 1) {
      await session.send(`message ${number}`);
      assert.match(await session.receive(), new RegExp(`^[ab]:message ${number}$`));
    }
    session.close();
    browser.close();
    const socket = new WebSocket(`${limpet.url('secure', 'https').replace('https', 'wss')}/sockjs/websocket`, {
      rejectUnauthorized: false,
    });
    await within('the WebSocket to open', once(socket, 'open'));
    const long = 'x'.repeat(1_000_000);
    socket.send(long);
    const [data] = (await within('the echo', once(socket, 'message'))) as [Buffer];
    assert.equal(data.length, long.length + 2);
    socket.terminate();
  });

  test('PROXY protocol comes before the handshake', async () => {
    const plain = await RawClient.connect(limpet.port('behind'));
    plain.send(proxyHeaderV2('192.0.2.7', 5555, 443));
    plain.socket.removeAllListeners('data');
    const socket = await handshake('behind', { socket: plain.socket });
    assert.equal(await getOver(socket), 200);
    socket.destroy();
  });

  test('plain HTTP to a TLS listener is told so with a 400', async () => {
    const client = await RawClient.connect(limpet.port('secure'));
    client.send('GET / HTTP/1.1\r\nHost: one.example\r\n\r\n');
    assert.equal((await client.readResponse()).status, 400);
    client.destroy();
  });

  test('a client that stops in the middle of the handshake is let go of', async () => {
    const silent = await RawClient.connect(limpet.port('secure'));
    const half = await RawClient.connect(limpet.port('secure'));
    half.send(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    await Promise.all([silent.untilEnd(), half.untilEnd()]);
    silent.destroy();
    half.destroy();
  });
});
