// What conditions can ask of a connection before anything of its protocol has been read: addresses, and TLS once that is
// there. It looks like an exchange that nothing has been said in; what is checked when a config loads asks for no more.
import type { ClientInfo, ExchangeView, ListenerInfo, TlsInfo } from '../route/exchange-view.js';
import { Http1RequestHead } from '../wire/http1-request-head.js';

/** Nobody writes to it. */
const nothingAsked = new Http1RequestHead();

export class ConnectionFacts implements ExchangeView {
  readonly scheme: 'http' | 'https';
  readonly request = nothingAsked;
  readonly response = null;
  readonly hasServerResponse = false;
  readonly host = '';
  readonly path = '';
  readonly query = '';
  readonly id = '';
  readonly upstreamName = '';
  readonly serverName = '';
  readonly serverAddress = '';
  readonly receivedTarget = '';
  readonly receivedMethod = '';
  readonly isRetargeted = false;
  captures: RegExpExecArray | null = null;

  /** `tls` is null on a plain connection, and before the handshake. */
  constructor(
    readonly client: ClientInfo,
    readonly peerIp: string,
    readonly listener: ListenerInfo,
    readonly tls: TlsInfo | null,
  ) {
    this.scheme = tls === null ? 'http' : 'https';
  }

  readMap(): string {
    return '';
  }

  getVariable(): string {
    return '';
  }

  setVariable(): void {}
}
