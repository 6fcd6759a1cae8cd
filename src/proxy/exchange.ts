// One request and its response: read, routed (exchange-routing.ts), tried at servers, answered or refused
// (exchange-refusals.ts), logged. It belongs to a stream of the client, HTTP/1 or HTTP/2, and knows neither sockets of
// clients nor how heads are written to them (contract 4).
import { beginTurn, nowMs } from '../core/clock.js';
import { type Fault, faults } from '../core/errors.js';
import { type ByteSocket, defects } from '../net/byte-socket.js';
import { armDeadline, disarmDeadline } from '../net/deadlines.js';
import { normalisePath } from '../route/path.js';
import { type Answer, type Responder, statusAnswer } from '../route/responder.js';
import type { Route } from '../route/route.js';
import { runRules, type StepOutcome } from '../route/rule.js';
import { binding } from '../upstream/binding.js';
import { select } from '../upstream/selection.js';
import type { Server } from '../upstream/server.js';
import { BodyKind } from '../wire/framing.js';
import { writeRequestHead } from '../wire/http1-head-writer.js';
import type { Http1ResponseHead } from '../wire/http1-response-head.js';
import { ListResponseHead } from '../wire/list-head.js';
import type { RequestHead } from '../wire/message-head.js';
import type { ClientEnd } from './client-end.js';
import type { ClientStream } from './client-stream.js';
import { ExchangeRefusals } from './exchange-refusals.js';
import { Routed } from './exchange-routing.js';
import { allowsUpgrade, type Destination, type HttpService, poolOf, type UpstreamLink } from './http-service.js';
import { headOfAnswer } from './own-answer.js';
import { proxyHeader } from './proxy-header.js';
import { ReplayBuffer } from './replay-buffer.js';
import { ServerConnection, type ServerUser } from './server-connection.js';
import { StandIn } from './stand-in.js';
import { Tunnel } from './tunnel.js';

export const ExchangeState = {
  free: 0,
  /** Rules and routes are being asked. */
  routing: 1,
  /** For a rule's or the store's answer, or for the pause before a server is tried again. */
  waiting: 2,
  connecting: 3,
  /** The request is on its way; no final response head has come. */
  requesting: 4,
  /** The response head has gone to the client. */
  responding: 5,
  tunnel: 6,
  /** The request body is awaited whole, before a server is chosen. */
  collecting: 7,
} as const;
export type ExchangeState = (typeof ExchangeState)[keyof typeof ExchangeState];

/**
 * A request that must not be repeated goes on a reused connection only if that was in use this recently: a server
 * that was about to close it for idleness has not had the time.
 */
const RECENT_MS = 1_000;

/** Methods whose body means nothing (RFC 9110 §9.3), which some servers therefore never read. */
const bodilessMethods = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

export class Exchange extends ExchangeRefusals implements ServerUser {
  state: ExchangeState = ExchangeState.free;
  private stream!: ClientStream;
  /** The server among whose active exchanges this one is counted. */
  private counted: Server | null = null;
  private connection: ServerConnection | null = null;
  private tunnel: Tunnel | null = null;
  private tried: Server[] = [];
  private triesOfServer = 0;
  private mustBeFresh = false;
  private hasRunUpstreamRules = false;
  private readonly replay = new ReplayBuffer();
  protected requestIsComplete = false;
  private requestTrailers = '';
  /** The upgrade that the client wants and the route allows, or ''. */
  private upgrade = '';
  private attemptStartMs = 0;
  private connectStartMs = 0;

  /** Begins with a request head that was read. `startMs`: when its first byte came. */
  begin(stream: ClientStream, service: HttpService, end: ClientEnd, request: RequestHead, startMs: number): void {
    this.reset(stream, service, end, request, startMs);
    const fault = normalisePath(request.target, this);
    if (fault !== null) {
      this.refuse(fault);
      return;
    }
    this.readForwarded();
    this.follow(this.findDestination());
  }

  /** Begins with a request that cannot be read, only to answer and log it. */
  beginRefused(stream: ClientStream, service: HttpService, end: ClientEnd, request: RequestHead, startMs: number, fault: Fault): void {
    this.reset(stream, service, end, request, startMs);
    this.answerFault(fault, true);
  }

  private reset(stream: ClientStream, service: HttpService, end: ClientEnd, request: RequestHead, startMs: number): void {
    this.beginFacts(service, end, request, startMs);
    this.beginRouting();
    this.beginRefusals();
    this.state = ExchangeState.routing;
    this.stream = stream;
    this.counted = null;
    this.connection = null;
    this.tunnel = null;
    this.triesOfServer = 0;
    this.mustBeFresh = false;
    this.hasRunUpstreamRules = false;
    this.replay.clear(0);
    this.requestIsComplete = request.framing.kind === BodyKind.none || request.framing.contentLength === 0;
    this.requestTrailers = '';
    this.upgrade = '';
    this.attemptStartMs = 0;
    this.connectStartMs = 0;
  }

  // Where it goes

  protected follow(routed: Routed): void {
    switch (routed) {
      case Routed.found:
        this.beginAttempts();
        break;
      case Routed.nowhere:
        this.refuse(faults.noRoute);
        break;
      case Routed.answered:
        this.answerBy(this.responder as Responder);
        break;
      case Routed.waiting:
        this.state = ExchangeState.waiting;
    }
  }

  resume(outcome: StepOutcome): void {
    if (this.state !== ExchangeState.waiting) return;
    this.state = ExchangeState.routing;
    this.follow(this.findDestinationAfter(outcome));
  }

  // Attempts

  private beginAttempts(): void {
    const { destination } = this.route as Route<Destination>;
    this.link = destination.upstream;
    if (this.link === null) {
      this.refuse(faults.noRoute);
      return;
    }
    const { maxBodyBytes } = destination;
    if (maxBodyBytes !== 0 && this.knownBodyBytes > maxBodyBytes) {
      this.refuse(faults.bodyTooLarge);
      return;
    }
    // Who asked for an upgrade and was refused is shown a page, not upgraded to it.
    if (this.request.upgrade !== '' && this.firstMethod === '' && allowsUpgrade(destination.upgrades, this.request.upgrade))
      this.upgrade = this.request.upgrade;
    const { retries } = this.link.upstream;
    const { bufferedBodyBytes } = destination;
    if (!this.requestIsComplete && bufferedBodyBytes > 0 && this.request.framing.contentLength <= bufferedBodyBytes) {
      this.collectBody(bufferedBodyBytes);
      return;
    }
    if (!this.requestIsComplete && retries.replayBytes > 0 && retries.methods.has(this.request.method))
      this.replay.clear(retries.replayBytes);
    this.attempt();
  }

  /** How long the request body is at least: chunks may have been read on the way to another route. */
  private get knownBodyBytes(): number {
    const { kind, contentLength } = this.request.framing;
    return kind === BodyKind.chunked ? this.bytesFromClient : contentLength;
  }

  /** The body comes first; a server hears of the request when it is here. The client has our leave to send it, if it asks. */
  private collectBody(maxBytes: number): void {
    this.state = ExchangeState.collecting;
    this.replay.clear(maxBytes);
    if (this.request.expectsContinue) {
      this.stream.sendInformational(new ListResponseHead(100, 'Continue'));
      this.request.remove('expect');
    }
    this.stream.resumeBody();
  }

  /** The body is whole: from now on the request has a length, whatever it came with. */
  private bodyIsCollected(): void {
    const { framing } = this.request;
    if (framing.kind === BodyKind.chunked) {
      framing.kind = BodyKind.length;
      framing.contentLength = this.bytesFromClient;
    }
    this.state = ExchangeState.routing;
    this.attempt();
  }

  /** Goes to a server, or waits for what has to be known first. */
  attempt(): void {
    const link = this.link as UpstreamLink;
    const { selection } = this;
    select(link.upstream, this, this.tried, selection);
    if (selection.awaited !== null) {
      this.state = ExchangeState.waiting;
      return;
    }
    const { server } = selection;
    if (server === null) {
      // After failed tries the last failure says more than that nobody is left; a refusal of the policy says most.
      const isRefusal = selection.fault === faults.stickyServerDown || this.fault === null;
      this.refuse(isRefusal ? (selection.fault as Fault) : (this.fault as Fault));
      return;
    }
    if (server !== this.server) this.triesOfServer = 0;
    this.server = server;
    this.attempts++;
    this.triesOfServer++;
    server.activeExchanges++;
    this.counted = server;
    this.attemptStartMs = nowMs();
    if (!this.hasRunUpstreamRules) {
      this.hasRunUpstreamRules = true;
      link.upstream.sticky?.onRequestHead(this);
      runRules(link.requestRules, this);
    }
    this.connect(link, server);
  }

  private connect(link: UpstreamLink, server: Server): void {
    const { attempt, hop } = (this.route as Route<Destination>).destination;
    const pool = poolOf(link, server);
    const poolKey = link.proxyProtocol === 0 ? '' : `${this.client.ip} ${this.client.port}`;
    const pooled =
      this.mustBeFresh || this.upgrade !== '' || !hop.keepsAlive ? null : pool.take(poolKey, this.canRepeat ? 0 : nowMs() - RECENT_MS);
    if (pooled !== null) {
      pooled.lend(this, attempt);
      this.connectMs = 0;
      this.send(pooled);
      return;
    }
    if (!this.service.budget.hasRoomFor(1)) {
      this.refuse(faults.tooManyConnections);
      return;
    }
    this.state = ExchangeState.connecting;
    this.connectStartMs = nowMs();
    const preamble = link.proxyProtocol === 0 ? '' : proxyHeader(link.proxyProtocol, this.client, this.end.listener);
    this.connection = new ServerConnection(server, poolKey, pool, link.connections, this, attempt, preamble);
  }

  onConnected(connection: ServerConnection): void {
    this.connectMs = nowMs() - this.connectStartMs;
    this.send(connection);
  }

  private send(connection: ServerConnection): void {
    const { request } = this;
    const server = this.server as Server;
    this.connection = connection;
    this.state = ExchangeState.requesting;
    const { bytes } = connection;
    const { hop } = (this.route as Route<Destination>).destination;
    bytes.writeText(writeRequestHead(request, server.addressText, this.forwardedLines(), this.upgrade, hop));
    connection.expectResponse(this.requestIsComplete);
    for (const piece of this.replay.pieces) this.writeBody(bytes, piece, 0, piece.length, null);
    if (!this.requestIsComplete) this.stream.resumeBody();
    else if (request.framing.kind === BodyKind.chunked) bytes.writeText(`0\r\n${this.requestTrailers}\r\n`);
  }

  /** Whether a body that comes now can go on to a server. */
  get takesBody(): boolean {
    return this.state === ExchangeState.requesting || this.state === ExchangeState.responding || this.state === ExchangeState.collecting;
  }

  /** A piece of the request body, valid until it returns. False: the client is to pause until `stream.resumeBody`. */
  onRequestBody(buffer: Buffer, start: number, end: number, source: ByteSocket | null): boolean {
    this.bytesFromClient += end - start;
    const { maxBodyBytes } = (this.route as Route<Destination>).destination;
    if (maxBodyBytes !== 0 && this.bytesFromClient > maxBodyBytes) {
      this.fail(faults.bodyTooLarge);
      return true;
    }
    this.replay.keep(buffer, start, end);
    if (this.state === ExchangeState.collecting) {
      if (!this.replay.isWhole) this.fail(faults.bodyTooLarge);
      return true;
    }
    const connection = this.connection as ServerConnection;
    const mayGoOn = this.writeBody(connection.bytes, buffer, start, end, source);
    connection.waitForHead(!mayGoOn);
    return mayGoOn;
  }

  private writeBody(bytes: ByteSocket, buffer: Buffer, start: number, end: number, source: ByteSocket | null): boolean {
    if (this.request.framing.kind !== BodyKind.chunked) return bytes.writeBytes('', buffer, start, end, '', source);
    return bytes.writeBytes(`${(end - start).toString(16)}\r\n`, buffer, start, end, '\r\n', source);
  }

  /** The request is complete. `trailers` are complete lines, or ''. */
  onRequestEnd(trailers: string): void {
    this.requestIsComplete = true;
    if (this.state === ExchangeState.collecting) {
      this.bodyIsCollected();
      return;
    }
    this.requestTrailers = trailers;
    if (this.connection === null || !this.takesBody) return;
    if (this.request.framing.kind === BodyKind.chunked) this.connection.bytes.writeText(`0\r\n${trailers}\r\n`);
    this.connection.waitForHead(true);
  }

  onServerUnblocked(): void {
    if (this.requestIsComplete || !this.takesBody) return;
    this.connection?.waitForHead(false);
    this.stream.resumeBody();
  }

  // What comes from the server

  onInformational(head: Http1ResponseHead): void {
    if (this.request.version >= 11) this.stream.sendInformational(head);
  }

  onResponseHead(head: Http1ResponseHead): void {
    this.headMs = nowMs() - this.startMs;
    if (head.status >= 400 && this.isReplaced(head)) return;
    this.state = ExchangeState.responding;
    if (!this.prepareResponse(head)) this.replaceResponse();
    else if (this.mustHoldHead) (this.connection as ServerConnection).hold();
    else this.stream.sendHead(head);
  }

  /** Whether the head waits for the store: a session must be known before the client can come back with it. */
  private get mustHoldHead(): boolean {
    const { selection } = this;
    if (!selection.finding.isAsked) return false;
    selection.awaited = selection.finding;
    return true;
  }

  /** What the head waited for is here. */
  sendHeldHead(): void {
    const connection = this.connection as ServerConnection;
    if (this.state === ExchangeState.responding) {
      this.stream.sendHead(connection.head);
      connection.letGo();
    } else {
      const held = connection.takeHeld();
      connection.bytes.resume();
      this.openTunnel(held, 0, held.length);
    }
  }

  /** The final head or the 101, before it goes to the client. False: a rule answers in its place. */
  private prepareResponse(head: Http1ResponseHead): boolean {
    const link = this.link as UpstreamLink;
    const server = this.server as Server;
    this.serverHasAnswered(server);
    this.standIn?.apply(head, false);
    this.response = head;
    this.hasServerResponse = true;
    this.status = head.status;
    runRules(link.responseRules, this);
    if (!this.runResponseRules()) return false;
    const { sticky } = link.upstream;
    const { selection } = this;
    if (sticky !== null) selection.binding = sticky.onResponseHead(this, head, server, selection.binding, selection.finding);
    if (this.service.hasLastRules) this.runLastRules();
    return true;
  }

  private serverHasAnswered(server: Server): void {
    server.recordSuccess();
    server.lastAnswerMs = nowMs();
    this.fault = null;
  }

  /** Nothing of the server's response has gone to the client, and nothing more of it is read. */
  private replaceResponse(): void {
    (this.connection as ServerConnection).abandon();
    this.connection = null;
    this.answerBy(this.responder as Responder);
  }

  onResponseBody(buffer: Buffer, start: number, end: number): void {
    this.bytesToClient += end - start;
    const connection = this.connection as ServerConnection;
    if (!this.stream.sendBody(buffer, start, end, connection.bytes)) connection.pauseBody();
  }

  /** What was queued for the client has left. */
  onClientUnblocked(): void {
    this.connection?.resumeBody();
  }

  onResponseEnd(trailers: string): void {
    const connection = this.connection as ServerConnection;
    this.connection = null;
    if (this.mayReuse) connection.release();
    else connection.abandon();
    this.stream.endBody(trailers);
    this.finish();
  }

  /**
   * A server that answers before it has the whole request, or that expects no body where one came, may read the rest as
   * another request.
   */
  private get mayReuse(): boolean {
    if (!this.requestIsComplete || !(this.route as Route<Destination>).destination.hop.keepsAlive) return false;
    return !(this.bytesFromClient > 0 && bodilessMethods.has(this.request.method));
  }

  onSwitched(buffer: Buffer, start: number, end: number): void {
    const connection = this.connection as ServerConnection;
    const { head } = connection;
    if (this.upgrade === '' || !isChoiceOf(this.upgrade, head.upgrade)) {
      connection.abandon();
      this.onServerFault(faults.unaskedUpgrade);
      return;
    }
    if (head.upgrade === '') head.upgrade = this.upgrade;
    this.headMs = nowMs() - this.startMs;
    if (!this.prepareResponse(head)) this.replaceResponse();
    else if (this.mustHoldHead) connection.holdSwitched(buffer, start, end);
    else this.openTunnel(buffer, start, end);
  }

  /** buffer[start, end) followed the 101. */
  private openTunnel(buffer: Buffer, start: number, end: number): void {
    const connection = this.connection as ServerConnection;
    const { head } = connection;
    this.state = ExchangeState.tunnel;
    const server = this.server as Server;
    // Its place at the server goes over to the tunnel.
    server.activeExchanges--;
    this.counted = null;
    server.tunnels++;
    const clientBytes = this.stream.beginTunnel(head);
    const serverBytes = connection.becomeTunnel();
    const { tunnel: timeouts } = (this.route as Route<Destination>).destination;
    const sentBefore = clientBytes.bytesWritten;
    const receivedBefore = clientBytes.bytesRead;
    this.tunnel = new Tunnel(clientBytes, serverBytes, timeouts, (fault) => {
      this.tunnel = null;
      server.tunnels--;
      server.connections--;
      this.connection = null;
      this.fault = fault;
      this.bytesToClient = clientBytes.bytesWritten - sentBefore;
      this.bytesFromClient += clientBytes.bytesRead - receivedBefore;
      this.finish();
    });
    if (!clientBytes.writeBytes('', buffer, start, end, '', serverBytes)) serverBytes.pause();
    const early = this.stream.takeEarlyBytes();
    if (early === null) return;
    this.bytesFromClient += early.length;
    if (!serverBytes.writeBytes('', early, 0, early.length, '', null)) clientBytes.pause();
  }

  // Ends

  onServerFault(fault: Fault): void {
    const connection = this.connection;
    const server = this.server as Server;
    this.connection = null;
    this.fault = fault;
    const isRace = fault === faults.serverClosed && connection !== null && connection.isReused && connection.isSilent;
    if (!isRace && this.speaksAgainst(server, fault)) server.recordFailure(nowMs());
    if (this.state === ExchangeState.responding) {
      this.stream.abort(fault);
      this.finish();
      return;
    }
    this.uncount();
    if (isRace && this.canRepeat) {
      this.mustBeFresh = true;
      this.attempt();
    } else if (fault.repeat === 'always' || (this.goesOnAfter(fault) && this.canRepeat)) {
      this.tryAgain(server, fault);
    } else {
      this.refuse(fault);
    }
  }

  /**
   * Whether a fault makes the server look ill. What a client can bring about must not: a slow path, a handshake that the
   * server drops, a request that it will not answer while it answers others.
   */
  private speaksAgainst(server: Server, fault: Fault): boolean {
    if (fault.phase === 'connect') return true;
    if (fault !== faults.serverClosed && !this.goesOnAfter(fault)) return false;
    return this.upgrade === '' && server.lastAnswerMs < this.attemptStartMs;
  }

  /** Whether the retry options have a request go to the next server after this failure, which nothing of an answer came before. */
  private goesOnAfter(fault: Fault): boolean {
    // A 101 that waits for the store is an answer, whatever becomes of the connection.
    return this.selection.awaited === null && (this.link as UpstreamLink).upstream.retries.on.has(fault);
  }

  /** The whole request can be sent once more, and the retry options allow it. */
  private get canRepeat(): boolean {
    const { retries } = (this.link as UpstreamLink).upstream;
    return retries.methods.has(this.request.method) && (this.replay.isWhole || (this.requestIsComplete && this.bytesFromClient === 0));
  }

  /** Where no connection came about, a bound client's server is given a few quick tries; then another one is asked. */
  private tryAgain(server: Server, fault: Fault): void {
    const { retries } = (this.link as UpstreamLink).upstream;
    const mayWait = fault.repeat === 'always' && this.selection.binding === binding.bound && server.takesOwnSessions;
    if (mayWait && this.triesOfServer < retries.boundAttempts) {
      this.state = ExchangeState.waiting;
      if (retries.pauseMs === 0) this.attempt();
      else armDeadline(this, retries.pauseMs);
      return;
    }
    this.tried.push(server);
    if (this.tried.length < retries.attempts) this.attempt();
    else this.refuse(fault);
  }

  /** The pause before the next try of a server is over. */
  override onDeadline(): void {
    if (this.state === ExchangeState.waiting) this.guard(goOnToServer);
  }

  override onAwaited(): void {
    beginTurn();
    this.guard(this.state === ExchangeState.waiting ? goOnToServer : goOnToClient);
  }

  /** Called by nobody who would take care of a defect. */
  private guard(step: (exchange: Exchange) => void): void {
    try {
      step(this);
    } catch (error) {
      defects.report(error);
      this.fail(faults.internal);
    }
  }

  /** The client's side fails: what it sends cannot be read, or it has gone. */
  fail(fault: Fault): void {
    if (this.tunnel !== null) {
      this.tunnel.close(fault);
      return;
    }
    this.connection?.abandon();
    this.connection = null;
    if (this.state === ExchangeState.responding || fault.status === 0) {
      this.fault = fault;
      this.stream.abort(fault);
      this.finish();
    } else {
      this.answerFault(fault, true);
    }
  }

  /** Whether something else is answered in place of what the server has said. Nothing of its body is read. */
  private isReplaced(head: Http1ResponseHead): boolean {
    const { errorPages } = this;
    if (!errorPages.areForServers || errorPages.find(head.status)?.isForServers !== true) return false;
    this.serverHasAnswered(this.server as Server);
    this.connection?.abandon();
    this.connection = null;
    if (head.status === 401) this.standIn = new StandIn(0, head.getAll('www-authenticate'));
    this.answerRefusal(statusAnswer(head.status), null, false);
    return true;
  }

  /** Whether the whole body can still go to a server: none of it has been read, or all of it is kept. */
  protected get bodyIsAtHand(): boolean {
    return this.bytesFromClient === 0 || (this.requestIsComplete && this.replay.isWhole);
  }

  protected leaveUpstream(): void {
    this.state = ExchangeState.routing;
    disarmDeadline(this);
    this.uncount();
    this.selection.forget();
    this.fault = null;
    this.response = null;
    this.tried = [];
    this.triesOfServer = 0;
    this.mustBeFresh = false;
    this.hasRunUpstreamRules = false;
    this.upgrade = '';
  }

  protected dropBody(): void {
    if (!this.requestIsComplete) this.stream.dropBody();
    this.requestIsComplete = true;
    this.requestTrailers = '';
    this.replay.clear(0);
    this.request.framing.clear();
  }

  protected answer(answer: Answer, fault: Fault | null, closes: boolean): void {
    this.fault = fault;
    const head = headOfAnswer(answer);
    this.standIn?.apply(head, true);
    this.response = head;
    this.hasServerResponse = false;
    this.runResponseRules();
    if (this.service.hasLastRules) this.runLastRules();
    this.status = head.status;
    if (this.request.method !== 'HEAD' && head.framing.kind !== BodyKind.none) this.bytesToClient = answer.body.length;
    this.stream.answer(head, answer.body, closes);
    this.finish();
  }

  private uncount(): void {
    if (this.counted !== null) this.counted.activeExchanges--;
    this.counted = null;
    this.selection.endLease();
  }

  private finish(): void {
    disarmDeadline(this);
    this.uncount();
    this.fault ??= this.refusedWith;
    this.service.log(this);
    this.state = ExchangeState.free;
    this.letGo();
    this.stream.exchangeEnded();
  }

  /** A free exchange is kept for the next request, and keeps nothing of the last one. */
  private letGo(): void {
    this.forgetFacts();
    this.forgetRouting();
    this.forgetRefusals();
    this.replay.clear(0);
    this.requestTrailers = '';
    this.upgrade = '';
    if (this.tried.length > 0) this.tried = [];
  }
}

/** Whether a server may switch to `chosen` when it was asked for `asked`, which may be a list. '': it does not say to what. */
function isChoiceOf(asked: string, chosen: string): boolean {
  return chosen === asked || chosen === '' || asked.split(/[\s,]+/).includes(chosen);
}

// Steps as functions of the exchange, so that guarding one costs no closure.
const goOnToServer = (exchange: Exchange): void => exchange.attempt();
const goOnToClient = (exchange: Exchange): void => exchange.sendHeldHead();
