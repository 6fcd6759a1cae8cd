import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { rawSocketOf } from '../../src/tls/raw-socket.js';
import { certificateFor } from '../fixtures/certificates.js';
import { within } from '../fixtures/wait-for.js';

test('the socket beneath a TLS connection is the very one that was handed in', async (t) => {
  const certificate = await certificateFor('ec', 'raw.test');
  const secureServer = tls.createServer({ cert: certificate.cert, key: certificate.key });
  let handedIn: net.Socket | null = null;
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    handedIn = socket;
    secureServer.emit('connection', socket);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const secured = new Promise<tls.TLSSocket>((resolve) => secureServer.once('secureConnection', resolve));
  const client = tls.connect({ port: (server.address() as net.AddressInfo).port, host: '127.0.0.1', rejectUnauthorized: false });
  t.after(() => client.destroy());
  const secure = await within('the handshake', secured);
  t.after(() => secure.destroy());
  assert.notEqual(handedIn, null);
  assert.equal(rawSocketOf(secure), handedIn);
});
