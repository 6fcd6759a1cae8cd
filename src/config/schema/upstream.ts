// An upstream: its servers, how one is chosen, how clients stick, and when a server counts as down.
import * as z from 'zod';
import { nearestName } from '../../core/nearest-name.js';
import { formatAddress } from '../../net/address.js';
import { editsSchema } from './edits.js';
import { duration, flag, orNull, serverAddress, show, size, text, token, valueText, wholeNumber } from './scalar.js';

const passiveHealthSchema = z
  .strictObject({
    failures: wholeNumber({ min: 1, max: 1000 }).prefault(3).describe('So many failures …'),
    window: duration().prefault('10s').describe('… within this time take a server out …'),
    downFor: duration().prefault('10s').describe('… for this long.'),
  })
  .meta({
    id: 'PassiveHealth',
    title: 'Passive health',
    description:
      'A failure is a connection that cannot be made, or one that the server closes without an answer while it answers nobody else. A response is none, whatever its status. A lone server is never taken out.',
  });

const healthSchema = z
  .strictObject({
    passive: z
      .union([z.literal('off').transform(() => null), passiveHealthSchema], {
        error: (issue) => `cannot be ${show(issue.input)}; write "off" or an object such as { "failures": 3 } instead`,
      })
      .prefault({})
      .describe('Watches the exchanges themselves. "off": servers are never taken out.'),
  })
  .meta({ id: 'Health', title: 'Health', description: 'When a server counts as down.' });

const serverSchema = z
  .strictObject({
    name: orNull(
      z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, {
        error: (issue) => `${show(issue.input)} cannot be a server's name; write printable characters without spaces and quotes instead`,
      }),
    ).describe(
      'The name in logs and metrics, and what sticky cookies are made from: keep it when the address changes. Absent: the address as it is written.',
    ),
    address: serverAddress().describe('Where the server listens: "127.0.0.1:3000", "[::1]:3000", "app.example:3000" or "unix:/path".'),
    weight: wholeNumber({ min: 1, max: 1000 }).prefault(1).describe('Its share of new sessions compared with the others.'),
    backup: flag().prefault(false).describe('Takes new sessions only while no other server does.'),
    route: orNull(
      z.string().regex(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,128}$/, {
        error: (issue) =>
          `${show(issue.input)} cannot stand in a cookie; write what the server puts behind the dot, such as "jvm1", instead`,
      }),
    ).describe(
      'What stands behind a dot at the end of its sessions, such as the jvmRoute of a Tomcat; absent: its name. For "app-cookie" and "route".',
    ),
    cookie: orNull(
      z.string().regex(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7d]{0,128}$/, {
        error: (issue) => `${show(issue.input)} cannot stand in a cookie; write letters and digits, such as "s1", instead`,
      }),
    ).describe(
      'What names it in the sticky cookie; absent: a value made from its name, or in the modes "rewrite" and "prefix" the name. Empty: it binds nobody.',
    ),
    maxConnections: orNull(wholeNumber({ min: 1 })).describe(
      'The most exchanges and tunnels at a time, over all workers; absent: no limit.',
    ),
    health: orNull(healthSchema).describe('When it counts as down; absent: as the upstream says.'),
    admin: z
      .enum(['ready', 'drain', 'maintenance'])
      .prefault('ready')
      .describe('"drain": takes no new sessions, keeps those it has. "maintenance": takes none.'),
  })
  .meta({ id: 'Server', title: 'Server', description: 'One member of an upstream. Its address alone, as a text, will do.' });

const serverByAddress = serverAddress().transform((parsed) => ({
  name: null,
  address: parsed,
  route: null,
  cookie: null,
  weight: 1,
  backup: false,
  maxConnections: null,
  health: null,
  admin: 'ready' as const,
}));

const strict = flag()
  .prefault(false)
  .describe('What a client gets whose server is down. false: another server. true: 503 until its server is back.');

const learned = {
  maxSessions: wholeNumber({ min: 8, max: 16_000_000 })
    .prefault(1_000_000)
    .describe(
      'How many sessions are kept, over all workers; beyond it the least recently used goes. An eighth is for those that no server has confirmed yet. About 41 bytes each.',
    ),
  idleTimeout: duration({ minMs: 1000 }).prefault('1h').describe('A session that is not used for so long is forgotten.'),
  strict,
};

const stickySourceSchema = z
  .strictObject({
    policy: z.enum(['source']).describe("The client's address. The only policy for tcp listeners."),
    ipv4Prefix: wholeNumber({ min: 1, max: 32 }).prefault(32).describe('How many bits of an IPv4 address tell one client from another.'),
    ipv6Prefix: wholeNumber({ min: 1, max: 128 })
      .prefault(64)
      .describe('The same for IPv6, where one client often has a whole /64 and changes addresses within it.'),
    ...learned,
  })
  .meta({ id: 'StickySource', title: 'Sticky by source', description: 'All that comes from one address goes to one server.' });

const stickyAppCookieSchema = z
  .strictObject({
    policy: z.enum(['app-cookie']).describe("The application's own session cookie, and the path parameter of the same name."),
    name: token("a cookie's name", 'JSESSIONID').prefault('JSESSIONID').describe('The name of the cookie.'),
    ...learned,
  })
  .meta({
    id: 'StickyAppCookie',
    title: 'Sticky by the cookie of the application',
    description: 'A session goes to the server that its route names (jvmRoute), and else to the one that has set it.',
  });

const stickyRouteSchema = z
  .strictObject({
    policy: z.enum(['route']).describe("Something in the request names the server's route."),
    from: z
      .array(valueText())
      .min(1, { error: 'is empty; write at least one Value, such as "${cookie.route}", instead' })
      .meta({ examples: [['${cookie.route}', '${query.route}']] })
      .describe('Values, of which the first that is not empty counts.'),
    strict,
  })
  .meta({
    id: 'StickyRoute',
    title: 'Sticky by route',
    description: 'A request goes to the server whose route it names. Limpet sets nothing and stores nothing.',
  });

const stickyCookieSchema = z
  .strictObject({
    policy: z.enum(['cookie']).describe('A cookie of our own names the server.'),
    name: token("a cookie's name", 'route').prefault('route').describe('The name of the cookie.'),
    secret: orNull(text('a long random text')).describe(
      "Signs the cookie (HMAC-SHA256), so that nobody can make up another server's. Keep it the same on all machines.",
    ),
    path: z
      .string()
      .regex(/^\/[^;\s]*$/, { error: (issue) => `cannot be ${show(issue.input)}; write "/" instead` })
      .prefault('/')
      .describe("The cookie's Path."),
    domain: orNull(
      z.string().regex(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)*$/i, {
        error: (issue) => `cannot be ${show(issue.input)}; write a host name such as "app.example" instead`,
      }),
    ).describe("The cookie's Domain; absent: the host that was asked."),
    secure: z
      .union([z.boolean(), z.literal('auto')], { error: (issue) => `cannot be ${show(issue.input)}; write true, false or "auto" instead` })
      .prefault('auto')
      .describe('Whether the cookie is only for https. "auto": when the client came over TLS. sameSite "none" and partitioned imply it.'),
    httpOnly: flag().prefault(true).describe('Whether scripts in the page are kept from reading the cookie.'),
    sameSite: orNull(z.enum(['lax', 'strict', 'none'])).describe(
      'The cookie\'s SameSite; absent: not sent, and browsers take it as lax. In an iframe on another site it has to be "none", which implies Secure.',
    ),
    partitioned: flag().prefault(false).describe('Whether the cookie is kept apart for each embedding site (CHIPS). Implies Secure.'),
    maxAge: orNull(duration({ minMs: 1000, maxMs: 3650 * 86_400_000 })).describe(
      'How long the cookie lives; absent: as long as the browser runs.',
    ),
    mode: z
      .enum(['insert', 'rewrite', 'prefix'])
      .prefault('insert')
      .describe(
        '"insert": Limpet sets the cookie. "rewrite": a server sets it, and its value is replaced by what names the server. "prefix": that is put before the value, with "~" between, and taken away again from requests.',
      ),
    indirect: flag()
      .prefault(false)
      .describe('Whether the cookie is taken out of requests, so that servers do not see it. Not for "prefix".'),
    noCache: flag().prefault(true).describe('Whether a response that sets the cookie is kept out of shared caches.'),
    preserve: orNull(flag()).describe(
      'A cookie of the same name that a server sets itself: true: it goes to the client instead of ours; false: it is taken out; absent: it goes along. For "insert".',
    ),
    attributes: z
      .array(
        z.string().regex(/^[\x20-\x3a\x3c-\x7e]+$/, {
          error: (issue) => `${show(issue.input)} cannot be an attribute; write one such as "SameSite=Lax" instead`,
        }),
      )
      .prefault([])
      .describe('Attributes that are added to the cookie as they are written.'),
    strict,
  })
  .meta({ id: 'StickyCookie', title: 'Sticky by cookie', description: 'A cookie that Limpet sets. Nothing is stored.' });

const stickySchema = z.discriminatedUnion('policy', [stickyCookieSchema, stickySourceSchema, stickyAppCookieSchema, stickyRouteSchema]);

const connectionPoolSchema = z
  .strictObject({
    maxIdle: wholeNumber({ min: 0, max: 100_000 })
      .prefault(64)
      .describe(
        'The most idle connections kept to each server, per worker; more than that are closed when nobody has wanted them for a second. 0: a new connection for each exchange.',
      ),
    idleTimeout: duration()
      .prefault('55s')
      .describe('How long an idle connection is kept. A shorter Keep-Alive timeout that the server announces is honoured, less a second.'),
  })
  .meta({ id: 'ConnectionPool', title: 'Connection pool', description: 'The idle connections to each server.' });

const retriesSchema = z
  .strictObject({
    attempts: wholeNumber({ min: 1, max: 100 }).prefault(3).describe('How many servers are tried in all.'),
    bound: wholeNumber({ min: 1, max: 100 })
      .prefault(3)
      .describe('How often the server that a client is bound to is tried before the client is bound to another.'),
    pause: duration({ minMs: 0, maxMs: 60_000 }).prefault('100ms').describe('The wait between two tries of the same server.'),
    replay: size({ maxBytes: 16 * 1024 ** 2 })
      .prefault('64KiB')
      .describe('How much of a request body is kept so that it can be sent again.'),
    methods: z
      .array(token('a method', 'GET'))
      .prefault(['GET', 'HEAD', 'OPTIONS'])
      .describe(
        'Methods that may be sent again after a server has had the request, if it closed a reused connection without a byte of an answer, or failed in one of the ways under "on". What never reached a server is always tried again.',
      ),
    on: z
      .array(z.enum(['closed', 'timeout', 'bad-head']))
      .prefault([])
      .describe(
        'What else sends a request on to the next server, where its method is one of "methods", and speaks against the server. "closed": it closed the connection before its response head was complete. "timeout": no head came within timeouts.responseHead. "bad-head": the head was malformed. The server may have done what was asked by then.',
      ),
  })
  .meta({ id: 'Retries', title: 'Retries', description: 'When a server fails before it has answered.' });

const balanceSchema = z.discriminatedUnion('by', [
  z
    .strictObject({
      by: z.enum(['hash']).describe('The same text goes to the same server as long as the servers stay the same.'),
      key: valueText()
        .meta({ examples: ['${path}'] })
        .describe('The text, with Values. Where it is empty, servers take turns. In tcp mode it can be "${client.ip}" alone.'),
      over: z
        .enum(['slots', 'rehash', 'ring'])
        .prefault('slots')
        .describe(
          'What the hash is laid over. "slots": the servers that may be chosen now, so that most texts move when one goes. "rehash": all servers; the texts of one that is away are drawn again among the others. "ring": points of all servers on a ring, made from their names; when servers are added or taken out, only few texts move.',
        ),
      hash: z
        .enum(['sdbm', 'djb2', 'crc32'])
        .prefault('sdbm')
        .describe('For "slots": which hash, by the names that HAProxy has for them. The others have their own.'),
      mix: flag()
        .prefault(false)
        .describe(
          'For "slots": whether the hash is hashed once more, so that texts which differ little are spread: HAProxy\'s "avalanche".',
        ),
    })
    .meta({ id: 'BalanceHash', title: 'Balance by hash', description: 'A hash of a text says which server.' }),
  z
    .strictObject({
      by: z.enum(['random']).describe('Some servers are drawn, each as likely as its weight.'),
      draws: wholeNumber({ min: 1, max: 100 }).prefault(2).describe('How many are drawn; the one with the least load is taken.'),
    })
    .meta({ id: 'BalanceRandom', title: 'Balance at random', description: 'The least loaded of some that are drawn.' }),
]);

export const upstreamSchema = z
  .strictObject({
    servers: z
      .array(
        z.union([serverByAddress, serverSchema], {
          error: (issue) =>
            `cannot be ${show(issue.input)}; write an address such as "127.0.0.1:3000" or { "address": "127.0.0.1:3000" } instead`,
        }),
      )
      .min(1, { error: 'is empty; write at least one server, such as "127.0.0.1:3000", instead' })
      .meta({ defaultSnippets: [{ body: ['127.0.0.1:3000'] }] })
      .transform((servers) => servers.map((server) => ({ ...server, name: server.name ?? formatAddress(server.address) })))
      .describe('The servers: addresses, or objects with an address and more.'),
    balance: z
      .union([z.enum(['round-robin', 'static-round-robin', 'least-connections', 'source', 'first', 'random']), balanceSchema], {
        error: (issue) => {
          const names = ['round-robin', 'static-round-robin', 'least-connections', 'source', 'first', 'random'];
          const meant = typeof issue.input === 'string' ? nearestName(issue.input, names) : null;
          return `cannot be ${show(issue.input)}; write ${meant === null ? names.map((name) => `"${name}"`).join(', ') : `"${meant}"`} or an object such as { "by": "hash", "key": "\${path}" } instead`;
        },
      })
      .prefault('round-robin')
      .describe(
        'How a server is chosen for a client that is bound to none. All but "first", the first that has room, heed weights. "static-round-robin" keeps to an order laid out once; "source" goes by a hash of the client\'s address; "random" draws two and takes the one with less load.',
      ),
    sticky: orNull(stickySchema).describe('How clients stick to their server; absent: they do not.'),
    proxyProtocol: orNull(z.enum(['v1', 'v2'])).describe(
      'The PROXY protocol version that servers get at the start of each connection; absent: none. Connections are then shared only by exchanges of one client.',
    ),
    health: healthSchema.prefault({}).describe('When a server counts as down.'),
    connectionPool: connectionPoolSchema.prefault({}).describe('The idle connections to each server.'),
    retries: retriesSchema.prefault({}).describe('When a server fails before it has answered.'),
    request: editsSchema.prefault({}).describe("Changes to the request head, after the route's."),
    response: editsSchema.prefault({}).describe("Changes to the response head, before the route's."),
  })
  .meta({ id: 'Upstream', title: 'Upstream', description: 'A group of servers that do the same job.' });

/** An upstream: durations in milliseconds, sizes in bytes, addresses parsed. */
export type UpstreamConfig = z.output<typeof upstreamSchema>;
export type ServerConfig = UpstreamConfig['servers'][number];
export type StickyConfig = z.output<typeof stickySchema>;
