// One connection in TCP mode: balanced when it is accepted, tried at the next server while connecting fails, then a
// tunnel. What the client sends before that is held within one read.
import { beginTurn, nowMs } from '../core/clock.js';
import { type Fault, faults } from '../core/errors.js';
import { type ByteReader, type ByteSocket, defects } from '../net/byte-socket.js';
import type { DescriptorBudget } from '../net/descriptor-budget.js';
import type { Condition } from '../route/condition.js';
import type { ClientInfo } from '../route/exchange-view.js';
import type { Binding } from '../upstream/binding.js';
import { Selection, type SelectionOwner, select } from '../upstream/selection.js';
import type { Server } from '../upstream/server.js';
import type { ConnectionView } from '../upstream/sticky/sticky-policy.js';
import type { Upstream } from '../upstream/upstream.js';
import type { ClientEnd } from './client-end.js';
import { ConnectionFacts } from './connection-facts.js';
import { proxyHeader } from './proxy-header.js';
import { connectFault, connectTo } from './server-connection.js';
import { Tunnel, type TunnelTimeouts } from './tunnel.js';

/** Where the connections of a route go. */
export interface TcpDestination {
  readonly upstream: Upstream;
  /** PROXY protocol towards the servers: 0 none, else its version. */
  readonly proxyProtocol: 0 | 1 | 2;
  readonly connectMs: number;
  readonly tunnel: TunnelTimeouts;
}

/** `destination` null: the connection is closed. */
export interface TcpRoute {
  readonly condition: Condition;
  readonly destination: TcpDestination | null;
}

/** A tcp listener as its connections see it. */
export interface TcpService {
  readonly name: string;
  /** In order: the first whose condition holds is taken. */
  readonly routes: readonly TcpRoute[];
  /** Asked before a connection to a server is opened. */
  readonly budget: DescriptorBudget;
  /** Called once for each connection, at its end. */
  readonly log: (connection: TcpConnection) => void;
}

export class TcpConnection implements ByteReader, ConnectionView, SelectionOwner {
  /** Set by who accepts, right after construction. */
  bytes!: ByteSocket;
  readonly isIdle = false;
  readonly idleSinceMs = 0;
  server: Server | null = null;
  attempts = 0;
  connectMs = -1;
  readonly startMs = nowMs();
  bytesToClient = 0;
  bytesFromClient = 0;
  fault: Fault | null = null;
  /** Of the route that was taken; null: none was, or it denies. */
  destination: TcpDestination | null = null;
  readonly request = null;
  private readonly selection = new Selection(this);
  private held: Buffer | null = null;
  private readonly tried: Server[] = [];
  private attempt: ConnectAttempt | null = null;
  private tunnel: Tunnel | null = null;
  /** It is among its server's tunnels. */
  private isCounted = false;
  private isOver = false;

  constructor(
    readonly service: TcpService,
    readonly end: ClientEnd,
    private readonly onGone: (connection: TcpConnection) => void,
  ) {}

  /** Takes a route, chooses a server and connects to it. */
  start(): void {
    const { client, peerIp, listener, tls } = this.end;
    const facts = new ConnectionFacts(client, peerIp, listener, tls);
    const route = this.service.routes.find(({ condition }) => condition.test(facts));
    this.destination = route?.destination ?? null;
    if (this.destination !== null) this.tryNext();
    else this.finish(route === undefined ? faults.noRoute : faults.denied);
  }

  private tryNext(): void {
    const { service, selection } = this;
    const { upstream, connectMs } = this.destination as TcpDestination;
    if (this.tried.length >= upstream.retries.attempts) {
      this.finish(this.fault);
      return;
    }
    select(upstream, this, this.tried, selection);
    if (selection.awaited !== null) return;
    const { server } = selection;
    if (server === null) {
      this.finish(this.fault ?? selection.fault ?? faults.noServer);
      return;
    }
    if (!service.budget.hasRoomFor(1)) {
      this.finish(faults.tooManyConnections);
      return;
    }
    this.server = server;
    // Counted from here on, or connections that come at once would all be taken before any of them counts.
    server.tunnels++;
    this.isCounted = true;
    this.attempts++;
    this.attempt = new ConnectAttempt(server, connectMs, this);
  }

  get client(): ClientInfo {
    return this.end.client;
  }

  /** How the connection stands to its server. */
  get binding(): Binding {
    return this.selection.binding;
  }

  onAwaited(): void {
    beginTurn();
    try {
      this.tryNext();
    } catch (error) {
      defects.report(error);
      this.finish(faults.internal);
    }
  }

  attemptFailed(server: Server, fault: Fault): void {
    this.attempt = null;
    this.fault = fault;
    this.uncount();
    server.recordFailure(nowMs());
    this.tried.push(server);
    if (!this.isOver) this.tryNext();
  }

  connected(server: Server, serverBytes: ByteSocket): void {
    const { bytes } = this;
    const { upstream, tunnel, proxyProtocol } = this.destination as TcpDestination;
    this.attempt = null;
    this.fault = null;
    this.connectMs = nowMs() - this.startMs;
    server.recordSuccess();
    const { sticky } = upstream;
    if (sticky?.isForConnections === true) sticky.onConnected(server, this.selection.binding, this.selection.finding);
    const written = bytes.bytesWritten;
    this.tunnel = new Tunnel(bytes, serverBytes, tunnel, (fault) => {
      server.connections--;
      this.bytesToClient = bytes.bytesWritten - written;
      this.bytesFromClient = bytes.bytesRead;
      this.tunnel = null;
      this.finish(fault);
    });
    if (proxyProtocol !== 0) serverBytes.writeText(proxyHeader(proxyProtocol, this.end.client, this.end.listener));
    const { held } = this;
    this.held = null;
    if (held !== null && !serverBytes.writeBytes('', held, 0, held.length, '', null)) bytes.pause();
  }

  /** Milliseconds since the connection was accepted. */
  get elapsedMs(): number {
    return nowMs() - this.startMs;
  }

  private finish(fault: Fault | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.fault = fault;
    this.uncount();
    this.selection.abandon();
    this.attempt?.abandon();
    this.attempt = null;
    this.service.log(this);
    if (this.bytes.isClosed) this.onGone(this);
    // A reset says that the connection failed, where an orderly end would say that the server had nothing to send.
    else this.bytes.reset();
  }

  private uncount(): void {
    if (this.isCounted) (this.server as Server).tunnels--;
    this.isCounted = false;
    this.selection.endLease();
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    const piece = Buffer.from(buffer.subarray(start, end));
    this.held = this.held === null ? piece : Buffer.concat([this.held, piece]);
    this.bytes.pause();
  }

  onEnd(): void {
    // A client may have said all before a server is there: the tunnel passes the end on.
  }

  onUnblocked(): void {}

  onDeadline(): void {}

  onClosed(): void {
    if (this.isOver) this.onGone(this);
    else this.finish(faults.tunnelClientReset);
  }

  closeIfIdle(): void {}

  /** Ends it: its time is over. */
  cut(fault: Fault): void {
    if (this.tunnel === null) this.finish(fault);
    else this.tunnel.close(fault);
  }
}

/** One try to connect to one server. */
class ConnectAttempt implements ByteReader {
  private readonly bytes: ByteSocket;
  private isOver = false;

  constructor(
    private readonly server: Server,
    connectMs: number,
    private readonly owner: TcpConnection,
  ) {
    server.connections++;
    this.bytes = connectTo(server, this);
    this.bytes.arm(connectMs);
    this.bytes.whenConnected(() => {
      if (this.isOver) return;
      this.isOver = true;
      owner.connected(server, this.bytes);
    });
  }

  abandon(): void {
    this.isOver = true;
    this.bytes.destroy();
  }

  private fail(fault: Fault): void {
    if (this.isOver) return;
    this.isOver = true;
    this.bytes.destroy();
    this.owner.attemptFailed(this.server, fault);
  }

  onBytes(): void {}

  onEnd(): void {}

  onUnblocked(): void {}

  onDeadline(): void {
    this.fail(faults.connectTimeout);
  }

  onClosed(error: Error | null): void {
    this.server.connections--;
    this.fail(connectFault(error));
  }
}
