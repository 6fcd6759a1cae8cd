// Files of HAProxy's language whose lines are sound by themselves and, many of them, not together.

interface Lines {
  readonly global?: readonly string[];
  readonly defaults?: readonly string[];
  readonly front?: readonly string[];
  readonly back?: readonly string[];
  /** Further sections. */
  readonly rest?: readonly string[];
}

const times = ['mode http', 'timeout connect 1s', 'timeout client 1s', 'timeout server 1s'];

function file({ global = [], defaults = [], front = [], back = ['server s 127.0.0.1:1'], rest = [] }: Lines): string {
  return [
    ['global', ...global],
    ['defaults base', ...times],
    ['defaults own from base', ...defaults],
    ['frontend f from own', 'bind 127.0.0.1:1', 'default_backend b', ...front],
    ['backend b from own', ...back],
  ]
    .map((section) => `${section.join('\n ')}\n`)
    .concat(rest.map((line) => `${line}\n`))
    .join('');
}

const backs = (...cases: (readonly string[])[]) => cases.map((back) => file({ back }));
const a = 'server a 127.0.0.1:1';
const b = 'server b 127.0.0.1:2';
const named = (...lines: string[]) => ['backend other from base', ...lines.map((line) => ` ${line}`)];

export const haproxyJointCases: readonly string[] = [
  // Checks in TLS.
  ...backs(
    [`${a} check-ssl`],
    [`${a} check-ssl verify none`],
    [`${a} check-ssl verify required`],
    [`${a} check-ssl verify none verify required`],
    [`${a} check-ssl no-check-ssl`],
    [`${a} no-check-ssl check-ssl`],
    [`${a} verify required`],
    [`${a} disabled check-ssl`],
    ['default-server check-ssl', a],
    ['default-server check-ssl'],
    ['default-server check-ssl', `${a} no-check-ssl`],
    ['default-server verify none', `${a} check-ssl`],
    ['default-server check-ssl', 'default-server verify none', a],
    ['tcp-check connect ssl', a],
    ['tcp-check connect ssl', `${a} verify none`],
    ['tcp-check connect comment ssl', a],
    ['http-check connect ssl', a],
    ['http-check connect ssl'],
  ),
  file({ global: ['ssl-server-verify none'], back: [`${a} check-ssl`] }),
  file({ global: ['ssl-server-verify none'], back: [`${a} check-ssl verify required`] }),
  file({ global: ['ssl-server-verify none', 'ssl-server-verify required'], back: [`${a} check-ssl`] }),
  file({ defaults: ['default-server check-ssl'] }),
  file({ defaults: ['tcp-check connect ssl'] }),
  file({ defaults: ['tcp-check connect ssl'], back: ['tcp-check connect', a] }),

  // A section that is disabled.
  ...['check-ssl', 'track none', 'resolvers r', 'agent-check', 'track o check', 'id 1 id 2'].map((settings) =>
    file({ rest: named('disabled', `server o 127.0.0.1:3 ${settings}`) }),
  ),

  // Servers that follow what becomes of others.
  ...backs(
    [`${a} track b`, `${b} check`],
    [`${a} track b/b`, `${b} check`],
    [`${a} track b`, b],
    [`${a} track b`, `${b} no-check`],
    [`${a} track b`, `${b} agent-check agent-port 1`],
    [`${a} track b`, `${b} check disabled`],
    [`${a} track c`, `${b} check`],
    [`${a} track /b`, `${b} check`],
    [`${a} track b/`, `${b} check`],
    [`${a} track f/b`, `${b} check`],
    [`${a} track a`],
    [`${a} track b`, `${b} track a`],
    [`${a} track b`, `${b} track c`, 'server c 127.0.0.1:3 check'],
    [`${a} track b`, `${b} track c`, 'server c 127.0.0.1:3'],
    [`${a} track b`, `${b} track c`, 'server c 127.0.0.1:3 track a'],
    [`${a} track b check`, `${b} check`],
    [`${a} track b check no-check`, `${b} check`],
    ['default-server check', `${a} track b`, b],
    ['default-server check', `${a} track b no-check`, b],
    ['default-server track b', a, `${b} check`],
    ['default-server track b'],
  ),
  file({ back: [`${a} track other/o`], rest: named('server o 127.0.0.1:3 check') }),
  file({ back: [`${a} track other/o`], rest: named('server o 127.0.0.1:3') }),
  file({ back: [`${a} track other/o`], rest: named('disabled', 'server o 127.0.0.1:3 check') }),
  file({ back: [`${a} track l/o`], rest: ['listen l from base', ' bind 127.0.0.1:9', ' server o 127.0.0.1:3 check'] }),

  // Agents.
  ...backs(
    [`${a} agent-check`],
    [`${a} agent-check agent-port 1`],
    [`${a} agent-port 1 agent-check`],
    [`${a} agent-check no-agent-check`],
    ['default-server agent-check', a],
    ['default-server agent-check'],
    ['default-server agent-port 1', `${a} agent-check`],
  ),

  // Resolvers.
  ...backs([`${a} resolvers r`], [`${a} resolvers default`], ['default-server resolvers r', a], ['default-server resolvers r']),
  file({ back: [`${a} resolvers r`], rest: ['resolvers r', ' nameserver n 127.0.0.1:53'] }),
  file({ global: ['httpclient.resolvers.id r'] }),
  file({ global: ['httpclient.resolvers.id r'], rest: ['resolvers r', ' nameserver n 127.0.0.1:53'] }),

  // Sections that lead to themselves.
  ...['use_backend b', 'use_backend other', 'default_backend b', 'default_backend other', 'use_backend b if TRUE'].map((line) =>
    file({ back: [a, line], rest: named(b) }),
  ),
  ...['use_backend l', 'default_backend l', 'use_backend l if TRUE', 'use_backend b'].map((line) =>
    file({ rest: ['listen l from base', ' bind 127.0.0.1:9', ` ${a}`, ` ${line}`] }),
  ),

  // Sections of other kinds have names.
  ...['resolvers', 'peers', 'mailers', 'ring'].flatMap((kind) => [
    file({ rest: [kind] }),
    file({ rest: [`${kind} ""`] }),
    file({ rest: [`${kind} r`] }),
  ]),

  // Numbers of sections, addresses and servers.
  ...backs(
    [`${a} id 7`, `${b} id 7`],
    [`${a} id 7`, `${b} id 07`],
    [`${a} id 7x`, `${b} id 7`],
    [`${a} id 7 id 7`],
    [`${a} id 7 id 8`, `${b} id 7`],
    [`${a} id 7 id 8`, `${b} id 8`],
    [`${a} id 2`, b],
    [`${a} id 0x7`],
    [`${a} id 2147483648`],
    [`${a} id 99999999999`],
    [a, 'id 7', 'id 7'],
    [a, 'id 7', 'id 8'],
    [a, 'id 7.0'],
    [a, 'id 0x7'],
  ),
  file({ front: ['id 7'], back: [`${a} id 7`, 'id 7'] }),
  file({ front: ['id 7'], back: [`${a} id 7`, 'id 8'] }),
  file({ front: ['id 7'], rest: named('disabled', 'id 7', 'server o 127.0.0.1:3') }),
  file({ rest: named('disabled', 'server o 127.0.0.1:3 id 7', 'server p 127.0.0.1:3 id 7') }),
  file({ front: ['bind 127.0.0.1:5 id 7', 'bind 127.0.0.1:6 id 7'] }),
  file({ front: ['bind 127.0.0.1:5 id 7', 'bind 127.0.0.1:6 id 8'] }),
  file({ front: ['bind 127.0.0.1:5 id 7 id 7'] }),
  file({ front: ['bind 127.0.0.1:5 id 7 id 8'] }),
  file({ front: ['bind 127.0.0.1:5 id 7x'] }),
  file({ front: ['bind 127.0.0.1:5 id +7'] }),
  file({ front: ['bind 127.0.0.1:5,127.0.0.1:6 id 7'] }),
  file({ front: ['bind 127.0.0.1:5-6 id 7'] }),
  file({ front: ['id 7', 'bind 127.0.0.1:5 id 7'] }),

  // Protocols of addresses, by the mode.
  ...['h1', 'h2', 'none'].flatMap((protocol) => [
    file({ front: [`bind 127.0.0.1:5 proto ${protocol}`] }),
    file({ front: ['mode tcp', `bind 127.0.0.1:5 proto ${protocol}`], back: ['mode tcp', a] }),
  ]),

  // Settings that are made once.
  file({ global: ['tune.ssl.capture-buffer-size 10', 'tune.ssl.capture-cipherlist-size 10'] }),
  file({ global: ['tune.ssl.capture-buffer-size 0', 'tune.ssl.capture-buffer-size 10'] }),
  file({ global: ['tune.ssl.capture-buffer-size 10'] }),

  // Options about TLS for all.
  ...['server', 'bind'].flatMap((side) =>
    [
      'ssl-min-ver TLSv1',
      'ssl-max-ver',
      'no-sslv3 no-tlsv10 no-tls-tickets ssl-max-ver TLSv1.3',
      'no-tlsv10 "" nonsense',
      'no-tlsv10 ""',
      'ciphers AES128-SHA',
      'curves P-256',
      'verify none',
      'no-ssl-reuse',
    ].map((options) => file({ global: [`ssl-default-${side}-options ${options}`] })),
  ),
  file({ global: ['ssl-default-server-options prefer-client-ciphers'] }),
  file({ global: ['ssl-default-server-options ssl-min-ver SSLv3 force-sslv3'] }),

  // Formats and samples of which nothing is made.
  ...['%[nothing]', '%zz', '%', '%[src', '%[src,nothing]', '%[srv_name]', '%[req.hdr(a)]', '%[var(a)]', '%{+Q}o%%%ci'].flatMap((format) => [
    file({ front: [`error-log-format ${format}`] }),
    file({ front: [`log-format-sd ${format}`] }),
    file({ front: [`unique-id-format ${format}`] }),
    ...['error-log-format', 'log-format-sd', 'unique-id-format'].map((keyword) =>
      file({ defaults: [`${keyword} ${format}`], front: [`${keyword} %ci`] }),
    ),
    ...backs(
      [`http-check send hdr a ${format}`, a],
      [`http-check send hdr ${format} a`, a],
      [`http-check send uri ${format}`, a],
      [`http-check expect string ${format}`, a],
      [`http-check expect ! string-lf ${format}`, a],
      [`http-check expect comment string-lf string ${format}`, a],
      [`http-check expect fhdr name-lf -m beg ${format}`, a],
      [`tcp-check expect binary-lf ${format}`, a],
      [`tcp-check set-var-fmt(check.a) ${format}`, a],
    ),
  ]),
  ...backs(
    ['http-check set-var(txn.a) src', a],
    ['http-check set-var(a) src', a],
    ['http-check set-var() src', a],
    ['http-check set-var src', a],
    ['http-check set-var(check.a src', a],
    ['http-check set-var(check.a)x src', a],
    ['http-check set-var(check.a-b) src', a],
    ['http-check set-var(check.a,ifexists) src', a],
    ['http-check set-var(check.a,bad) src', a],
    ['http-check set-var(check.a)', a],
    ['http-check set-var(check.a) src nonsense', a],
    ['http-check set-var(check.a) fe_name', a],
    ['http-check set-var(check.a) be_name', a],
    ['http-check set-var(check.a) res.hdr(a)', a],
    ['http-check set-var-fmt(check.a)', a],
    ['http-check unset-var', a],
    ['http-check unset-var(check.a) nonsense', a],
    ['tcp-check connect port 0', a],
    ['tcp-check connect port 65536', a],
    ['tcp-check connect port 080', a],
    ['tcp-check connect port 80x', a],
    ['tcp-check connect port src_port', a],
    ['tcp-check connect port path', a],
    ['tcp-check expect binary zz', a],
    ['tcp-check expect rbinary zz', a],
    ['http-check expect hdr nonsense', a],
    ['http-check expect hdr name a', a],
    ['http-check expect hdr name a value -m nonsense b', a],
    ['http-check expect status 200-204,404', a],
    ['http-check expect status 200-', a],
    ['http-check expect status 404-200', a],
    ['http-check expect status -404,', a],
    ['http-check expect status ""', a],
    ['http-check expect ok-status l6ok status 200', a],
    ['http-check expect error-status L7OKC status 200', a],
    ['http-check expect ok-status L7OKC error-status L7STS status 200', a],
    ['http-check expect error-status L7OK status 200', a],
  ),
];
