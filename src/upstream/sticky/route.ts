// The sticky policy "route": some Value of the request, which the application has seen to, names the route of a server. Limpet
// tells nobody anything and stores nothing.
import { type Fault, faults } from '../../core/errors.js';
import type { ExchangeView } from '../../route/exchange-view.js';
import type { ResponseHead } from '../../wire/message-head.js';
import type { Binding } from '../binding.js';
import type { Server } from '../server.js';
import { type ConnectionView, type StickyFinding, type StickyPolicy, sessionKey } from './sticky-policy.js';

export interface RouteReader {
  read(x: ExchangeView): string;
}

export interface StickyRouteOptions {
  readonly policy: 'route';
  /** Asked in this order; the first that reads anything counts. */
  readonly readers: readonly RouteReader[];
  /** Of each server, in their order. */
  readonly routes: readonly string[];
  readonly isStrict: boolean;
}

export class StickyRoute implements StickyPolicy {
  readonly isForConnections = false;
  private readonly serverOfRoute: ReadonlyMap<string, Server>;
  private readonly readers: readonly RouteReader[];
  private readonly isStrict: boolean;

  constructor(servers: readonly Server[], { readers, routes, isStrict }: StickyRouteOptions) {
    this.serverOfRoute = new Map(servers.map((server, position) => [routes[position]!, server]));
    this.readers = readers;
    this.isStrict = isStrict;
  }

  find(x: ExchangeView | ConnectionView, finding: StickyFinding): void {
    if (x.request === null) return;
    for (let i = 0; i < this.readers.length; i++) {
      const route = this.readers[i]!.read(x);
      if (route === '') continue;
      finding.server = this.serverOfRoute.get(route) ?? null;
      finding.key = finding.server === null ? sessionKey.unknown : sessionKey.known;
      return;
    }
  }

  lost(): Fault | null {
    return this.isStrict ? faults.stickyServerDown : null;
  }

  givesSession(): boolean {
    return false;
  }

  claim(): boolean {
    return false;
  }

  onRequestHead(): void {}

  onResponseHead(_: ExchangeView, _head: ResponseHead, _server: Server, how: Binding): Binding {
    return how;
  }

  onConnected(): void {}
}
