// What the access log is told of one exchange, tunnel or TCP connection when it has ended. Plain data, no behaviour.

/** How the exchange came to its server: without stickiness, by the client's binding, by its first, or by one made anew. */
export type Binding = '-' | 'bound' | 'new' | 'rebound';

/**
 * One object is filled again and again by whoever logs; the log keeps nothing of it. Every field has its value for "nothing" from the
 * start, and {@link reset} restores them all.
 */
export class AccessRecord {
  /** Milliseconds since the epoch when the exchange ended, which is when it is logged. */
  timeMs = 0;
  /** An IP address, or '' for a unix socket. Anything else has no place here: it is written as it is. */
  clientIp = '';
  /** '' for a TCP connection. */
  method = '';
  /** As the client sent it. */
  target = '';
  /** 10, 11, 20; 0 for a TCP connection. */
  httpVersion = 0;
  /** The authority of the request. */
  host = '';
  /** What the client got; 0 when it got nothing. */
  status = 0;
  /** Bytes of body (of the tunnel) to the client. */
  bytesSent = 0;
  /** Bytes of body (of the tunnel) from the client. */
  bytesReceived = 0;
  referer = '';
  userAgent = '';
  listener = '';
  upstream = '';
  /** Name of the server that the last attempt went to. */
  server = '';
  serverAddress = '';
  binding: Binding = '-';
  attempts = 0;
  /** Milliseconds to connect to the server; -1: no connection was made, 0: one was reused. */
  connectMs = -1;
  /** Milliseconds from the request's head to the response's; -1: there was none from a server. */
  headMs = -1;
  /** Milliseconds from the request's first byte to the end. */
  totalMs = 0;
  scheme: 'http' | 'https' | 'tcp' = 'http';
  /** Protocol of the client's TLS connection, such as "TLSv1.3"; '' without TLS. */
  tlsProtocol = '';
  /** Code of the fault that ended it, from core/errors.ts; '' if none. */
  fault = '';

  reset(): void {
    this.timeMs = 0;
    this.clientIp = '';
    this.method = '';
    this.target = '';
    this.httpVersion = 0;
    this.host = '';
    this.status = 0;
    this.bytesSent = 0;
    this.bytesReceived = 0;
    this.referer = '';
    this.userAgent = '';
    this.listener = '';
    this.upstream = '';
    this.server = '';
    this.serverAddress = '';
    this.binding = '-';
    this.attempts = 0;
    this.connectMs = -1;
    this.headMs = -1;
    this.totalMs = 0;
    this.scheme = 'http';
    this.tlsProtocol = '';
    this.fault = '';
  }
}
