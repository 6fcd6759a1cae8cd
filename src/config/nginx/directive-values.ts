// What the arguments of nginx's directives may be, where nginx is strict about their form. What depends on more than the form is
// judged where the directive is translated.
import { isIP } from 'node:net';
import { parseOffset, parseSeconds, parseSize, parseTime } from './units.js';

/** The form of a directive's argument, or of all its arguments. */
export interface ValueForm {
  /** What may be written, for whoever wrote something else. */
  readonly wanted: string;
  isRight(args: readonly string[]): boolean;
}

const first = (wanted: string, isRight: (text: string) => boolean): ValueForm => ({ wanted, isRight: ([text = '']) => isRight(text) });
const number = (least: number, most: number, wanted: string): ValueForm =>
  first(wanted, (text) => /^\d{1,18}$/.test(text) && Number(text) >= least && Number(text) <= most);
const oneOf = (...words: string[]): ValueForm => first(`one of ${words.join(', ')}`, (text) => words.includes(text.toLowerCase()));
const eachOf = (...words: string[]): ValueForm => ({
  wanted: `some of ${words.join(', ')}`,
  isRight: (args) => args.every((text) => words.some((word) => word.toLowerCase() === text.toLowerCase())),
});

const flag = first('on or off', (text) => /^(on|off)$/i.test(text));
const time = first('a time such as 60s', (text) => parseTime(text) !== null);
const seconds = first('a time such as 5m, in whole seconds', (text) => parseSeconds(text) !== null);
const size = first('a size such as 8k', (text) => parseSize(text) !== null);
const offset = first('a size such as 8m', (text) => parseOffset(text) !== null);
const offsetOrOff = first('a size such as 8m, or off', (text) => text === 'off' || parseOffset(text) !== null);
const count = number(0, Number.MAX_SAFE_INTEGER, 'a number');
const status = number(400, 599, 'a status from 400 to 599');
const buffers: ValueForm = {
  wanted: 'a number and a size, such as 4 8k',
  isRight: ([amount = '', bytes = '']) => /^[1-9]\d{0,17}$/.test(amount) && (parseSize(bytes) ?? 0) > 0,
};
const logLevel = oneOf('info', 'notice', 'warn', 'error');
const tlsVersions = eachOf('SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3');
const methodsOfCache = eachOf('GET', 'HEAD', 'POST');

const pool = first('a size of at least 112 that is a multiple of 16, such as 256', (text) => {
  const bytes = parseSize(text) ?? 0;
  return bytes >= 112 && bytes % 16 === 0;
});
const digitsOf = (text: string, key: string): string | null => (text.startsWith(key) ? text.slice(key.length) : null);
const isCount = (text: string | null): boolean => text !== null && /^[1-9]\d{0,17}$/.test(text);
const isTime = (text: string | null): boolean => text !== null && parseSeconds(text) !== null;
const fileCache: ValueForm = {
  wanted: 'off, or max= with inactive=',
  isRight: (args) =>
    args.every((text) => text === 'off' || isCount(digitsOf(text, 'max=')) || isTime(digitsOf(text, 'inactive='))) &&
    args.some((text) => text === 'off' || text.startsWith('max=')),
};
const logFileCache: ValueForm = {
  wanted: 'off, or max= with inactive=, valid= and min_uses=',
  isRight: (args) =>
    (args.length === 1 && args[0] === 'off') ||
    (args.some((text) => text.startsWith('max=')) &&
      args.every(
        (text) =>
          isCount(digitsOf(text, 'max=')) ||
          isCount(digitsOf(text, 'min_uses=')) ||
          isTime(digitsOf(text, 'inactive=')) ||
          isTime(digitsOf(text, 'valid=')),
      )),
};
const threads: ValueForm = {
  wanted: 'a name and threads=, such as pool threads=32',
  isRight: ([, ...options]) =>
    options.some((text) => isCount(digitsOf(text, 'threads='))) &&
    options.every((text) => !/^(threads|max_queue)=(?!\d{1,18}$)/.test(text)),
};
const processors: ValueForm = {
  wanted: 'auto, or masks such as 0101',
  isRight: ([begin = '', ...masks]) =>
    (begin === 'auto' || /^[01 ]{0,1024}$/.test(begin)) && masks.every((text) => /^[01 ]{0,1024}$/.test(text)),
};
const temporaryPath: ValueForm = {
  wanted: 'a path, and up to three levels of folders whose names are 1 to 3 long',
  isRight: ([, ...levels]) => levels.every((text) => /^[123]$/.test(text)),
};
const cachePath: ValueForm = {
  wanted: 'a path, and keys_zone=name:size',
  isRight: ([, ...options]) =>
    options.some((text) => /^keys_zone=[^:]+:\d+[kKmM]?$/.test(text)) &&
    options.every((text) =>
      /^(levels|use_temp_path|keys_zone|inactive|max_size|min_free|manager_files|manager_sleep|manager_threshold|loader_files|loader_sleep|loader_threshold)=./.test(
        text,
      ),
    ),
};
const cacheTimes: ValueForm = {
  wanted: 'a time, with the statuses or any in front, such as 200 1m',
  isRight: (args) => isTime(args.at(-1) ?? '') && args.slice(0, -1).every((text) => text === 'any' || /^[1-5]\d\d$/.test(text)),
};
const accessRights: ValueForm = {
  wanted: 'rights such as user:rw group:r',
  isRight: (args) => args.every((text) => /^(user|group|all):(r|rw)$/.test(text)),
};
const sessionCache: ValueForm = {
  wanted: 'off, none, builtin, or shared:name:size',
  isRight: (args) => args.every((text) => /^(off|none|builtin|builtin:[1-9]\d{0,8})$/.test(text) || sharedZoneSize(text) >= 8 * 4096),
};
const zone: ValueForm = {
  wanted: 'a name and a size, such as app 64k',
  isRight: ([name = '', bytes]) => name !== '' && (bytes === undefined || (parseSize(bytes) ?? 0) >= 8 * 4096),
};
const sharedZone: ValueForm = {
  wanted: 'a key and zone=name:size, such as $binary_remote_addr zone=one:10m',
  isRight: ([, ...options]) =>
    options.some((text) => text.startsWith('zone=')) &&
    options.every((text) => /^rate=[1-9]\d*r\/[sm]$/.test(text) || /^sync$/.test(text) || /^zone=[^:]+:\d+[kKmM]?$/.test(text)),
};
const resolver: ValueForm = {
  wanted: 'the addresses of name servers, with valid=, ipv4=, ipv6= or status_zone=',
  isRight: (args) =>
    args.every(
      (text) =>
        isTime(digitsOf(text, 'valid=')) ||
        /^(ipv[46]=(on|off)|status_zone=.+)$/.test(text) ||
        /^(?!valid=|ipv[46]=|status_zone=)[^[]/.test(text) ||
        isIP(/^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? '') === 6,
    ),
};
const agents: ValueForm = {
  wanted: 'patterns of User-Agent that can be read',
  isRight: (args) => args.every(isPattern),
};

function sharedZoneSize(text: string): number {
  return parseSize(/^shared:[^:]+:(.+)$/.exec(text)?.[1] ?? '') ?? 0;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text.replaceAll('(?P<', '(?<'));
    return true;
  } catch {
    return false;
  }
}

const forms = new Map<string, ValueForm>();

function add(form: ValueForm, directives: string): void {
  for (const name of directives.split(' ')) forms.set(name, form);
}

add(
  flag,
  'daemon master_process pcre_jit accept_mutex multi_accept rewrite_log uninitialized_variable_warn tcp_nodelay recursive_error_pages client_body_in_single_buffer tcp_nopush open_file_cache_errors reset_timedout_connection log_not_found log_subrequest chunked_transfer_encoding etag sendfile merge_slashes ignore_invalid_headers underscores_in_headers server_name_in_redirect port_in_redirect absolute_redirect proxy_request_buffering proxy_buffering proxy_socket_keepalive proxy_ignore_client_abort proxy_pass_request_headers proxy_pass_request_body proxy_intercept_errors proxy_cache_lock proxy_cache_revalidate proxy_cache_background_update proxy_cache_convert_head proxy_ssl_verify proxy_ssl_server_name proxy_ssl_session_reuse ssl_prefer_server_ciphers ssl_session_tickets ssl_early_data ssl_stapling ssl_stapling_verify ssl_reject_handshake ssl_preread proxy_protocol proxy_half_close autoindex gzip gunzip gzip_vary limit_req_dry_run limit_conn_dry_run sub_filter_once mirror_request_body ssi override_charset real_ip_recursive ssl http2',
);
add(
  time,
  'worker_shutdown_timeout timer_resolution accept_mutex_delay client_body_timeout send_timeout client_header_timeout lingering_time lingering_timeout resolver_timeout proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_next_upstream_timeout proxy_cache_lock_timeout proxy_cache_lock_age keepalive_time ssl_handshake_timeout proxy_timeout preread_timeout auth_delay',
);
add(seconds, 'open_file_cache_valid ssl_session_timeout');
add(
  size,
  'client_body_buffer_size postpone_output sendfile_max_chunk read_ahead client_header_buffer_size proxy_busy_buffers_size proxy_max_temp_file_size proxy_temp_file_write_size proxy_send_lowat proxy_limit_rate ssl_buffer_size preread_buffer_size proxy_buffer_size gzip_min_length',
);
add(offset, 'worker_rlimit_core client_max_body_size directio_alignment proxy_cache_max_range_offset');
add(offsetOrOff, 'directio');
add(
  count,
  'worker_rlimit_nofile worker_aio_requests open_file_cache_min_uses server_names_hash_max_size server_names_hash_bucket_size map_hash_max_size map_hash_bucket_size max_ranges proxy_next_upstream_tries proxy_cache_min_uses keepalive_requests ssl_verify_depth proxy_requests proxy_responses',
);
add(number(1, 9, 'a number from 1 to 9'), 'gzip_comp_level');
add(status, 'limit_req_status limit_conn_status');
add(buffers, 'large_client_header_buffers output_buffers proxy_buffers gzip_buffers');
add(oneOf('stop', 'abort'), 'debug_points');
add(oneOf('off', 'on', 'clean'), 'client_body_in_file_only');
add(oneOf('off', 'on', 'always'), 'lingering_close gzip_static');
add(oneOf('off', 'on', 'build'), 'server_tokens');
add(oneOf('off', 'exact', 'before'), 'if_modified_since');
add(oneOf('1.0', '1.1'), 'proxy_http_version gzip_http_version');
add(oneOf('off', 'on', 'optional', 'optional_no_ca'), 'ssl_verify_client');
add(oneOf('all', 'any'), 'satisfy');
add(logLevel, 'limit_req_log_level limit_conn_log_level');
add(eachOf('none', 'msie6', 'safari'), 'keepalive_disable');
add(tlsVersions, 'proxy_ssl_protocols ssl_protocols');
add(methodsOfCache, 'proxy_cache_methods');
/** Statuses of a server that count as its failure when they are named. */
const failures = ['http_500', 'http_502', 'http_503', 'http_504', 'http_403', 'http_404', 'http_429'] as const;
add(eachOf('error', 'timeout', 'invalid_header', 'updating', ...failures, 'off'), 'proxy_cache_use_stale');
add(eachOf('error', 'timeout', 'invalid_header', 'non_idempotent', ...failures, 'updating', 'off'), 'proxy_next_upstream');
add(
  eachOf(
    'X-Accel-Redirect',
    'X-Accel-Expires',
    'X-Accel-Limit-Rate',
    'X-Accel-Buffering',
    'X-Accel-Charset',
    'Expires',
    'Cache-Control',
    'Set-Cookie',
    'Vary',
  ),
  'proxy_ignore_headers',
);
add(eachOf('off', 'expired', 'no-cache', 'no-store', 'private', 'no_last_modified', 'no_etag', 'auth', 'any'), 'gzip_proxied');

add(
  number(1, Number.MAX_SAFE_INTEGER, 'a number from 1'),
  'worker_connections types_hash_max_size types_hash_bucket_size variables_hash_bucket_size variables_hash_max_size proxy_headers_hash_max_size proxy_headers_hash_bucket_size',
);
add(pool, 'connection_pool_size request_pool_size');
add(
  first('a name of a user', (text) => !/^\d*$/.test(text)),
  'user',
);
add(
  first('a number such as -5', (text) => /^-?\d{1,9}$/.test(text)),
  'worker_priority',
);
add(oneOf('epoll', 'poll', 'select', 'kqueue', '/dev/poll', 'eventport'), 'use');
add(
  first('on, off, or threads with =pool', (text) => /^(on|off|threads(=.+)?)$/.test(text)),
  'aio',
);
add(threads, 'thread_pool');
add(processors, 'worker_cpu_affinity');
add(fileCache, 'open_file_cache');
add(logFileCache, 'open_log_file_cache');
add(temporaryPath, 'client_body_temp_path proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path');
add(cachePath, 'proxy_cache_path');
add(cacheTimes, 'proxy_cache_valid');
add(accessRights, 'proxy_store_access');
add(sessionCache, 'ssl_session_cache');
add(zone, 'zone');
add(sharedZone, 'limit_req_zone limit_conn_zone');
add(resolver, 'resolver');
add(agents, 'gzip_disable');
add(
  {
    wanted: 'a time, and one in whole seconds for the client behind it, such as 75s',
    isRight: ([time = '', told]) => parseTime(time) !== null && (told === undefined || parseSeconds(told) !== null),
  },
  'keepalive_timeout',
);
add(
  {
    wanted: 'off, default, or what is replaced by what',
    isRight: ([from = '', to]) => to !== undefined || from === 'off' || from === 'default',
  },
  'proxy_redirect',
);
add(
  {
    wanted: 'off, epoch, max, or a time such as 1h or -1',
    isRight: ([when = '', time]) =>
      time === undefined
        ? /^(\$.+|off|epoch|max)$/.test(when) || isTime(when.replace(/^[-+@]/, ''))
        : when === 'modified' && isTime(time.replace(/^[-+]/, '')),
  },
  'expires',
);
add(
  {
    wanted: 'off, or what is replaced by what',
    isRight: ([from = '', to]) => (to === undefined ? from === 'off' : !from.startsWith('~') || isPattern(from.replace(/^~\*?/, ''))),
  },
  'proxy_cookie_path proxy_cookie_domain',
);
add({ wanted: 'names of files', isRight: (args) => args.every((text) => text !== '') }, 'index');
add(
  first('a variable and what it reads', (text) => /^\$./.test(text)),
  'auth_request_set',
);

/** The form of a directive's arguments; null: free, or judged where it is translated. */
export function valueFormOf(name: string, isStream: boolean): ValueForm | null {
  if (name === 'proxy_next_upstream' && isStream) return flag;
  return forms.get(name) ?? null;
}

/** Directives in whose arguments nginx reads variables, whatever becomes of them here: the first of these arguments. */
export const withVariables: ReadonlyMap<string, number> = new Map([
  ...withVariablesFrom(
    0,
    'error_page access_log proxy_redirect proxy_set_body proxy_method proxy_cookie_path proxy_cookie_domain proxy_cookie_flags proxy_cache proxy_store proxy_cache_bypass proxy_no_cache proxy_cache_key proxy_ssl_name proxy_ssl_certificate proxy_ssl_certificate_key proxy_bind limit_rate limit_rate_after root index alias try_files auth_basic auth_basic_user_file limit_req_zone limit_conn_zone sub_filter charset expires hash',
  ),
  ...withVariablesFrom(1, 'add_header add_trailer proxy_set_header auth_request_set fastcgi_param uwsgi_param scgi_param log_format'),
]);

function withVariablesFrom(first: number, directives: string): [string, number][] {
  return directives.split(' ').map((name) => [name, first]);
}
