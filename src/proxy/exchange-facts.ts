// What is known of an exchange while it runs: who asks, for what, where it goes, and what the access log will tell.
// Rules and Values see it through ExchangeView. What happens to the exchange is exchange.ts.
import { randomBytes } from 'node:crypto';
import { nowMs } from '../core/clock.js';
import type { Fault } from '../core/errors.js';
import { Waiting } from '../net/deadlines.js';
import { withoutLastDot } from '../route/conditions/host.js';
import type { ClientInfo, ExchangeView, ListenerInfo, TlsInfo } from '../route/exchange-view.js';
import type { PathParts } from '../route/path.js';
import type { Route } from '../route/route.js';
import { Selection, type SelectionOwner } from '../upstream/selection.js';
import type { Server } from '../upstream/server.js';
import { Forwarded, forwardedHop } from '../wire/forwarded.js';
import { Http1RequestHead } from '../wire/http1-request-head.js';
import type { RequestHead, ResponseHead } from '../wire/message-head.js';
import type { ClientEnd } from './client-end.js';
import type { BodyTimeouts, Destination, HttpService, UpstreamLink } from './http-service.js';

/** What a free exchange has for a request: nobody reads it or writes to it. */
const noRequest: RequestHead = new Http1RequestHead();

export abstract class ExchangeFacts extends Waiting implements ExchangeView, PathParts, SelectionOwner {
  request: RequestHead = noRequest;
  response: ResponseHead | null = null;
  hasServerResponse = false;
  service!: HttpService;
  protected end!: ClientEnd;

  client!: ClientInfo;
  scheme: 'http' | 'https' = 'http';
  path = '';
  query = '';
  private hostText: string | null = null;
  private idText = '';
  private variables: Map<string, string> | null = null;
  captures: RegExpExecArray | null = null;
  /** The target before the first rule changed it; '' while none has. */
  protected firstTarget = '';
  /** The method before an error page changed it; '' while none has. */
  protected firstMethod = '';
  private forwarded: Forwarded | null = null;

  protected route: Route<Destination> | null = null;
  protected link: UpstreamLink | null = null;
  readonly selection = new Selection(this);
  /** The server that the present attempt, or the last one, is at. */
  server: Server | null = null;

  // What the access log tells.
  startMs = 0;
  attempts = 0;
  connectMs = -1;
  headMs = -1;
  bytesToClient = 0;
  bytesFromClient = 0;
  status = 0;
  fault: Fault | null = null;

  /** Sets everything for a new exchange: the object has served others. */
  protected beginFacts(service: HttpService, end: ClientEnd, request: RequestHead, startMs: number): void {
    this.service = service;
    this.end = end;
    this.request = request;
    this.response = null;
    this.hasServerResponse = false;
    this.client = end.client;
    this.scheme = end.scheme;
    this.path = '';
    this.query = '';
    this.hostText = null;
    this.idText = '';
    this.variables = null;
    this.captures = null;
    this.firstTarget = '';
    this.firstMethod = '';
    this.route = null;
    this.link = null;
    this.selection.clear();
    this.server = null;
    this.startMs = startMs;
    this.attempts = 0;
    this.connectMs = -1;
    this.headMs = -1;
    this.bytesToClient = 0;
    this.bytesFromClient = 0;
    this.status = 0;
    this.fault = null;
  }

  /** Drops whatever would keep something of this exchange in memory. */
  protected forgetFacts(): void {
    this.selection.abandon();
    this.request = noRequest;
    this.response = null;
    this.variables = null;
    this.captures = null;
    this.firstTarget = '';
    this.firstMethod = '';
    // A trusted proxy's word for the client is part of the head.
    this.client = this.end.client;
    this.route = null;
    this.link = null;
    this.server = null;
    // Slices of a head keep all of it.
    this.path = '';
    this.query = '';
    this.hostText = null;
    this.forwarded = null;
  }

  abstract onAwaited(): void;

  /** Who the client is: what trusted proxies say, and nobody else. */
  protected readForwarded(): void {
    const { request, end } = this;
    if (!request.hasForwardedFields) return;
    if (!end.isTrusted) {
      if (this.service.profile.guardsForwardedFields) request.removeForwardedFields();
      return;
    }
    this.forwarded ??= new Forwarded();
    const { forwarded } = this;
    forwarded.assume(end.client.ip, end.scheme, request.authority, end.listener.localPort === 0 ? '' : String(end.listener.localPort));
    forwarded.derive(
      this.service.trustedProxies,
      joined(request, 'x-forwarded-for'),
      joined(request, 'x-forwarded-proto'),
      joined(request, 'x-forwarded-host'),
      joined(request, 'x-forwarded-port'),
    );
    if (forwarded.clientIp !== end.client.ip) this.client = { ip: forwarded.clientIp, port: 0 };
    this.scheme = forwarded.scheme;
    if (!this.service.writesForwarded) return;
    request.set('X-Forwarded-For', forwarded.forValue);
    request.set('X-Forwarded-Proto', forwarded.protoValue);
    request.set('X-Forwarded-Host', forwarded.hostValue);
    if (forwarded.portValue !== '') request.set('X-Forwarded-Port', forwarded.portValue);
  }

  /** The X-Forwarded fields for the server, as complete lines. */
  protected forwardedLines(): string {
    if (!this.service.writesForwarded) return '';
    const { request, end } = this;
    if (!request.isAddedTo) return end.forwardedFor(request.authority);
    // A rule, or a trusted proxy before us, may have said something else, which then stands.
    let lines = '';
    if (request.get('x-forwarded-for') === undefined) lines += `X-Forwarded-For: ${forwardedHop(end.client.ip)}\r\n`;
    if (request.get('x-forwarded-proto') === undefined) lines += `X-Forwarded-Proto: ${this.scheme}\r\n`;
    if (request.get('x-forwarded-host') === undefined) lines += `X-Forwarded-Host: ${request.authority}\r\n`;
    if (end.listener.localPort !== 0 && request.get('x-forwarded-port') === undefined)
      lines += `X-Forwarded-Port: ${end.listener.localPort}\r\n`;
    return lines;
  }

  /** The deadlines of the client's side, once a route is known its own. */
  get bodyTimeouts(): BodyTimeouts {
    return this.route === null ? this.service.bodyTimeouts : this.route.destination.body;
  }

  /** Milliseconds since the request's first byte. */
  get elapsedMs(): number {
    return nowMs() - this.startMs;
  }

  get method(): string {
    return this.request.method;
  }
  get peerIp(): string {
    return this.end.peerIp;
  }
  get listener(): ListenerInfo {
    return this.end.listener;
  }
  get tls(): TlsInfo | null {
    return this.end.tls;
  }
  get host(): string {
    this.hostText ??= hostOf(this.request.authority);
    return this.hostText;
  }
  get id(): string {
    if (this.idText === '') this.idText = randomBytes(16).toString('hex');
    return this.idText;
  }
  get upstreamName(): string {
    return this.link === null ? '' : this.link.upstream.name;
  }
  get serverName(): string {
    return this.server === null ? '' : this.server.name;
  }
  get serverAddress(): string {
    return this.server === null ? '' : this.server.addressText;
  }
  get receivedTarget(): string {
    return this.firstTarget === '' ? this.request.target : this.firstTarget;
  }
  get isRetargeted(): boolean {
    return this.firstTarget !== '';
  }
  get receivedMethod(): string {
    return this.firstMethod === '' ? this.request.method : this.firstMethod;
  }
  readMap(name: string): string {
    return this.service.maps.get(name)?.read(this) ?? '';
  }
  getVariable(name: string): string {
    return this.variables?.get(name) ?? '';
  }
  setVariable(name: string, value: string): void {
    this.variables ??= new Map();
    this.variables.set(name, value);
  }
}

/** All lines of a field as one list, or undefined if there is none. */
function joined(request: RequestHead, name: string): string | undefined {
  const values = request.getAll(name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** The authority's host in lower case, without port and without the dot that ends an absolute name. */
function hostOf(authority: string): string {
  const host = authority.toLowerCase();
  const bracket = host.lastIndexOf(']');
  const colon = host.indexOf(':', Math.max(0, bracket));
  return withoutLastDot(colon < 0 ? host : host.slice(0, colon));
}
