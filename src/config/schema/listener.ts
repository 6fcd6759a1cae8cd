// A listener: its address, mode, TLS, PROXY protocol, trust, limits and routes.
import * as z from 'zod';
import { connectionRuleSchema } from './connection-rule.js';
import { editsSchema } from './edits.js';
import { errorPagesSchema } from './error-pages.js';
import { limitsSchema, timeoutsSchema } from './limits.js';
import { routeSchema } from './route.js';
import { lastRuleSchema, responseRuleSchema, ruleSchema } from './rule.js';
import { duration, flag, listenAddress, network, orNull, socketMode, text, upstreamName, wholeNumber } from './scalar.js';

import { toServerSchema } from './to-server.js';

const tlsVersion = () => z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);

const certificateSchema = z
  .strictObject({
    cert: text('certs/site.crt').describe('File with the certificate in PEM, followed by its intermediate certificates.'),
    key: text('certs/site.key').describe('File with the private key in PEM, not encrypted.'),
  })
  .meta({
    id: 'Certificate',
    title: 'Certificate',
    description: 'A certificate and its key. It is used for the host names that it is made out for.',
  });

const tlsSchema = z
  .strictObject({
    certificates: z
      .array(certificateSchema)
      .min(1, { error: 'is empty; write at least one { "cert": …, "key": … } instead' })
      .meta({ examples: [[{ cert: 'certs/site.crt', key: 'certs/site.key' }]] })
      .describe('The certificates. The client names the host (SNI) and gets the one for it; the first is for everyone else.'),
    minVersion: tlsVersion().prefault('TLSv1.2').describe('The oldest version that is spoken.'),
    maxVersion: tlsVersion().prefault('TLSv1.3').describe('The newest version that is spoken.'),
    ciphers: orNull(text('ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256')).describe(
      'Ciphers in OpenSSL notation, best first, separated by colons. Names beginning with TLS_ are the suites of TLS 1.3. Absent: a list that puts AES-128-GCM first, because it costs least.',
    ),
    curves: orNull(text('X25519:P-256')).describe(
      "Curves for the key exchange, best first, separated by colons. Absent: OpenSSL's choice.",
    ),
    preferServerCiphers: flag().prefault(true).describe("Whether our order of ciphers wins over the client's."),
    sessionTimeout: duration().prefault('5m').describe('How long a session can be resumed without a full handshake.'),
    tickets: flag().prefault(true).describe('Whether sessions are resumed by tickets that the client keeps.'),
    handshakeTimeout: duration().prefault('10s').describe('How long a handshake may take.'),
  })
  .meta({ id: 'Tls', title: 'TLS', description: 'TLS is terminated at this listener; servers are spoken to in plain.' });

const proxyProtocolSchema = z
  .strictObject({
    from: z
      .array(network())
      .min(1, { error: 'is empty; write the networks of your load balancer, such as ["10.0.0.0/8"], instead' })
      .meta({ examples: [['10.0.0.0/8']] })
      .describe('Who may send it. A connection from elsewhere is closed.'),
    timeout: duration().prefault('5s').describe('How long the header may take to arrive.'),
  })
  .meta({
    id: 'ProxyProtocol',
    title: 'PROXY protocol',
    description:
      "Every connection must begin with a PROXY protocol header (v1 or v2), which gives the client's address. It comes before TLS.",
  });

export const listenerSchema = z
  .strictObject({
    address: listenAddress().describe(
      'Where to listen: "127.0.0.1:8080", "[::1]:8080", ":8080" (every interface) or "unix:/path". Port 0 lets the system choose. Or a socket that the program is started with: "fd:3", or "systemd:NAME" for those that systemd passes under the name.',
    ),
    socketMode: orNull(socketMode()).describe(
      "A unix socket's permissions in octal; who may write to it may connect. Absent: as the umask leaves them.",
    ),
    mode: z.enum(['http', 'tcp']).prefault('http').describe('"http" reads requests; "tcp" passes bytes, balanced once per connection.'),
    upstream: orNull(upstreamName()).describe('Where everything goes. It stands for one route to it.'),
    routes: z
      .array(routeSchema)
      .min(1, { error: 'is empty; write at least one route, such as { "upstream": "app" }, instead' })
      .optional()
      .describe(
        'The routes, tried in order; the first that matches wins. A request that none matches is answered with 404. In tcp mode routes ask for "client", "tls" and "test", and lead to an "upstream" or to "deny"; a connection that none matches is closed.',
      ),
    connectionRules: z
      .array(connectionRuleSchema)
      .prefault([])
      .describe('Which connections are taken, by what is known of them after the PROXY protocol and before TLS.'),
    tls: orNull(tlsSchema).describe('TLS termination; absent: plain.'),
    proxyProtocol: orNull(proxyProtocolSchema).describe(
      'PROXY protocol from a load balancer in front; absent: connections must not begin with it.',
    ),
    trustedProxies: z
      .array(network())
      .prefault([])
      .describe('Proxies in front whose X-Forwarded-* fields are believed. Those of everyone else are replaced.'),
    forwarded: flag().prefault(true).describe('Whether servers get X-Forwarded-For, -Proto, -Host and -Port.'),
    maxConnections: orNull(wholeNumber({ min: 1 })).describe(
      'The most client connections at this listener, over all workers; absent: no limit of its own.',
    ),
    limits: limitsSchema.prefault({}).describe('What a message may measure.'),
    timeouts: timeoutsSchema.prefault({}).describe('A deadline for each phase.'),
    errorPages: errorPagesSchema.prefault([]).describe('Answers in place of refusals, where a route has none of its own.'),
    toServer: toServerSchema.prefault({}).describe('How requests go to servers, where a route does not say otherwise.'),
    abortOnClose: flag()
      .prefault(true)
      .describe('Whether an exchange is given up when its client closes while it waits. With false the server may finish.'),
    profile: z
      .enum(['strict', 'nginx', 'haproxy'])
      .prefault('strict')
      .describe(
        'How doubtful bytes are read: strictly, or as that program reads them. Whichever it is, what goes on is written anew with one reading.',
      ),
    rules: z.array(ruleSchema).prefault([]).describe('Rules that are run in order on every request, before "request".'),
    responseRules: z.array(responseRuleSchema).prefault([]).describe('Rules that are run on every response head, after "response".'),
    lastRules: z
      .array(lastRuleSchema)
      .prefault([])
      .describe('Rules that are run on every response head behind all else, sticky cookies too.'),
    request: editsSchema.prefault({}).describe("Changes to every request head, before the route's."),
    response: editsSchema.prefault({}).describe("Changes to every response head, after the route's."),
  })
  .meta({ id: 'Listener', title: 'Listener', description: 'An address that clients connect to.' });

/** A listener's TLS as it is written. */
export type TlsConfig = z.output<typeof tlsSchema>;
