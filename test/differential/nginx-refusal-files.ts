// Files with one directive each, sound or wrong in one way, for every directive of the table and every block of a file.
import { valueFormOf } from '../../src/config/nginx/directive-values.js';
import { type Context, directiveIn, directives } from '../../src/config/nginx/directives.js';

export interface RefusalFile {
  readonly name: string;
  readonly text: string;
}

/** A whole file with `inside` in the block that `context` names. */
export function fileWith(context: Context, inside: string, folder: string, name = ''): string {
  const at = (block: Context) => (block === context ? inside : '');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path`)
    .filter((directive) => directive !== name)
    .map((directive) => `${directive} ${folder}/temp;`);
  return `${name === 'load_module' ? '' : 'include LOAD_STREAM;'}
${name === 'pid' ? '' : `pid ${folder}/nginx.pid;`} ${name === 'error_log' ? '' : `error_log stderr;`}
${at('main')}
events { ${at('events')} }
http {
  ${name === 'access_log' ? '' : 'access_log off;'} ${paths.join(' ')}
  ${at('http')}
  upstream u { server 127.0.0.1:1; ${at('upstream')} }
  server {
    listen unix:${folder}/http; ${at('server')}
    if ($arg_a) { ${at('server if')} }
    location / { ${at('location')} if ($arg_a) { ${at('if')} } ${name === 'proxy_pass' || name === 'return' ? '' : 'return 200;'} }
  }
}
stream {
  ${at('stream')}
  upstream s { server 127.0.0.1:1; ${at('stream upstream')} }
  server { listen unix:${folder}/stream; ${at('stream server')} ${name === 'proxy_pass' ? '' : 'proxy_pass s;'} }
}
`;
}

const blocks: readonly Context[] = [
  'main',
  'events',
  'http',
  'server',
  'location',
  'if',
  'server if',
  'upstream',
  'stream',
  'stream server',
  'stream upstream',
];

/** Arguments that nginx takes, by directive; where several contexts differ, by context too. Others are found by the form of their value. */
const samples: Readonly<Record<string, string>> = {
  worker_processes: '1',
  user: 'root',
  worker_priority: '1',
  working_directory: '/tmp',
  lock_file: '/tmp/l',
  ssl_engine: 'dynamic',
  thread_pool: 'p threads=1',
  worker_cpu_affinity: 'auto',
  pid: '/tmp/limpet-refusals.pid',
  env: 'A',
  load_module: '/usr/lib/nginx/modules/ngx_stream_module.so',
  use: 'epoll',
  debug_connection: '127.0.0.1',
  worker_connections: '64',
  error_log: 'stderr',
  listen: '127.0.0.1:LISTEN',
  server_name: 'a.test',
  set: '$a b',
  return: '200',
  rewrite: '^/a$ /b',
  allow: 'all',
  deny: '127.0.0.1',
  default_type: 'text/plain',
  add_header: 'X-A 1',
  add_trailer: 'X-A 1',
  error_page: '404 /x',
  access_log: 'off',
  log_format: 'f $status',
  aio: 'off',
  open_file_cache: 'off',
  open_log_file_cache: 'off',
  keepalive_disable: 'none',
  resolver: '127.0.0.1',
  proxy_pass: 'http://u',
  proxy_set_header: 'X-A 1',
  proxy_redirect: 'off',
  proxy_next_upstream: 'error',
  proxy_set_body: 'x',
  proxy_method: 'GET',
  proxy_cookie_path: '/a /b',
  proxy_cookie_domain: 'a.test b.test',
  proxy_cookie_flags: 'a secure',
  proxy_cache: 'off',
  proxy_store: 'off',
  proxy_cache_path: '/tmp/limpet-refusals-cache keys_zone=z:1m',
  proxy_cache_valid: '200 1m',
  proxy_cache_key: '$uri',
  proxy_ssl_name: 'a',
  proxy_ssl_ciphers: 'DEFAULT',
  proxy_bind: '127.0.0.1',
  keepalive: '2',
  keepalive_timeout: '5s',
  zone: 'z 64k',
  hash: '$remote_addr',
  random: '',
  sticky: '',
  ssl_ciphers: 'DEFAULT',
  ssl_ecdh_curve: 'auto',
  ssl_session_cache: 'off',
  ssl_conf_command: 'Options PrioritizeChaCha',
  root: '/tmp',
  alias: '/tmp',
  index: 'a.html',
  try_files: '/a /b',
  auth_basic: 'off',
  auth_request: 'off',
  auth_basic_user_file: '/tmp/u',
  auth_request_set: '$a $status',
  gzip_types: 'text/plain',
  gzip_disable: 'msie6',
  sub_filter: 'a b',
  limit_except: 'GET',
  limit_req_zone: '$binary_remote_addr zone=q:1m rate=1r/s',
  limit_conn_zone: '$binary_remote_addr zone=c:1m',
  fastcgi_pass: '127.0.0.1:1',
  grpc_pass: '127.0.0.1:1',
  memcached_pass: '127.0.0.1:1',
  uwsgi_pass: '127.0.0.1:1',
  scgi_pass: '127.0.0.1:1',
  fastcgi_param: 'a b',
  uwsgi_param: 'a b',
  scgi_param: 'a b',
  fastcgi_split_path_info: '^(a)(b)$',
  mirror: '/m',
  charset: 'utf-8',
  charset_map: 'koi8-r utf-8',
  source_charset: 'utf-8',
  expires: '1h',
  set_real_ip_from: '127.0.0.1',
  real_ip_header: 'X-Real-IP',
  proxy_http_version: '1.1',
  upstream: 'more',
  location: '/more/',
  map: '$arg_b $mapped',
  geo: '$geo',
  split_clients: '$arg_b $split',
  if: '($arg_b)',
  stub_status: '',
};

const inStreams: Readonly<Record<string, string>> = {
  proxy_next_upstream: 'on',
  proxy_pass: 's',
  return: 'x',
  image_filter: 'off',
  listen: '127.0.0.1:LISTEN',
};
const bodies: Readonly<Record<string, string>> = { upstream: 'server 127.0.0.1:1;', split_clients: '* a;' };

const byForm = [
  'on',
  '1s',
  '8k',
  '400',
  '1',
  '2 8k',
  'off',
  'all',
  '1.1',
  'TLSv1.2',
  'error',
  'exact',
  'stop',
  'GET',
  'Expires',
  'any',
  'info',
];

function sampleOf(name: string, context: Context, minArgs: number): string {
  const values = valueFormOf(name, context.startsWith('stream'));
  if (context.startsWith('stream') && inStreams[name] !== undefined) return inStreams[name];
  if (samples[name] !== undefined) return samples[name];
  if (values !== null) return byForm.find((text) => values.isRight(text.split(' '))) ?? '';
  return Array.from({ length: minArgs }, (_, index) => `/tmp/a${index}`).join(' ');
}

const wrongValues = ['maybe', '-1', '5q', '1g', '1ms', '1y', '30m1h', '99999999999999999999', '$nosuch', "''", '0', '(', '[::', '~('];

/** For every directive: as it may be, twice, with an argument less and one more, with wrong values, and where it may not stand. */
export function* refusalFiles(folder: string): Generator<RefusalFile> {
  for (const name of directives.keys()) {
    for (const context of blocks) {
      const directive = directiveIn(name, context)!;
      const may = directive.contexts.includes(context);
      const args = sampleOf(name, context, directive.minArgs);
      const end = directive.opens ? ` { ${bodies[name] ?? ''} }` : ';';
      const write = (words: string) => `${name} ${words}${end}`;
      const file = (kind: string, inside: string) => ({
        name: `${context}: ${inside} (${kind})`,
        text: fileWith(context, inside, folder, name),
      });
      yield file(may ? 'sound' : 'out of place', write(args));
      if (!may) continue;
      yield file('twice', `${write(args)} ${write(args)}`);
      yield file('one more', write(`${args} x`));
      yield file('none', write(''));
      const words = args.split(' ');
      for (const index of words.keys()) {
        if (index > 0) yield file('one less', write(words.slice(0, index).join(' ')));
        for (const wrong of wrongValues) yield file('wrong', write([...words.slice(0, index), wrong, ...words.slice(index + 1)].join(' ')));
      }
    }
  }
}
