// Lines of a haproxy.cfg that HAProxy takes, one for each keyword, action and setting that Limpet carries over or notes, and
// what may be wrong with them.
import { actions } from '../../src/config/haproxy/http-rules.js';
import { globalKeywords, proxyKeywords } from '../../src/config/haproxy/keyword.js';

/** What follows a keyword; what is not here stands alone. FOLDER has the files. */
const values: Readonly<Record<string, string>> = {
  acl: 'a path /a',
  balance: 'roundrobin',
  bind: '127.0.0.1:3',
  cookie: 'S insert',
  'default-server': 'weight 2',
  default_backend: 'b',
  errorfile: '503 FOLDER/page.http',
  errorfiles: 'pages 503',
  errorloc: '503 /sorry',
  errorloc302: '503 /sorry',
  errorloc303: '503 /sorry',
  'hash-type': 'map-based sdbm avalanche',
  'http-error': 'status 503 content-type text/plain string sorry',
  'http-reuse': 'safe',
  log: 'stdout format raw local0',
  'log-format': '%ci',
  maxconn: '10',
  mode: 'http',
  'monitor-uri': '/up',
  redirect: 'location /a code 302',
  retries: '2',
  'retry-on': 'conn-failure',
  server: 'z 127.0.0.1:9',
  'tcp-request connection': 'accept',
  'tcp-request session': 'accept',
  use_backend: 'b if TRUE',
  backlog: '10',
  'bind-process': '1',
  'capture cookie': 'a len 5',
  'capture request header': 'a len 5',
  'capture response header': 'a len 5',
  'clitcpka-cnt': '1',
  'clitcpka-idle': '1s',
  'clitcpka-intvl': '1s',
  description: 'text',
  'email-alert from': 'a@example.org',
  'email-alert level': 'info',
  'email-alert mailers': 'm',
  'email-alert myhostname': 'a',
  'email-alert to': 'a@example.org',
  'error-log-format': '%[src]',
  fullconn: '10',
  'http-check comment': 'text',
  'http-check connect': 'addr 127.0.0.1 port src_port linger',
  'http-check expect': 'comment a ok-status L7OK hdr name -m beg a value-lf %[src] on-error %[src] status-code int(5)',
  'http-check send': 'meth GET uri-lf /%[src] hdr a %[src] body a',
  'http-check set-var': '(check.a,ifempty) src',
  'http-check set-var-fmt': '(check.a) %[src]',
  'http-check unset-var': '(check.a)',
  id: '77',
  'option http-restrict-req-hdr-names': 'delete',
  'load-server-state-from-file': 'none',
  'log-format-sd': '%[src]',
  'log-tag': 'a',
  'max-keep-alive-queue': '1',
  'option mysql-check': 'user a',
  'option pgsql-check': 'user a',
  'option smtpchk': 'HELO a',
  'server-state-file-name': 'a',
  'srvtcpka-cnt': '1',
  'srvtcpka-idle': '1s',
  'srvtcpka-intvl': '1s',
  'tcp-check comment': 'text',
  'tcp-check connect': 'port 80 send-proxy comment a',
  'tcp-check expect': 'min-recv 5 string-lf %[src] on-success %[src] tout-status L7TOUT',
  'tcp-check send': 'a',
  'tcp-check send-lf': '%[src] comment a',
  'tcp-check send-binary': '00',
  'tcp-check send-binary-lf': '%[src]',
  'tcp-check set-var': '(check.a) src',
  'tcp-check set-var-fmt': '(check.a) %[src]',
  'tcp-check unset-var': '(check.a)',
  'unique-id-format': '%[src]',
};

const actionValues: Readonly<Record<string, string>> = {
  'set-header': 'x-a b',
  'add-header': 'x-a b',
  'del-header': 'x-a',
  deny: 'deny_status 403',
  return: 'status 200 content-type text/plain string a',
  redirect: 'location /a code 302',
  'set-path': '/a',
  'set-pathq': '/a',
  'set-query': 'a=b',
  'set-uri': '/a',
  'replace-path': 'a b',
  'replace-pathq': 'a b',
  'replace-uri': 'a b',
  'replace-header': 'x-a b c',
  'replace-value': 'x-a b c',
  'set-var': '(txn.a) src',
  'set-var-fmt': '(txn.a) %ci',
  'unset-var': '(txn.a)',
};

const globalValues: Readonly<Record<string, string>> = {
  'crt-base': 'FOLDER',
  gid: '0',
  group: 'root',
  'hard-stop-after': '1s',
  log: 'stdout format raw local0',
  maxconn: '10',
  nbthread: '1',
  'ssl-default-bind-ciphers': 'AES128-SHA',
  'ssl-default-bind-ciphersuites': 'TLS_AES_128_GCM_SHA256',
  'ssl-default-bind-curves': 'P-256',
  'ssl-default-bind-options': 'ssl-min-ver TLSv1.2 prefer-client-ciphers',
  uid: '0',
  user: 'root',
  'ca-base': 'FOLDER',
  chroot: 'FOLDER',
  'close-spread-time': '1s',
  'cluster-secret': 'a',
  'cpu-map': '1 0',
  description: 'text',
  'fd-hard-limit': '100',
  grace: '1s',
  'h1-accept-payload-with-any-method': '',
  'httpclient.resolvers.id': 'default',
  'httpclient.resolvers.prefer': 'ipv4',
  'httpclient.ssl.ca-file': 'FOLDER/page.http',
  'httpclient.ssl.verify': 'none',
  'issuers-chain-path': 'FOLDER',
  localpeer: 'a',
  'log-send-hostname': 'a',
  'log-tag': 'a',
  'max-spread-checks': '1s',
  maxcompcpuusage: '10',
  maxcomprate: '10',
  maxconnrate: '10',
  maxpipes: '10',
  maxsessrate: '10',
  maxsslconn: '10',
  maxsslrate: '10',
  maxzlibmem: '10',
  'mworker-max-reloads': '1',
  node: 'a',
  'numa-cpu-mapping': '',
  pidfile: 'FOLDER/pid',
  'profiling.tasks': 'on',
  'server-state-base': 'FOLDER',
  'server-state-file': 'a',
  'set-dumpable': '',
  'spread-checks': '5',
  'ssl-default-server-ciphers': 'AES128-SHA',
  'ssl-default-server-ciphersuites': 'TLS_AES_128_GCM_SHA256',
  'ssl-default-server-options': 'ssl-min-ver TLSv1.2 no-tls-tickets force-tlsv12',
  'ssl-server-verify': 'none',
  stats: 'timeout 1s',
  'thread-group': '1 1',
  'thread-groups': '1',
  'ssl-dh-param-file': 'FOLDER/none',
  'tune.comp.maxlevel': '5',
  'tune.fail-alloc': '5',
  'tune.fd.edge-triggered': 'on',
  'tune.h2.header-table-size': '8192',
  'tune.pool-high-fd-ratio': '50',
  'tune.pool-low-fd-ratio': '50',
  'tune.sched.low-latency': 'on',
  'tune.ssl.default-dh-param': '2048',
  'tune.ssl.force-private-cache': '',
  'tune.ssl.keylog': 'on',
  'ulimit-n': '1000',
  'tune.idle-pool.shared': 'on',
  'tune.listener.multi-queue': 'on',
  'tune.h2.max-frame-size': '16384',
  'tune.sndbuf.client': '4096',
  'tune.lua.forced-yield': '1',
};

/** Settings that follow a server or a bind, with their values. */
const settings: readonly string[] = [
  'weight 3',
  'maxconn 5',
  'cookie c',
  'check',
  'no-check',
  'backup',
  'no-backup',
  'disabled',
  'enabled',
  'send-proxy',
  'no-send-proxy',
  'send-proxy-v2',
  'no-send-proxy-v2',
  'addr 127.0.0.1',
  'port 80',
  'inter 1s',
  'fastinter 1s',
  'downinter 1s',
  'rise 2',
  'fall 3',
  'check-alpn h2',
  'check-proto h1',
  'check-send-proxy',
  'no-check-send-proxy',
  'check-sni a',
  'check-ssl verify none',
  'no-check-ssl',
  'check-via-socks4',
  'agent-addr 127.0.0.1',
  'agent-check agent-port 1',
  'no-agent-check',
  'agent-inter 1s',
  'agent-port 1',
  'agent-send a',
  'error-limit 5',
  'id 7',
  'init-addr last',
  'log-proto legacy',
  'max-reuse 5',
  'maxqueue 5',
  'minconn 5',
  'no-ssl',
  'no-ssl-reuse',
  'no-tfo',
  'observe layer4',
  'on-error fastinter',
  'on-marked-down shutdown-sessions',
  'on-marked-up shutdown-backup-sessions',
  'pool-low-conn 1',
  'pool-max-conn 1',
  'pool-purge-delay 1s',
  'resolve-net 10.0.0.0/8',
  'resolve-opts allow-dup-ip',
  'resolve-prefer ipv4',
  'resolvers default',
  'slowstart 1s',
  'stick',
  'tcp-ut 1s',
  'tfo',
  'track b/s',
  'verify none',
  'verifyhost a',
  'ws h1',
];
const bindSettings: readonly string[] = [
  'backlog 10',
  'defer-accept',
  'id 7',
  'mss 500',
  'nice 1',
  'process 1',
  'thread 1',
  'shards 1',
  'tcp-ut 1s',
  'tfo',
  'level admin',
  'expose-fd listeners',
  'severity-output none',
  'v6only',
  'no-ca-names',
  'name x',
  'mode 600',
  'maxconn 5',
  'accept-proxy',
  'alpn http/1.1',
  'proto h1',
  'verify none',
  'ssl-min-ver TLSv1.2',
  'ssl-max-ver TLSv1.3',
  'ciphers AES128-SHA',
  'ciphersuites TLS_AES_128_GCM_SHA256',
  'curves P-256',
  'no-tls-tickets',
  'prefer-client-ciphers',
  'no-sslv3',
  'no-tlsv10',
  'ecdhe P-256',
];

export type SectionLetter = 'G' | 'D' | 'F' | 'B' | 'L';

export interface Line {
  readonly name: string;
  readonly text: string;
  /** Where it stands best, and where it may stand. */
  readonly home: SectionLetter;
}

/** Keywords of builds with more in them. */
const otherBuilds = /^(?:51degrees|deviceatlas|wurfl|tune\.quic|tune\.zlib)/;

export function allLines(): Line[] {
  const lines: Line[] = [];
  for (const [name, { sections, fate }] of proxyKeywords) {
    if (fate === 'refused') continue;
    const home = (['L', 'F', 'B', 'D'] as const).find((letter) => sections.includes(letter))!;
    if (name === 'http-request' || name === 'http-response' || name === 'http-after-response') {
      for (const [action, { rulesets, compile }] of Object.entries(actions)) {
        const ruleset = name === 'http-after-response' ? 'after' : name.slice(5);
        if (compile === undefined || !rulesets.includes(ruleset)) continue;
        const value = actionValues[action] ?? '';
        const text =
          action === 'deny' && ruleset === 'response' ? 'deny status 502' : `${action}${value.startsWith('(') ? '' : ' '}${value}`;
        lines.push({ name: `${name} ${action}`, text: `${name} ${text}`, home });
      }
      continue;
    }
    const value = values[name] ?? (name.startsWith('timeout ') ? '1s' : '');
    lines.push({ name, text: `${name}${value.startsWith('(') ? '' : ' '}${value}`.trim(), home });
  }
  for (const [name, { fate }] of globalKeywords) {
    if (fate === 'refused' || otherBuilds.test(name)) continue;
    const value = globalValues[name] ?? (name.startsWith('tune.') ? '1000' : '');
    lines.push({ name: `global ${name}`, text: `${name} ${value}`.trim(), home: 'G' });
  }
  for (const setting of settings) lines.push({ name: `server ${setting}`, text: `server z 127.0.0.1:9 ${setting}`, home: 'B' });
  for (const setting of settings.filter((one) => !one.startsWith('id')))
    lines.push({ name: `default-server ${setting}`, text: `default-server ${setting}`, home: 'B' });
  for (const setting of bindSettings) lines.push({ name: `bind ${setting}`, text: `bind 127.0.0.1:3 ${setting}`, home: 'F' });
  return lines;
}

/** The line in a file, in the section that is said. */
export function fileWith(line: string, section: SectionLetter, mode: 'http' | 'tcp' = 'http'): string {
  const at = (letter: SectionLetter) => (letter === section ? `\n ${line}` : '');
  return `global${at('G')}
http-errors pages
 errorfile 503 FOLDER/page.http
defaults base
 mode ${mode}
 timeout connect 1s
 timeout client 1s
 timeout server 1s
defaults own from base${at('D')}
frontend f from base
 bind 127.0.0.1:1${at('F')}
 default_backend b
backend b from base
 server s 127.0.0.1:1 check${at('B')}
listen l from base
 bind 127.0.0.1:2
 server s 127.0.0.1:1${at('L')}
`;
}
