// Bound sockets: accepts on them, counts and refuses connections, reads what stands before the protocol, and hands each one
// to the mode's handler. It knows neither HTTP nor tunnels.
import net from 'node:net';
import type { TLSSocket } from 'node:tls';
import { beginTurn } from '../core/clock.js';
import { type Fault, faults } from '../core/errors.js';
import { plainIp } from '../core/ip-address.js';
import { type ByteReader, ByteSocket } from '../net/byte-socket.js';
import { type DescriptorBudget, MAX_REFUSING } from '../net/descriptor-budget.js';
import { type ListeningHandle, listenOnHandle } from '../net/listening-handle.js';
import { type Networks, noNetworks } from '../net/networks.js';
import { ClientEnd } from '../proxy/client-end.js';
import { ConnectionFacts } from '../proxy/connection-facts.js';
import type { Admission } from '../route/admission.js';
import type { ClientInfo, ListenerInfo, TlsInfo } from '../route/exchange-view.js';
import type { Quota } from '../store/store.js';
import { rawSocketOf } from '../tls/raw-socket.js';
import type { TlsListener } from '../tls/tls-listener.js';
import type { Server } from '../upstream/server.js';
import type { ProxyHeader } from '../wire/proxy-protocol.js';
import { type PlaceUser, PlaceWaiter } from './place-waiter.js';
import { Preface, type PrefaceUser } from './preface.js';

const BACKLOG = 4096;

const REFUSAL_MS = 1_000;

/** A client's connection as its listener sees it, whatever its mode. */
export interface ServedConnection extends ByteReader {
  bytes: ByteSocket;
  /** It may be closed without anybody missing it. */
  readonly isIdle: boolean;
  readonly idleSinceMs: number;
  start(): void;
  closeIfIdle(): void;
  /** The server that has its exchange or tunnel; null: none has. */
  readonly server: Server | null;
  /** Ends it at once, whatever is under way. */
  cut(fault: Fault): void;
}

/** The mode: makes what serves a connection. `onGone` is to be called when it is over. */
export type Serve = (end: ClientEnd, onGone: (connection: ServedConnection) => void) => ServedConnection;

export interface ListenerOptions {
  readonly name: string;
  /** 0: no limit. */
  readonly maxConnections: number;
  /** null: none is expected. */
  readonly proxyProtocol: { readonly from: Networks; readonly timeoutMs: number } | null;
  readonly trustedProxies: Networks;
  /** null: everybody is taken. */
  readonly admission: Admission | null;
  /** null: plain. Made with this listener's {@link Listener.onSecure} and {@link Listener.onTlsFault}. */
  readonly tls: TlsListener | null;
  readonly handshakeTimeoutMs: number;
  /** What a connection that is too many is told, as latin1 text; '' where nothing can be said. */
  readonly refusal: string;
  readonly serve: Serve;
  readonly onFault: (peerIp: string, fault: Fault, detail: string) => void;
}

export class Listener implements PrefaceUser, PlaceUser {
  /** What connections that are accepted now are served with. Set by {@link change}. */
  options!: ListenerOptions;
  /** The limit as it holds over all workers; null: this worker is the only one, or there is no limit. */
  quota: Quota | null = null;
  /** Connections that are served now. */
  readonly connections = new Set<ServedConnection>();
  private readonly servers: net.Server[] = [];
  /** PROXY headers of connections whose TLS handshake is under way, by their socket. */
  private readonly headers = new WeakMap<net.Socket, ProxyHeader>();
  /** Connections before their protocol, and those of them whose TLS handshake is under way. */
  private readonly prefaces = new Set<ByteSocket>();
  private readonly handshakes = new Set<net.Socket>();
  /** Connections of which is not known whether there is a place for them. */
  private readonly waiting = new Set<PlaceWaiter>();
  /** The same for all connections where the address says it. */
  private fixedInfo: ListenerInfo | null = null;
  private onEmpty: (() => void) | null = null;
  private readonly gone = (connection: ServedConnection): void => this.forget(connection);

  constructor(private readonly budget: DescriptorBudget) {}

  /** A handshake is done. */
  readonly onSecure = (socket: TLSSocket): void => this.takeSecure(socket);

  /** A handshake has failed. */
  readonly onTlsFault = (socket: net.Socket, error: Error): void => {
    this.endHandshake(rawSocketOf(socket as TLSSocket) ?? socket);
    this.options.onFault(plainIp(socket.remoteAddress ?? ''), faults.tlsHandshake, error.message);
    this.checkEmpty();
  };

  /** To be called before it listens. Later: connections that are accepted from now on are served so. */
  change(options: ListenerOptions): void {
    this.options = options;
    this.fixedInfo = this.infoOfAll();
  }

  /** Listens on sockets that are bound, which are this listener's to close from now on. Rejects with the system's error. */
  async listen(handles: readonly ListeningHandle[]): Promise<void> {
    await Promise.all(handles.map((handle) => this.listenOn(handle)));
    this.fixedInfo = this.infoOfAll();
  }

  private infoOfAll(): ListenerInfo | null {
    return sameInfo(this.servers.map((server) => fixedInfoOf(this.options.name, server.address())));
  }

  private async listenOn(handle: ListeningHandle): Promise<void> {
    const isUnix = handle.getsockname === undefined;
    const server = net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => this.accept(socket, isUnix));
    this.servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      listenOnHandle(server, handle, BACKLOG, () => {
        server.off('error', reject);
        // Afterwards an error of the listening socket itself must not end the process.
        server.on('error', (error) => this.options.onFault('', faults.internal, error.message));
        resolve();
      });
    });
  }

  private accept(socket: net.Socket, isUnix: boolean): void {
    beginTurn();
    // Reset before it was accepted. Without an address it must not pass for the peer of a unix socket.
    if (socket.remoteAddress === undefined && !isUnix) {
      socket.destroy();
      return;
    }
    const { options, quota } = this;
    const { maxConnections } = options;
    const isFull = maxConnections !== 0 && this.connections.size + this.opening >= maxConnections;
    if (isFull || !this.budget.hasRoomFor(2 + this.waiting.size)) {
      this.refuse(socket);
    } else if (quota === null) {
      this.begin(socket);
    } else if (quota.take()) {
      this.beginAtPlace(socket, quota);
    } else {
      const waiter = new PlaceWaiter(socket, quota, this);
      this.waiting.add(waiter);
      waiter.ask();
    }
  }

  onPlace(waiter: PlaceWaiter, isGranted: boolean): void {
    beginTurn();
    this.waiting.delete(waiter);
    if (isGranted) this.beginAtPlace(waiter.socket, waiter.quota);
    else this.refuse(waiter.socket);
    this.checkEmpty();
  }

  private beginAtPlace(socket: net.Socket, quota: Quota): void {
    socket.once('close', () => quota.give());
    this.begin(socket);
  }

  /** Serves the connection, or reads first what stands before its protocol. */
  private begin(socket: net.Socket): void {
    const { proxyProtocol, tls, handshakeTimeoutMs } = this.options;
    if (proxyProtocol === null && this.denies(socket, null)) {
      socket.destroy();
      return;
    }
    if (proxyProtocol === null && tls === null) {
      this.serve(socket, false, null, null);
      return;
    }
    const peerIp = plainIp(socket.remoteAddress ?? '');
    if (proxyProtocol !== null && !proxyProtocol.from.contains(peerIp)) {
      this.options.onFault(peerIp, faults.untrustedProxyHeader, '');
      socket.destroy();
      return;
    }
    const preface = new Preface(this, proxyProtocol === null ? -1 : proxyProtocol.timeoutMs, tls, handshakeTimeoutMs);
    preface.bytes = ByteSocket.accepted(socket, false, preface);
    this.prefaces.add(preface.bytes);
    preface.start();
  }

  /** Whether the rules for connections close it. */
  private denies(socket: net.Socket, header: ProxyHeader | null): boolean {
    const { admission } = this.options;
    if (admission === null) return false;
    const { peerIp, source, info } = this.originOf(socket, header);
    if (admission.admits(new ConnectionFacts(source, peerIp, info, null))) return false;
    this.options.onFault(peerIp, faults.denied, source.ip === peerIp ? '' : `for ${source.ip}`);
    return true;
  }

  /** One too many: told so, and closed without being read. */
  private refuse(socket: net.Socket): void {
    this.options.onFault(plainIp(socket.remoteAddress ?? ''), faults.tooManyConnections, '');
    socket.on('error', () => socket.destroy());
    if (this.options.refusal === '' || this.options.tls !== null || this.options.proxyProtocol !== null) {
      socket.destroy();
      return;
    }
    if (this.budget.refusing === MAX_REFUSING) {
      // Whoever has sent nothing yet hears it all the same.
      socket.write(this.options.refusal, 'latin1');
      socket.destroy();
      return;
    }
    this.budget.refusing++;
    socket.once('close', () => void this.budget.refusing--);
    // Closing with the request unread would take the answer back: the client gets a moment to read it.
    socket.end(this.options.refusal, 'latin1');
    socket.setTimeout(REFUSAL_MS, () => socket.destroy());
    socket.resume();
  }

  onPlain(bytes: ByteSocket, header: ProxyHeader | null, buffer: Buffer, start: number, end: number): void {
    if (header !== null && this.denies(bytes.socket, header)) {
      bytes.destroy();
      return;
    }
    this.prefaces.delete(bytes);
    const connection = this.admit(bytes.socket, header, null);
    connection.bytes = bytes;
    bytes.reader = connection;
    connection.start();
    if (end > start) connection.onBytes(buffer, start, end);
  }

  onTls(bytes: ByteSocket, header: ProxyHeader | null, tls: TlsListener, buffer: Buffer, start: number, end: number): void {
    if (header !== null && this.denies(bytes.socket, header)) {
      bytes.destroy();
      return;
    }
    const socket = bytes.handOver(buffer, start, end);
    // While the handshake lasts, a client that ends is gone: otherwise nobody would notice before its deadline.
    socket.allowHalfOpen = false;
    this.prefaces.delete(bytes);
    this.handshakes.add(socket);
    this.budget.handshakes++;
    if (header !== null) this.headers.set(socket, header);
    tls.accept(socket);
  }

  onFault(bytes: ByteSocket, fault: Fault, detail: string): void {
    this.options.onFault(plainIp(bytes.socket.remoteAddress ?? ''), fault, detail);
  }

  onGone(bytes: ByteSocket): void {
    this.prefaces.delete(bytes);
    this.checkEmpty();
  }

  private endHandshake(raw: net.Socket): void {
    if (this.handshakes.delete(raw)) this.budget.handshakes--;
  }

  private takeSecure(socket: TLSSocket): void {
    beginTurn();
    socket.allowHalfOpen = true;
    const raw = rawSocketOf(socket) as net.Socket;
    this.endHandshake(raw);
    const header = this.headers.get(raw);
    if (this.options.proxyProtocol !== null && header === undefined) {
      // Better no client than one under somebody else's address.
      socket.destroy();
      this.checkEmpty();
      return;
    }
    const info: TlsInfo = {
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().standardName,
      serverName: (socket as { servername?: string | false }).servername || '',
      resumed: socket.isSessionReused(),
    };
    this.serve(socket, true, header ?? null, info);
  }

  private serve(socket: net.Socket, isTls: boolean, header: ProxyHeader | null, tls: TlsInfo | null): void {
    const connection = this.admit(socket, header, tls);
    connection.bytes = ByteSocket.accepted(socket, isTls, connection);
    connection.start();
  }

  private admit(socket: net.Socket, header: ProxyHeader | null, tls: TlsInfo | null): ServedConnection {
    const { trustedProxies } = this.options;
    const { peerIp, source, info } = this.originOf(socket, header);
    const isTrusted = trustedProxies !== noNetworks && trustedProxies.contains(source.ip);
    const connection = this.options.serve(new ClientEnd(peerIp, source, info, tls, isTrusted), this.gone);
    this.connections.add(connection);
    return connection;
  }

  private originOf(socket: net.Socket, header: ProxyHeader | null): { peerIp: string; source: ClientInfo; info: ListenerInfo } {
    const peerIp = plainIp(socket.remoteAddress ?? '');
    const source = header?.source ?? { ip: peerIp, port: socket.remotePort ?? 0 };
    const destination = header?.destination;
    const info = destination ? { name: this.options.name, localIp: destination.ip, localPort: destination.port } : this.infoOf(socket);
    return { peerIp, source, info };
  }

  private infoOf(socket: net.Socket): ListenerInfo {
    return this.fixedInfo ?? { name: this.options.name, localIp: plainIp(socket.localAddress ?? ''), localPort: socket.localPort ?? 0 };
  }

  private forget(connection: ServedConnection): void {
    this.connections.delete(connection);
    this.checkEmpty();
  }

  /** Closes some of the connections that are idle, those that have been so for longest. Returns how many. */
  closeOldestIdle(count: number): number {
    const idle = [...this.connections].filter((connection) => connection.isIdle).sort((a, b) => a.idleSinceMs - b.idleSinceMs);
    for (const connection of idle.slice(0, count)) connection.closeIfIdle();
    return Math.min(count, idle.length);
  }

  /** Accepts no more. */
  stopAccepting(): void {
    for (const server of this.servers) server.close();
  }

  /** Resolves when the last connection has ended; those that are idle are closed for that, or are left to their clients. */
  async drained(closesIdle: boolean): Promise<void> {
    if (closesIdle) for (const connection of this.connections) connection.closeIfIdle();
    if (this.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.onEmpty = resolve;
    });
  }

  /** Ends at once what is under way at one of the servers. */
  cutAt(servers: ReadonlySet<Server>, fault: Fault): void {
    for (const connection of this.connections) {
      if (connection.server !== null && servers.has(connection.server)) connection.cut(fault);
    }
  }

  /** Ends every connection at once. */
  cutAll(fault: Fault): void {
    for (const waiter of this.waiting) waiter.abandon();
    this.waiting.clear();
    for (const bytes of this.prefaces) bytes.destroy();
    for (const socket of this.handshakes) socket.destroy();
    for (const connection of this.connections) connection.cut(fault);
  }

  private get opening(): number {
    return this.prefaces.size + this.handshakes.size + this.waiting.size;
  }

  /** Nobody is connected. */
  get isEmpty(): boolean {
    return this.connections.size + this.opening === 0;
  }

  private checkEmpty(): void {
    if (this.isEmpty) this.onEmpty?.();
  }
}

/** What is known of every connection's own end before it is there; null where the address does not say it. */
function fixedInfoOf(name: string, bound: ReturnType<net.Server['address']>): ListenerInfo | null {
  if (bound === null || typeof bound === 'string') return { name, localIp: '', localPort: 0 };
  if (bound.address === '0.0.0.0' || bound.address === '::') return null;
  return { name, localIp: plainIp(bound.address), localPort: bound.port };
}

function sameInfo([first = null, ...others]: (ListenerInfo | null)[]): ListenerInfo | null {
  const isSame = others.every((other) => other?.localIp === first?.localIp && other?.localPort === first?.localPort);
  return isSame ? first : null;
}
