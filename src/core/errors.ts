// The catalogue of everything that can go wrong with an exchange, a tunnel or a connection: who failed, in
// which phase, whether repeating is safe, and what the client gets. It creates no exceptions: on the data path
// a fault is a value that is passed along, logged by its code, and never thrown.

/** Whose doing it was. `us` is Limpet itself: a limit, a shutdown, a configured refusal. */
export type FaultSource = 'client' | 'upstream' | 'us';

/** How far the exchange had come. */
export type FaultPhase = 'request' | 'select' | 'connect' | 'head' | 'body' | 'tunnel';

/** Whether the same request may go to a server once more. `if-reused-and-silent`: only if it went on a reused connection on which not a byte of an answer had come. */
export type Repeat = 'never' | 'if-reused-and-silent' | 'always';

/** One thing that can go wrong. `status` is what the client gets while no response has begun; 0: nothing can be sent. */
export interface Fault {
  readonly code: string;
  readonly source: FaultSource;
  readonly phase: FaultPhase;
  readonly repeat: Repeat;
  readonly status: number;
  readonly meaning: string;
}

function fault(code: string, source: FaultSource, phase: FaultPhase, status: number, repeat: Repeat, meaning: string): Fault {
  return { code, source, phase, repeat, status, meaning };
}

export const faults = {
  // The client's request cannot be read, or is not allowed.
  badRequestLine: fault('bad-request-line', 'client', 'request', 400, 'never', 'The request line is not METHOD SP TARGET SP HTTP/1.x.'),
  badVersion: fault('bad-version', 'client', 'request', 505, 'never', 'The major HTTP version is not 1.'),
  badMethod: fault('bad-method', 'client', 'request', 400, 'never', 'The method is not a token.'),
  badTarget: fault('bad-target', 'client', 'request', 400, 'never', 'The request target is malformed, or hides dot segments.'),
  targetTooLong: fault('target-too-long', 'client', 'request', 414, 'never', 'The request target is longer than limits.target.'),
  headTooLarge: fault(
    'head-too-large',
    'client',
    'request',
    431,
    'never',
    'The request head is larger than limits.head or has more than limits.fields fields.',
  ),
  badField: fault('bad-field', 'client', 'request', 400, 'never', 'A field line of the request is malformed.'),
  badHost: fault('bad-host', 'client', 'request', 400, 'never', 'Host is missing, repeated or malformed.'),
  badFraming: fault(
    'bad-framing',
    'client',
    'request',
    400,
    'never',
    'Content-Length and Transfer-Encoding do not give one reading of the body.',
  ),
  unknownCoding: fault('unknown-coding', 'client', 'request', 501, 'never', 'The request uses a transfer coding other than chunked.'),
  refusedCoding: fault(
    'refused-coding',
    'client',
    'request',
    422,
    'never',
    'The request uses a transfer coding before chunked that this listener does not take.',
  ),
  badChunk: fault('bad-chunk', 'client', 'body', 400, 'never', 'The chunked framing of the request is malformed.'),
  badExpectation: fault('bad-expectation', 'client', 'request', 417, 'never', 'Expect names something other than 100-continue.'),
  bodyTooLarge: fault('body-too-large', 'client', 'body', 413, 'never', 'The request body is larger than limits.body.'),
  upgradeWithBody: fault('upgrade-with-body', 'client', 'request', 400, 'never', 'The request asks for an upgrade and has a body.'),
  methodNotAllowed: fault(
    'method-not-allowed',
    'client',
    'request',
    405,
    'never',
    'CONNECT on a listener that has no tunnel route, or TRACE under the profile nginx.',
  ),
  requestTimeout: fault(
    'request-timeout',
    'client',
    'request',
    408,
    'never',
    'The request head did not arrive within timeouts.requestHead.',
  ),
  requestBodyTimeout: fault(
    'request-body-timeout',
    'client',
    'body',
    408,
    'never',
    'No byte of the request body came for timeouts.requestBody.',
  ),
  clientGone: fault('client-gone', 'client', 'head', 0, 'never', 'The client closed before the response was complete.'),
  clientStalled: fault('client-stalled', 'client', 'body', 0, 'never', 'The client took no byte of the response for timeouts.send.'),
  badProxyHeader: fault(
    'bad-proxy-header',
    'client',
    'request',
    0,
    'never',
    'The connection did not begin with a valid PROXY protocol header.',
  ),
  untrustedProxyHeader: fault(
    'untrusted-proxy-header',
    'client',
    'request',
    0,
    'never',
    'The source of the connection may not send a PROXY protocol header.',
  ),
  tlsHandshake: fault('tls-handshake', 'client', 'request', 0, 'never', 'The TLS handshake with the client failed.'),
  plainOnTls: fault('plain-on-tls', 'client', 'request', 400, 'never', 'A plain HTTP request came to a TLS listener.'),

  // No server could be asked, or Limpet refuses.
  noRoute: fault('no-route', 'us', 'select', 404, 'never', 'No route of the listener matches the request.'),
  denied: fault('denied', 'us', 'select', 403, 'never', 'A rule denied the request.'),
  closedByRule: fault('closed-by-rule', 'us', 'select', 0, 'never', 'A rule closed the connection without an answer.'),
  routingLoop: fault('routing-loop', 'us', 'select', 500, 'never', 'The rules had the exchange routed again too often.'),
  noServer: fault('no-server', 'us', 'select', 503, 'never', 'No server of the upstream takes the request.'),
  serversFull: fault('servers-full', 'us', 'select', 503, 'never', 'Every server of the upstream is at its maxConnections.'),
  stickyServerDown: fault(
    'sticky-server-down',
    'us',
    'select',
    503,
    'never',
    'The server that the client is bound to is down, and the sticky policy is strict.',
  ),
  tooManyConnections: fault(
    'too-many-connections',
    'us',
    'request',
    503,
    'never',
    'The listener or the process is at its connection limit.',
  ),
  shuttingDown: fault('shutting-down', 'us', 'head', 503, 'never', 'Limpet is shutting down and the deadline has passed.'),
  takenOut: fault(
    'taken-out',
    'us',
    'head',
    503,
    'never',
    'The server or the listener was taken out of the config, and drainTimeout has passed.',
  ),
  internal: fault('internal', 'us', 'request', 500, 'never', 'A defect in Limpet; the error log has the details.'),

  // A server failed.
  connectRefused: fault('connect-refused', 'upstream', 'connect', 502, 'always', 'The server refused the connection.'),
  connectTimeout: fault(
    'connect-timeout',
    'upstream',
    'connect',
    504,
    'always',
    'The server did not accept the connection within timeouts.connect.',
  ),
  connectFailed: fault(
    'connect-failed',
    'upstream',
    'connect',
    502,
    'always',
    'The connection to the server failed for another reason, such as an unreachable network or a name that does not resolve.',
  ),
  serverClosed: fault(
    'server-closed',
    'upstream',
    'head',
    502,
    'if-reused-and-silent',
    'The server closed the connection before its response head was complete.',
  ),
  headTimeout: fault('head-timeout', 'upstream', 'head', 504, 'never', 'The server sent no response head within timeouts.responseHead.'),
  badResponseHead: fault('bad-response-head', 'upstream', 'head', 502, 'never', 'The response head is malformed or too large.'),
  badResponseFraming: fault(
    'bad-response-framing',
    'upstream',
    'head',
    502,
    'never',
    'The response does not give one reading of its body.',
  ),
  tooManyInformational: fault('too-many-informational', 'upstream', 'head', 502, 'never', 'The server sent too many 1xx responses.'),
  unaskedUpgrade: fault(
    'unasked-upgrade',
    'upstream',
    'head',
    502,
    'never',
    'The server answered 101 to a request that asked for no upgrade, or for another one.',
  ),
  badResponseChunk: fault('bad-response-chunk', 'upstream', 'body', 0, 'never', 'The chunked framing of the response is malformed.'),
  responseCut: fault('response-cut', 'upstream', 'body', 0, 'never', 'The server closed before its response was complete.'),
  responseBodyTimeout: fault(
    'response-body-timeout',
    'upstream',
    'body',
    0,
    'never',
    'The server sent no byte of its response body for timeouts.responseBody.',
  ),

  // A tunnel ended otherwise than by both sides closing.
  tunnelIdle: fault('tunnel-idle', 'us', 'tunnel', 0, 'never', 'No byte passed through the tunnel for timeouts.tunnelIdle.'),
  tunnelHalfClosed: fault(
    'tunnel-half-closed',
    'us',
    'tunnel',
    0,
    'never',
    'One side of the tunnel closed and the other did not follow within timeouts.halfClosed.',
  ),
  tunnelReset: fault('tunnel-reset', 'upstream', 'tunnel', 0, 'never', 'The server reset the tunnel.'),
  tunnelClientReset: fault('tunnel-client-reset', 'client', 'tunnel', 0, 'never', 'The client reset the tunnel.'),
} as const satisfies Record<string, Fault>;
