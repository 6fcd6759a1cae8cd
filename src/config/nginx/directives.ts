// The directives of nginx: where each may stand, how many arguments it takes, and what becomes of it. One table, from which
// files are judged and the documentation is written.

export type Context =
  | 'main'
  | 'events'
  | 'http'
  | 'server'
  | 'location'
  | 'if'
  | 'upstream'
  | 'stream'
  | 'stream server'
  | 'stream upstream';

export interface Directive {
  readonly contexts: readonly Context[];
  readonly minArgs: number;
  readonly maxArgs: number;
  /** It has a block. */
  readonly opens: boolean;
  /** It may stand several times in one block. */
  readonly isRepeated: boolean;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly kind: 'carried' }
  /** Accepted; it changes nothing that a client or a server would notice, and why. */
  | { readonly kind: 'noted'; readonly why: string }
  /** Not supported, and why or what to do instead. With `inert` for its one argument it asks for nothing. */
  | { readonly kind: 'lacking'; readonly why: string; readonly inert: string };

const carried: Outcome = { kind: 'carried' };
const noted = (why: string): Outcome => ({ kind: 'noted', why });
const lacking = (why: string, inert = 'off'): Outcome => ({ kind: 'lacking', why, inert });

const everyHttp: readonly Context[] = ['http', 'server', 'location'];
const everyHttpIf: readonly Context[] = ['http', 'server', 'location', 'if'];
const rewriting: readonly Context[] = ['server', 'location', 'if'];
const bothServers: readonly Context[] = ['http', 'server'];
const upstreams: readonly Context[] = ['upstream', 'stream upstream'];
const streams: readonly Context[] = ['stream', 'stream server'];
const tls: readonly Context[] = ['http', 'server', 'stream', 'stream server'];

const table = new Map<string, Directive>();

interface Shape {
  readonly opens?: boolean;
  readonly isRepeated?: boolean;
}

function add(
  names: string,
  contexts: readonly Context[],
  args: number | readonly [number, number],
  outcome: Outcome,
  shape: Shape = {},
): void {
  const [minArgs, maxArgs] = typeof args === 'number' ? [args, args] : args;
  for (const name of names.split(' '))
    table.set(name, { contexts, minArgs, maxArgs, opens: shape.opens === true, isRepeated: shape.isRepeated === true, outcome });
}

const many = [1, 99] as const;
const block = { opens: true };
const blocks = { opens: true, isRepeated: true };
const repeated = { isRepeated: true };

// The program.
const ownProcess = noted('Limpet manages its own processes');
add('events', ['main'], 0, carried, block);
add('http stream', ['main'], 0, carried, block);
add('worker_processes', ['main'], 1, carried);
add('user', ['main'], [1, 2], carried);
add(
  'daemon master_process worker_priority worker_rlimit_core worker_rlimit_nofile worker_shutdown_timeout working_directory timer_resolution thread_pool lock_file pcre_jit debug_points ssl_engine',
  ['main'],
  many,
  ownProcess,
);
add('worker_cpu_affinity', ['main'], many, ownProcess);
add('pid', ['main'], 1, noted('`limpet run --pid-file` writes one'));
add('env', ['main'], 1, noted('Limpet runs no programs'), repeated);
add('load_module', ['main'], 1, noted('what a module adds is judged by its directives'), repeated);
add(
  'worker_connections accept_mutex accept_mutex_delay multi_accept use worker_aio_requests debug_connection',
  ['events'],
  1,
  noted('Limpet finds its limits itself'),
  repeated,
);
add('error_log', ['main', 'http', 'server', 'location', 'stream', 'stream server'], [1, 2], carried, repeated);

// Servers and locations.
add('server', ['http', 'stream'], 0, carried, blocks);
add('upstream', ['http', 'stream'], 1, carried, blocks);
add('location', ['server', 'location'], [1, 2], carried, blocks);
add('map', ['http'], 2, carried, blocks);
add('listen', ['server', 'stream server'], many, carried, repeated);
add('server_name', ['server'], many, carried, repeated);
add('if', ['server', 'location'], many, carried, blocks);
add('set', rewriting, 2, carried, repeated);
add('return', rewriting, [1, 2], carried, repeated);
add('rewrite', rewriting, [2, 3], carried, repeated);
add('break', rewriting, 0, carried, repeated);
add('rewrite_log uninitialized_variable_warn', everyHttpIf, 1, noted('it only changes what is logged'));
add('allow deny', [...everyHttp, ...streams], 1, carried, repeated);
add('tcp_nodelay', [...everyHttp, ...streams], 1, noted('small pieces are sent at once'));
add('default_type', everyHttp, 1, carried);
add('client_max_body_size', everyHttp, 1, carried);
add('client_body_timeout send_timeout', everyHttp, 1, carried);
add('client_header_timeout', bothServers, 1, carried);
add('keepalive_timeout', everyHttp, [1, 2], carried);
add('large_client_header_buffers', bothServers, 2, carried);
add('add_header', everyHttpIf, [2, 3], carried, repeated);
add('error_page', everyHttpIf, [2, 99], carried, repeated);
add('recursive_error_pages', everyHttp, 1, carried);
add('access_log', everyHttpIf.concat('stream', 'stream server'), many, carried, repeated);
add('log_format', ['http', 'stream'], [2, 99], carried, repeated);
add(
  'client_body_buffer_size client_header_buffer_size client_body_in_single_buffer client_body_temp_path client_body_in_file_only connection_pool_size request_pool_size output_buffers postpone_output sendfile sendfile_max_chunk tcp_nopush aio directio directio_alignment read_ahead open_file_cache open_file_cache_errors open_file_cache_min_uses open_file_cache_valid variables_hash_bucket_size variables_hash_max_size types_hash_max_size types_hash_bucket_size server_names_hash_max_size server_names_hash_bucket_size map_hash_max_size map_hash_bucket_size reset_timedout_connection lingering_close lingering_time lingering_timeout keepalive_disable log_not_found log_subrequest open_log_file_cache server_tokens chunked_transfer_encoding max_ranges etag if_modified_since',
  everyHttpIf,
  many,
  noted('Limpet has its own way with buffers, files and connections'),
);
add('types', everyHttp, 0, carried, blocks);
add('merge_slashes', bothServers, 1, noted('paths are matched with slashes merged'));
add('ignore_invalid_headers', bothServers, 1, lacking('fields with such names are refused', 'on'));
add('underscores_in_headers', bothServers, 1, lacking('fields with "_" in their names are dropped'));
const redirects = 'redirects are absolute, with the host that was asked and the port of the listener';
add('server_name_in_redirect', everyHttp, 1, lacking(redirects));
add('port_in_redirect absolute_redirect', everyHttp, 1, lacking(redirects, 'on'));
add('resolver', [...everyHttp, 'stream', 'stream server'], many, noted('names are looked up by the system'));
add('resolver_timeout', [...everyHttp, 'stream', 'stream server'], 1, noted('names are looked up by the system'));

// Towards servers.
add('proxy_pass', ['location', 'if', 'stream server'], 1, carried);
add('proxy_set_header', everyHttp, 2, carried, repeated);
add('proxy_hide_header proxy_pass_header', everyHttp, 1, carried, repeated);
add('proxy_redirect', everyHttp, [1, 2], carried, repeated);
add('proxy_http_version', everyHttp, 1, carried);
add('proxy_connect_timeout', [...everyHttp, ...streams], 1, carried);
add('proxy_read_timeout', everyHttp, 1, carried);
add('proxy_send_timeout', everyHttp, 1, noted('a server that takes nothing is given up after proxy_read_timeout'));
add('proxy_request_buffering', everyHttp, 1, carried);
add('proxy_next_upstream', [...everyHttp, ...streams], many, carried);
add('proxy_next_upstream_tries', [...everyHttp, ...streams], 1, carried);
add('proxy_next_upstream_timeout', [...everyHttp, ...streams], 1, lacking('tries are limited by their number alone', '0'));
add(
  'proxy_buffering proxy_buffers proxy_buffer_size proxy_busy_buffers_size proxy_max_temp_file_size proxy_temp_file_write_size proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path proxy_headers_hash_max_size proxy_headers_hash_bucket_size proxy_socket_keepalive proxy_send_lowat',
  everyHttp,
  many,
  noted('answers go on as they come'),
);
add('proxy_ignore_client_abort', everyHttp, 1, lacking('write "abortOnClose" in a proxy.config.json'));
const unchanged = 'requests go on with their own method, fields and body';
add('proxy_pass_request_headers proxy_pass_request_body', everyHttp, 1, lacking(unchanged, 'on'));
add('proxy_set_body proxy_method', everyHttp, 1, lacking(unchanged));
add('proxy_cookie_path proxy_cookie_domain', everyHttp, [1, 2], carried, repeated);
add('proxy_cookie_flags', everyHttp, [1, 4], lacking('attributes of cookies are not added or taken out'), repeated);
add('proxy_intercept_errors', everyHttp, 1, carried);
add('proxy_cache proxy_store', everyHttp, 1, lacking('Limpet has no cache'));
add('proxy_cache_path', ['http'], [2, 99], noted('a problem is where "proxy_cache" uses it'), repeated);
add(
  'proxy_cache_valid proxy_cache_key proxy_cache_bypass proxy_cache_use_stale proxy_no_cache proxy_cache_lock proxy_cache_lock_timeout proxy_cache_lock_age proxy_cache_methods proxy_cache_min_uses proxy_cache_revalidate proxy_cache_background_update proxy_cache_convert_head proxy_cache_max_range_offset proxy_store_access',
  everyHttp,
  many,
  noted('it is about a cache, which is a problem where "proxy_cache" asks for one'),
  repeated,
);
add('proxy_ignore_headers', everyHttp, many, noted('no field of an answer changes how it is passed on'), repeated);
add(
  'proxy_ssl_verify proxy_ssl_server_name proxy_ssl_name proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_protocols proxy_ssl_ciphers proxy_ssl_trusted_certificate proxy_ssl_session_reuse',
  everyHttp,
  many,
  lacking('servers are spoken to without TLS'),
);
add('proxy_bind', [...everyHttp, ...streams], [1, 2], lacking('the system chooses the address'));
add('proxy_limit_rate limit_rate limit_rate_after', everyHttpIf, 1, lacking('rates are not limited', '0'));

// Upstreams. "server" inside one is judged by itself.
add('least_conn', upstreams, 0, carried);
add('ip_hash', ['upstream'], 0, carried);
add('keepalive', ['upstream'], 1, carried);
add('keepalive_timeout', ['upstream', ...everyHttp], [1, 2], carried);
add('keepalive_requests keepalive_time', ['upstream', ...everyHttp], 1, noted('connections live as long as both sides like'));
add('sticky', ['upstream'], [0, 99], carried);
add('zone', upstreams, [1, 2], noted('workers share what they know'));
add('hash', upstreams, [1, 2], carried);
add('random', upstreams, [0, 2], carried);
add('ntlm queue state least_time', upstreams, [0, 99], lacking('it belongs to the commercial nginx'));

// TLS.
add('ssl_certificate ssl_certificate_key', tls, 1, carried, repeated);
add('ssl_protocols', tls, many, carried);
add('ssl_ciphers ssl_prefer_server_ciphers ssl_session_timeout ssl_session_tickets ssl_ecdh_curve', tls, 1, carried);
add(
  'ssl_session_cache ssl_dhparam ssl_buffer_size ssl_session_ticket_key ssl_early_data ssl_handshake_timeout',
  tls,
  many,
  noted('Limpet has its own way with sessions, parameters and buffers'),
);
add(
  'ssl_stapling ssl_stapling_verify ssl_stapling_file ssl_stapling_responder',
  tls,
  1,
  noted('certificates are sent without OCSP answers'),
);
add(
  'ssl_client_certificate ssl_verify_client ssl_verify_depth ssl_trusted_certificate ssl_crl ssl_password_file ssl_conf_command ssl_reject_handshake',
  tls,
  many,
  lacking('client certificates and these settings are not supported'),
);
add('ssl', ['http', 'server'], 1, lacking('write "ssl" behind "listen"'));
add('http2', bothServers, 1, noted('clients are offered HTTP/1.1'));
add('ssl_preread', streams, 1, lacking('the name in a ClientHello is not looked at in tcp mode yet'));

// Streams.
add('proxy_timeout', streams, 1, carried);
add('proxy_protocol', streams, 1, carried);
add(
  'proxy_upload_rate proxy_download_rate proxy_half_close proxy_requests proxy_responses preread_timeout preread_buffer_size',
  streams,
  1,
  lacking('connections are passed on as they are'),
);
add('proxy_buffer_size', [...everyHttp, ...streams], 1, noted('answers go on as they come'));

// What Limpet does not do.
add('root index alias', everyHttpIf, many, noted('a problem is where a location has nothing else to answer with'));
add('autoindex', everyHttp, 1, lacking('Limpet serves no files'));
add('try_files', ['server', 'location'], [2, 99], lacking('Limpet serves no files'));
add('internal', ['location'], 0, carried);
add('auth_basic auth_request', everyHttp, 1, lacking('Limpet authenticates nobody'));
add('satisfy', everyHttp, 1, lacking('Limpet authenticates nobody', 'all'));
add(
  'auth_basic_user_file auth_request_set auth_delay',
  everyHttp,
  [1, 2],
  noted('a problem is where "auth_basic" or "auth_request" asks for users'),
  repeated,
);
add('gzip gzip_static gunzip', everyHttpIf, 1, lacking('answers are not compressed'));
add(
  'gzip_comp_level gzip_types gzip_vary gzip_proxied gzip_min_length gzip_disable gzip_http_version gzip_buffers',
  everyHttp,
  many,
  noted('a problem is where "gzip" asks for compression'),
);
add('limit_req limit_conn', everyHttp, many, lacking('rates are not limited'), repeated);
add('limit_req_zone limit_conn_zone', ['http'], many, noted('a problem is where "limit_req" or "limit_conn" uses it'), repeated);
add(
  'limit_req_status limit_conn_status limit_req_log_level limit_conn_log_level limit_req_dry_run limit_conn_dry_run',
  everyHttp,
  1,
  noted('a problem is where "limit_req" or "limit_conn" limits'),
);
add('limit_except', ['location'], many, lacking('write "if ($request_method …)"'), block);
add('fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass', ['location', 'if'], 1, lacking('servers are spoken to over HTTP/1'));
add(
  'fastcgi_param fastcgi_index fastcgi_split_path_info uwsgi_param scgi_param',
  everyHttp,
  many,
  lacking('servers are spoken to over HTTP/1'),
  repeated,
);
add(
  'sub_filter sub_filter_once sub_filter_types addition_types add_before_body add_after_body ssi charset charset_types image_filter mirror mirror_request_body expires add_trailer',
  everyHttpIf,
  many,
  lacking('bodies are not changed'),
  repeated,
);
add('set_real_ip_from real_ip_header real_ip_recursive', everyHttp, 1, lacking('write "trustedProxies" in a proxy.config.json'), repeated);
add('geo split_clients', ['http'], many, lacking('write a "map"'), blocks);
add('stub_status', ['server', 'location'], [0, 1], lacking('there is no status page'));
add(
  'js_import js_content js_set perl perl_set lua_package_path content_by_lua_block access_by_lua_block',
  everyHttp,
  many,
  lacking('there is no scripting'),
  repeated,
);

/** By name. A server of an upstream is not among them. */
export const directives: ReadonlyMap<string, Directive> = table;

/** The rows of the documentation's table. */
export function nginxDirectiveTable(): string {
  const rows = [...table]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { contexts, outcome }]) => {
      const becomes =
        outcome.kind === 'carried'
          ? 'carried over'
          : outcome.kind === 'noted'
            ? `accepted: ${outcome.why}`
            : `not supported: ${outcome.why}`;
      return `| \`${name}\` | ${contexts.join(', ')} | ${becomes} |`;
    });
  return ['| directive | where | what becomes of it |', '|---|---|---|', ...rows].join('\n');
}
