// The directives of nginx: where each may stand, how many arguments it takes, what becomes of it, and which of the blocks around
// it counts. One table, from which files are judged and read and the documentation is written.

export type Context =
  | 'main'
  | 'events'
  | 'http'
  | 'server'
  | 'location'
  | 'if'
  | 'server if'
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

/**
 * What is in force in a block: the nearest directive, here or around; all of the nearest block that has any, since nginx
 * inherits lists whole or not at all; or none but the block's own. Of the last kind there is one for the program, wherever it stands.
 */
export type Inheritance = 'nearest' | 'nearest list' | 'none' | 'one for all';

export type Outcome =
  /** `listed`: the directives that make one list with it, in the order of the file; null: it alone. */
  | { readonly kind: 'carried'; readonly inherits: Inheritance; readonly listed: readonly string[] | null }
  /** Accepted; it changes nothing that a client or a server would notice, and why. */
  | { readonly kind: 'noted'; readonly why: string }
  /** Not supported, and why or what to do instead. With `inert` for its one argument it asks for nothing. */
  | { readonly kind: 'lacking'; readonly why: string; readonly inert: string };

const own: Outcome = { kind: 'carried', inherits: 'none', listed: null };
const nearest: Outcome = { kind: 'carried', inherits: 'nearest', listed: null };
const nearestList: Outcome = { kind: 'carried', inherits: 'nearest list', listed: null };
const oneForAll: Outcome = { kind: 'carried', inherits: 'one for all', listed: null };
/** The first that holds decides, whichever of both it is. */
const accessList: Outcome = { kind: 'carried', inherits: 'nearest list', listed: ['allow', 'deny'] };
const noted = (why: string): Outcome => ({ kind: 'noted', why });
const lacking = (why: string, inert = 'off'): Outcome => ({ kind: 'lacking', why, inert });

const everyHttp: readonly Context[] = ['http', 'server', 'location'];
const everyHttpIf: readonly Context[] = ['http', 'server', 'location', 'if'];
const rewriting: readonly Context[] = ['server', 'server if', 'location', 'if'];
const bothServers: readonly Context[] = ['http', 'server'];
const upstreams: readonly Context[] = ['upstream', 'stream upstream'];
const streams: readonly Context[] = ['stream', 'stream server'];
const tls: readonly Context[] = ['http', 'server', 'stream', 'stream server'];

const table = new Map<string, [Directive, ...Directive[]]>();

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
  const directive = { contexts, minArgs, maxArgs, opens: shape.opens === true, isRepeated: shape.isRepeated === true, outcome };
  for (const name of names.split(' ')) {
    const others = table.get(name);
    if (others === undefined) table.set(name, [directive]);
    else others.push(directive);
  }
}

const many = [1, 99] as const;
const block = { opens: true };
const blocks = { opens: true, isRepeated: true };
const repeated = { isRepeated: true };

// The program.
const ownProcess = noted('Limpet manages its own processes');
add('events', ['main'], 0, own, block);
add('http stream', ['main'], 0, own, block);
add('worker_processes', ['main'], 1, own);
add('user', ['main'], [1, 2], own);
add(
  'daemon master_process worker_priority worker_rlimit_core worker_rlimit_nofile working_directory timer_resolution lock_file pcre_jit debug_points ssl_engine',
  ['main'],
  1,
  ownProcess,
);
add('worker_shutdown_timeout', ['main'], 1, own);
add('thread_pool', ['main'], [2, 3], ownProcess, repeated);
add('worker_cpu_affinity', ['main'], many, ownProcess);
add('pid', ['main'], 1, noted('`limpet run --pid-file` writes one'));
add('env', ['main'], 1, noted('Limpet runs no programs'), repeated);
add('load_module', ['main'], 1, noted('what a module adds is judged by its directives'), repeated);
const ownLimits = noted('Limpet finds its limits itself');
add('worker_connections accept_mutex accept_mutex_delay multi_accept use worker_aio_requests', ['events'], 1, ownLimits);
add('debug_connection', ['events'], 1, ownLimits, repeated);
add('error_log', ['main', 'http', 'server', 'location', 'stream', 'stream server'], many, oneForAll, repeated);

// Servers and locations.
add('server', ['http', 'stream'], 0, own, blocks);
add('upstream', ['http', 'stream'], 1, own, blocks);
add('location', ['server', 'location'], [1, 2], own, blocks);
add('map', ['http'], 2, own, blocks);
add('listen', ['server', 'stream server'], many, own, repeated);
add('server_name', ['server'], many, own, repeated);
add('if', ['server', 'location'], many, own, blocks);
add('set', rewriting, 2, own, repeated);
add('return', rewriting, [1, 2], own, repeated);
add('rewrite', rewriting, [2, 3], own, repeated);
add('break', rewriting, 0, own, repeated);
add('rewrite_log uninitialized_variable_warn', [...everyHttpIf, 'server if'], 1, noted('it only changes what is logged'));
add('allow deny', [...everyHttp, ...streams], 1, accessList, repeated);
add('tcp_nodelay', [...everyHttp, ...streams], 1, noted('small pieces are sent at once'));
add('default_type', everyHttp, 1, nearest);
add('client_max_body_size', everyHttp, 1, nearest);
add('client_body_timeout send_timeout', everyHttp, 1, nearest);
add('client_header_timeout', bothServers, 1, nearest);
add('large_client_header_buffers', bothServers, 2, nearest);
add('add_header', everyHttpIf, [2, 3], nearestList, repeated);
add('expires', everyHttpIf, [1, 2], nearest);
add('charset', everyHttpIf, 1, nearest);
add('error_page', everyHttpIf, [2, 99], nearestList, repeated);
add('recursive_error_pages', everyHttp, 1, nearest);
add('access_log', everyHttpIf, many, oneForAll, repeated);
add('access_log', streams, many, lacking('connections of a stream stand in the access log of http; write off'), repeated);
add('log_format', ['http', 'stream'], [2, 99], own, repeated);
const ownBuffers = noted('Limpet has its own way with buffers, files and connections');
add(
  'client_body_buffer_size client_body_in_single_buffer client_body_in_file_only postpone_output sendfile_max_chunk tcp_nopush aio directio directio_alignment read_ahead open_file_cache_errors open_file_cache_min_uses open_file_cache_valid types_hash_max_size types_hash_bucket_size reset_timedout_connection lingering_close lingering_time lingering_timeout log_not_found log_subrequest server_tokens chunked_transfer_encoding max_ranges etag if_modified_since',
  everyHttp,
  1,
  ownBuffers,
);
add('client_header_buffer_size connection_pool_size request_pool_size', bothServers, 1, ownBuffers);
add('client_body_temp_path', everyHttp, [1, 4], ownBuffers);
add('open_log_file_cache', [...everyHttp, ...streams], [1, 4], ownBuffers);
add('output_buffers', everyHttp, 2, ownBuffers);
add('sendfile', everyHttpIf, 1, ownBuffers);
add('open_file_cache', everyHttp, [1, 2], ownBuffers);
add('keepalive_disable', everyHttp, [1, 2], ownBuffers, repeated);
add(
  'variables_hash_bucket_size variables_hash_max_size server_names_hash_max_size server_names_hash_bucket_size map_hash_max_size map_hash_bucket_size',
  ['http'],
  1,
  ownBuffers,
);
add('types', everyHttp, 0, nearestList, blocks);
add('merge_slashes', bothServers, 1, noted('paths are matched with slashes merged'));
add('ignore_invalid_headers', bothServers, 1, lacking('fields with such names are refused', 'on'));
add('underscores_in_headers', bothServers, 1, lacking('fields with "_" in their names are dropped'));
const redirects = 'redirects are absolute, with the host that was asked and the port of the listener';
add('server_name_in_redirect', everyHttp, 1, lacking(redirects));
add('port_in_redirect absolute_redirect', everyHttp, 1, lacking(redirects, 'on'));
const systemNames = noted('names are looked up by the system');
add('resolver', [...everyHttp, ...streams], many, systemNames);
add('resolver_timeout', [...everyHttp, 'stream', 'stream server'], 1, systemNames);

// Towards servers.
add('proxy_pass', ['location', 'if', 'stream server'], 1, own);
add('proxy_set_header', everyHttp, 2, nearestList, repeated);
add('proxy_hide_header proxy_pass_header', everyHttp, 1, nearestList, repeated);
add('proxy_redirect', everyHttp, [1, 2], nearestList, repeated);
add('proxy_http_version', everyHttp, 1, nearest);
add('proxy_connect_timeout', [...everyHttp, ...streams], 1, nearest);
add('proxy_read_timeout', everyHttp, 1, nearest);
add('proxy_send_timeout', everyHttp, 1, noted('a server that takes nothing is given up after proxy_read_timeout'));
add('proxy_request_buffering', everyHttp, 1, nearest);
add('proxy_next_upstream', everyHttp, many, nearestList, repeated);
add('proxy_next_upstream', streams, 1, nearest);
add('proxy_next_upstream_tries', [...everyHttp, ...streams], 1, nearest);
add('proxy_next_upstream_timeout', [...everyHttp, ...streams], 1, lacking('tries are limited by their number alone', '0'));
const asTheyCome = noted('answers go on as they come');
add(
  'proxy_buffering proxy_busy_buffers_size proxy_max_temp_file_size proxy_temp_file_write_size proxy_headers_hash_max_size proxy_headers_hash_bucket_size proxy_send_lowat',
  everyHttp,
  1,
  asTheyCome,
);
add('proxy_socket_keepalive', [...everyHttp, ...streams], 1, asTheyCome);
add('proxy_buffers', everyHttp, 2, asTheyCome);
add('proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path', everyHttp, [1, 4], asTheyCome);
add('proxy_ignore_client_abort', everyHttp, 1, lacking('write "abortOnClose" in a proxy.config.json'));
const unchanged = 'requests go on with their own method, fields and body';
add('proxy_pass_request_headers proxy_pass_request_body', everyHttp, 1, lacking(unchanged, 'on'));
add('proxy_set_body proxy_method', everyHttp, 1, lacking(unchanged));
add('proxy_cookie_path proxy_cookie_domain', everyHttp, [1, 2], nearestList, repeated);
add('proxy_cookie_flags', everyHttp, [1, 4], lacking('attributes of cookies are not added or taken out'), repeated);
add('proxy_intercept_errors', everyHttp, 1, nearest);
add('proxy_cache proxy_store', everyHttp, 1, lacking('Limpet has no cache'));
add('proxy_cache_path', ['http'], [2, 99], noted('a problem is where "proxy_cache" uses it'), repeated);
const cacheOnly = noted('it is about a cache, which is a problem where "proxy_cache" asks for one');
add('proxy_cache_valid proxy_cache_bypass proxy_cache_use_stale proxy_no_cache proxy_cache_methods', everyHttp, many, cacheOnly, repeated);
add(
  'proxy_cache_key proxy_cache_lock proxy_cache_lock_timeout proxy_cache_lock_age proxy_cache_min_uses proxy_cache_revalidate proxy_cache_background_update proxy_cache_convert_head proxy_cache_max_range_offset',
  everyHttp,
  1,
  cacheOnly,
);
add('proxy_store_access', everyHttp, [1, 3], cacheOnly);
add('proxy_ignore_headers', everyHttp, many, noted('no field of an answer changes how it is passed on'), repeated);
const withoutTls = lacking('servers are spoken to without TLS');
add(
  'proxy_ssl_verify proxy_ssl_server_name proxy_ssl_name proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_ciphers proxy_ssl_trusted_certificate proxy_ssl_session_reuse',
  [...everyHttp, ...streams],
  1,
  withoutTls,
);
add('proxy_ssl_protocols', [...everyHttp, ...streams], many, withoutTls, repeated);
add('proxy_bind', [...everyHttp, ...streams], [1, 2], lacking('the system chooses the address'));
const noRates = lacking('rates are not limited', '0');
add('proxy_limit_rate', everyHttp, 1, noRates);
add('limit_rate limit_rate_after', everyHttpIf, 1, noRates);

// Upstreams. "server" inside one is judged by itself.
// nginx takes the last of several methods, with a warning.
add('least_conn', upstreams, 0, own, repeated);
add('ip_hash', ['upstream'], 0, own, repeated);
add('keepalive', ['upstream'], 1, own);
add('keepalive_timeout', everyHttp, [1, 2], nearest);
add('keepalive_timeout', ['upstream'], 1, own);
add('keepalive_requests keepalive_time', ['upstream', ...everyHttp], 1, noted('connections live as long as both sides like'));
add('sticky', ['upstream'], [0, 99], own);
add('zone', upstreams, [1, 2], noted('workers share what they know'), repeated);
add('hash', upstreams, [1, 2], own, repeated);
add('random', upstreams, [0, 2], own, repeated);
add('ntlm queue state least_time', upstreams, [0, 99], lacking('it belongs to the commercial nginx'));

// TLS.
add('ssl_certificate ssl_certificate_key', tls, 1, nearestList, repeated);
add('ssl_protocols', tls, many, nearestList, repeated);
add('ssl_ciphers ssl_prefer_server_ciphers ssl_session_timeout ssl_session_tickets ssl_ecdh_curve', tls, 1, nearest);
const ownTls = noted('Limpet has its own way with sessions, parameters and buffers');
add('ssl_session_cache', tls, [1, 2], ownTls, repeated);
add('ssl_dhparam', tls, 1, ownTls);
add('ssl_session_ticket_key', tls, 1, ownTls, repeated);
add('ssl_buffer_size ssl_early_data', bothServers, 1, ownTls);
add('ssl_handshake_timeout', ['stream', 'stream server'], 1, ownTls);
add(
  'ssl_stapling ssl_stapling_verify ssl_stapling_file ssl_stapling_responder',
  bothServers,
  1,
  noted('certificates are sent without OCSP answers'),
);
const noClientCertificates = lacking('client certificates and these settings are not supported');
add(
  'ssl_client_certificate ssl_verify_client ssl_verify_depth ssl_trusted_certificate ssl_crl ssl_password_file',
  tls,
  1,
  noClientCertificates,
);
add('ssl_conf_command', tls, 2, noClientCertificates, repeated);
add('ssl_reject_handshake', bothServers, 1, noClientCertificates);
add('ssl', ['http', 'server'], 1, lacking('write "ssl" behind "listen"'));
add('http2', bothServers, 1, noted('clients are offered HTTP/1.1'));
add('ssl_preread', streams, 1, lacking('the name in a ClientHello is not looked at in tcp mode yet'));

// Streams.
add('proxy_timeout', streams, 1, nearest);
add('proxy_protocol', streams, 1, nearest);
add('proxy_half_close', streams, 1, noted('each side of a connection ends its half by itself'));
add(
  'proxy_upload_rate proxy_download_rate proxy_requests proxy_responses preread_timeout preread_buffer_size',
  streams,
  1,
  lacking('connections are passed on as they are'),
);
add('proxy_buffer_size', [...everyHttp, ...streams], 1, asTheyCome);

const noStreamVariables = lacking('connections are passed on as they are, whatever variables say');
add('set', ['stream server'], 2, noStreamVariables, repeated);
add('return', ['stream server'], 1, noStreamVariables);
add('map split_clients', ['stream'], 2, noStreamVariables, blocks);
add('geo', ['stream'], [1, 2], noStreamVariables, blocks);
add('variables_hash_bucket_size variables_hash_max_size map_hash_max_size map_hash_bucket_size', ['stream'], 1, ownBuffers);
add('set_real_ip_from', streams, 1, lacking('write "trustedProxies" in a proxy.config.json'), repeated);
const noStreamLimits = lacking('connections are not limited', 'off');
add('limit_conn_zone', ['stream'], 2, noted('a problem is where "limit_conn" uses it'), repeated);
add('limit_conn', streams, 2, noStreamLimits, repeated);
add('limit_conn_log_level limit_conn_dry_run', streams, 1, noted('a problem is where "limit_conn" limits'));

// What Limpet does not do.
const filesOnly = noted('a problem is where a location has nothing else to answer with');
add('root', everyHttpIf, 1, filesOnly);
add('index', everyHttp, many, filesOnly, repeated);
add('alias', ['location'], 1, filesOnly);
const noFiles = lacking('Limpet serves no files');
add('autoindex', everyHttp, 1, noFiles);
add('try_files', ['server', 'location'], [2, 99], noFiles);
add('internal', ['location'], 0, nearest);
add('auth_basic auth_request', everyHttp, 1, lacking('Limpet authenticates nobody'));
add('satisfy', everyHttp, 1, lacking('Limpet authenticates nobody', 'all'));
const usersOnly = noted('a problem is where "auth_basic" or "auth_request" asks for users');
add('auth_basic_user_file auth_delay', everyHttp, 1, usersOnly);
add('auth_request_set', everyHttp, 2, usersOnly, repeated);
const uncompressed = lacking('answers are not compressed');
add('gzip', everyHttpIf, 1, uncompressed);
add('gzip_static gunzip', everyHttp, 1, uncompressed);
const compressionOnly = noted('a problem is where "gzip" asks for compression');
add('gzip_comp_level gzip_vary gzip_min_length gzip_http_version', everyHttp, 1, compressionOnly);
add('gzip_types gzip_proxied gzip_disable', everyHttp, many, compressionOnly, repeated);
add('gzip_buffers', everyHttp, 2, compressionOnly);
const noLimits = lacking('rates are not limited');
add('limit_req', everyHttp, [1, 3], noLimits, repeated);
add('limit_conn', everyHttp, 2, noLimits, repeated);
const limitsOnly = noted('a problem is where "limit_req" or "limit_conn" uses it');
add('limit_req_zone', ['http'], 3, limitsOnly, repeated);
add('limit_conn_zone', ['http'], 2, limitsOnly, repeated);
add(
  'limit_req_status limit_conn_status limit_req_log_level limit_conn_log_level limit_req_dry_run limit_conn_dry_run',
  everyHttp,
  1,
  noted('a problem is where "limit_req" or "limit_conn" limits'),
);
add('limit_except', ['location'], many, lacking('write "if ($request_method …)"'), block);
const overHttp1 = lacking('servers are spoken to over HTTP/1');
add('fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass', ['location', 'if'], 1, overHttp1);
add('fastcgi_param uwsgi_param scgi_param', everyHttp, [2, 3], overHttp1, repeated);
add('fastcgi_index', everyHttp, 1, overHttp1);
add('fastcgi_split_path_info', everyHttp, 1, overHttp1, repeated);
const unchangedBodies = lacking('bodies are not changed');
add('sub_filter', everyHttp, 2, unchangedBodies, repeated);
add('sub_filter_once add_before_body add_after_body mirror_request_body', everyHttp, 1, unchangedBodies);
add('mirror', everyHttp, 1, unchangedBodies, repeated);
add('sub_filter_types addition_types charset_types', everyHttp, many, unchangedBodies, repeated);
add('ssi source_charset override_charset', everyHttpIf, 1, unchangedBodies);
add('charset_map', ['http'], 2, unchangedBodies, blocks);
add('image_filter', ['location'], many, unchangedBodies, repeated);
add('add_trailer', everyHttpIf, [2, 3], unchangedBodies, repeated);
const realAddress = lacking('write "trustedProxies" in a proxy.config.json');
add('set_real_ip_from', everyHttp, 1, realAddress, repeated);
add('real_ip_header real_ip_recursive', everyHttp, 1, realAddress);
add('geo', ['http'], [1, 2], lacking('write a "map"'), blocks);
add('split_clients', ['http'], 2, lacking('write a "map"'), blocks);
add('stub_status', ['server', 'location'], [0, 1], lacking('there is no status page'), repeated);
add(
  'js_import js_content js_set perl perl_set lua_package_path content_by_lua_block access_by_lua_block',
  everyHttp,
  many,
  lacking('there is no scripting'),
  repeated,
);

/** By name, the one that is carried over first where a name means several things. A server of an upstream is not among them. */
export const directives: ReadonlyMap<string, readonly [Directive, ...Directive[]]> = table;

/** What the name means in this block, or would mean elsewhere. */
export function directiveIn(name: string, context: Context): Directive | undefined {
  const meanings = table.get(name);
  return meanings?.find(({ contexts }) => contexts.includes(context)) ?? meanings?.[0];
}

/** The rows of the documentation's table. */
export function nginxDirectiveTable(): string {
  const rows = [...table]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, meanings]) => meanings.map((directive) => ({ name, ...directive })))
    .map(({ name, contexts, outcome }) => {
      const inherits = outcome.kind === 'carried' ? inheritedAs(outcome) : '';
      const becomes =
        outcome.kind === 'carried'
          ? 'carried over'
          : outcome.kind === 'noted'
            ? `accepted: ${outcome.why}`
            : `not supported: ${outcome.why}`;
      return `| \`${name}\` | ${contexts.join(', ')} | ${inherits} | ${becomes} |`;
    });
  return [
    'What is carried over is *inherited* from the blocks around in one of these ways. `nearest`: the directive of the block itself, or of',
    'the nearest around it. `nearest list`: all of the nearest block that has any, and nothing of the blocks around that one. `none`:',
    'the directive holds for its own block alone. `one for all`: nginx has a list in each block, Limpet one log, so what differs from the',
    'first is said by `limpet check`.',
    '',
    '| directive | where | inherited | what becomes of it |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function inheritedAs({ inherits, listed }: Outcome & { kind: 'carried' }): string {
  return listed === null ? inherits : `${inherits}, of ${listed.map((name) => `\`${name}\``).join(' and ')} together`;
}
