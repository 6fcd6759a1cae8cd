// Turns accepted connections into TLS ones: contexts by server name, versions, suites, resumption, the handshake's deadline. It never
// listens: whoever accepts has already seen that the first byte begins a TLS record, and hands the socket in.
import { constants, createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { Certificate } from './certificate.js';
import { HelloDispatch } from './hello-dispatch.js';
import { ServerNames } from './server-names.js';

export interface TlsListenerOptions {
  /** At least one. The first serves clients that name no server or an unknown one; of two for the same name the first is used. */
  readonly certificates: readonly Certificate[];
  readonly minVersion: tls.SecureVersion;
  readonly maxVersion: tls.SecureVersion;
  /** OpenSSL's list; '' for {@link defaultCiphers}. A list that names no TLS 1.3 suite leaves all of those on, in our order. */
  readonly ciphers: string;
  /** OpenSSL's list of groups; '' for its default. */
  readonly curves: string;
  readonly prefersServerCiphers: boolean;
  readonly sessionTimeoutMs: number;
  /** Whether sessions may be resumed with tickets. */
  readonly hasTickets: boolean;
  /** 48 random bytes, the same in all workers and for all listeners that may resume each other's sessions. */
  readonly ticketKeys: Buffer;
  /** Sessions are resumed only among listeners of the same id; such as the listener's name. */
  readonly sessionId: string;
  readonly handshakeTimeoutMs: number;
  /** What is offered by ALPN, or null to answer it not at all (a TCP listener). */
  readonly alpnProtocols: readonly string[] | null;
}

export interface TlsListener {
  /**
   * Starts the handshake on a connection. What has been read from it must have been unshifted; its data must not be flowing. From now
   * on the socket belongs to the TLS socket that comes out.
   */
  accept(socket: Socket): void;
}

/** TLS 1.3 with SHA-256 first: current processors have instructions for it and none for SHA-384, which makes a handshake 12 % dearer. */
const tls13Suites = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';
const tls12Suites = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Forward secrecy and authenticated encryption only. */
export const defaultCiphers = `${tls13Suites}:${tls12Suites}`;

/**
 * `onSecure` gets each connection whose handshake is done, with no reader attached yet. `onFault` gets each that failed: it is
 * destroyed already; `error.code` is ERR_TLS_HANDSHAKE_TIMEOUT, ERR_SSL_HTTP_REQUEST, ECONNRESET, or what OpenSSL says. Either is called
 * at most once per connection. Throws an Error when OpenSSL does not take the options.
 */
export function createTlsListener(
  options: TlsListenerOptions,
  onSecure: (socket: tls.TLSSocket) => void,
  onFault: (socket: Socket, error: NodeJS.ErrnoException) => void,
): TlsListener {
  const servers = new Map<string, tls.Server>();
  for (const { keyType } of options.certificates) {
    const group = choosesAmongKeyTypes ? 'all' : keyType;
    if (servers.has(group)) continue;
    const certificates = choosesAmongKeyTypes ? options.certificates : options.certificates.filter((other) => other.keyType === keyType);
    servers.set(group, createServer(options, certificates, onSecure, onFault));
  }
  const [defaultServer] = servers.values();
  if (defaultServer === undefined) throw new Error('a TLS listener needs at least one certificate');
  if (servers.size === 1) return { accept: (socket) => void defaultServer.emit('connection', socket) };
  const serverNames = new ServerNames<tls.Server>();
  for (const { names, keyType } of options.certificates) serverNames.add(names, servers.get(keyType) as tls.Server);
  return new HelloDispatch(serverNames, defaultServer, options.handshakeTimeoutMs, onFault);
}

/**
 * Before Node 24, a context chosen by name only adds its certificate to the default's, and where their keys are of different types the
 * client may be served the default's. There, each type has a server of its own, chosen by the name before TLS begins.
 */
const choosesAmongKeyTypes = Number.parseInt(process.versions.node, 10) >= 24;

function createServer(
  options: TlsListenerOptions,
  certificates: readonly Certificate[],
  onSecure: (socket: tls.TLSSocket) => void,
  onFault: (socket: Socket, error: NodeJS.ErrnoException) => void,
): tls.Server {
  const [first] = certificates;
  const contexts = new ServerNames<tls.SecureContext>();
  for (const { names, cert, key } of certificates) contexts.add(names, tls.createSecureContext({ ...contextOptions(options), cert, key }));
  const server = tls.createServer({
    ...contextOptions(options),
    cert: first.cert,
    key: first.key,
    // A name that nobody has gets the default certificate, so that the client's own error message can name the mismatch.
    SNICallback: (serverName, done) => done(null, contexts.find(serverName) ?? undefined),
    handshakeTimeout: options.handshakeTimeoutMs,
    ...(options.alpnProtocols === null ? {} : { ALPNProtocols: [...options.alpnProtocols] }),
  });
  server.on('secureConnection', onSecure);
  server.on('tlsClientError', (error, socket) => {
    // Node leaves the socket of a handshake that ran out of time open.
    socket.destroy();
    onFault(socket, error);
  });
  return server;
}

function contextOptions(options: TlsListenerOptions): tls.SecureContextOptions {
  let secureOptions = 0;
  if (!options.hasTickets) secureOptions |= constants.SSL_OP_NO_TICKET;
  // A client that puts ChaCha20 first has no AES instructions: its wish is then followed.
  if (options.prefersServerCiphers) secureOptions |= constants.SSL_OP_CIPHER_SERVER_PREFERENCE | constants.SSL_OP_PRIORITIZE_CHACHA;
  return {
    minVersion: options.minVersion,
    maxVersion: options.maxVersion,
    ciphers: cipherList(options.ciphers),
    ...(options.curves === '' ? {} : { ecdhCurve: options.curves }),
    honorCipherOrder: options.prefersServerCiphers,
    secureOptions,
    sessionTimeout: Math.max(1, Math.round(options.sessionTimeoutMs / 1000)),
    // Both always: without them, each server would make keys and an id of its own, and no session would survive it.
    ticketKeys: options.ticketKeys,
    sessionIdContext: shortId(options.sessionId),
  };
}

function cipherList(ciphers: string): string {
  if (ciphers === '') return defaultCiphers;
  return ciphers.includes('TLS_') ? ciphers : `${tls13Suites}:${ciphers}`;
}

/** OpenSSL takes at most 32 bytes. */
function shortId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
