// nginx's variables as Values of ours. Text with variables becomes a template.
import { hostname } from 'node:os';
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';

/** By nginx's name: the template that reads the same. */
const fixed: Readonly<Record<string, string>> = {
  host: '${host}',
  http_host: '${header.host}',
  request_uri: '${target.received}',
  uri: '${path.decoded}',
  document_uri: '${path.decoded}',
  args: '${arguments}',
  query_string: '${arguments}',
  is_args: '${questionMark}',
  scheme: '${scheme}',
  remote_addr: '${client.ip}',
  remote_port: '${client.port}',
  server_addr: '${listener.ip}',
  server_port: '${listener.port}',
  server_protocol: 'HTTP/${version}',
  request_method: '${method}',
  request: '${method.received} ${target.received} HTTP/${version}',
  request_id: '${id}',
  proxy_add_x_forwarded_for: '${forwardedFor}',
  status: '${response.status}',
  upstream_addr: '${server.address}',
  upstream_status: '${response.status}',
  ssl_protocol: '${tls.protocol}',
  ssl_cipher: '${tls.cipher}',
  ssl_server_name: '${tls.serverName}',
  time_iso8601: '${time.iso}',
  msec: '${time.unix}',
  realip_remote_addr: '${peer.ip}',
  body_bytes_sent: '${bytes.sent}',
  bytes_sent: '${bytes.sent}',
  request_length: '${bytes.received}',
  content_length: '${header.content-length}',
  content_type: '${header.content-type}',
  hostname: hostname(),
};

/** Names that are read by what follows the beginning. */
const families: readonly (readonly [beginning: string, template: (key: string) => string])[] = [
  ['http_', (key) => `\${header.${key.replaceAll('_', '-')}}`],
  ['cookie_', (key) => `\${cookie.${key}}`],
  ['arg_', (key) => `\${query.${key}}`],
  ['sent_http_', (key) => `\${response.header.${key.replaceAll('_', '-')}}`],
  ['upstream_http_', (key) => `\${response.header.${key.replaceAll('_', '-')}}`],
];

/** nginx has it, and Limpet cannot tell it. */
const lacking =
  /^(ancient_browser|connection_time|date_gmt|date_local|fastcgi_[a-z_]+|geoip2?_[a-z_]+|gzip_ratio|http[23]|invalid_referer|is_request_port|limit_(conn|req)_status|memcached_key|modern_browser|msie|request_body_file|request_port|secure_link(_expires)?|server_name|proxy_host|proxy_port|proxy_internal_[a-z_]+|proxy_add_via|realip_remote_port|sent_trailer_[a-z_]+|slice_range|uid_(got|set|reset)|session_log_[a-z_]+|document_root|realpath_root|request_filename|request_body|remote_user|connection|connection_requests|pid|nginx_version|limit_rate|time_local|request_time|request_completion|upstream_[a-z_]+|ssl_[a-z_]+|tcpinfo_[a-z]+|pipe|binary_remote_addr|proxy_protocol_[a-z]+|connections_[a-z]+|https)$/;

/** A variable in a text. A capture is one digit, whatever follows. */
const reference = /\$(?:\{(\w+)\}|([1-9]|\w+))/g;

const ofStreams =
  /^(\d|binary_remote_addr|remote_addr|remote_port|server_addr|server_port|bytes_sent|bytes_received|connection|session_time|status|protocol|time_iso8601|time_local|msec|hostname|pid|nginx_version|geoip2?_[a-z_]+|(proxy_protocol|upstream|ssl|realip)_[a-z0-9_]+)$/;

/** Variables of the configuration itself: what `set` and `map` define, and what a place knows by itself. */
export interface VariableScope {
  readonly maps: ReadonlySet<string>;
  readonly sets: ReadonlySet<string>;
  /** Templates by name, such as proxy_host. */
  readonly local: Readonly<Record<string, string>>;
}

export class ValueTranslator {
  constructor(
    private readonly builder: TranslationBuilder,
    private readonly scope: VariableScope,
  ) {}

  /** The same with other local variables. */
  with(local: Readonly<Record<string, string>>): ValueTranslator {
    return new ValueTranslator(this.builder, { ...this.scope, local: { ...this.scope.local, ...local } });
  }

  /** `text` as a template. What cannot be read is reported at `place` and reads ''. */
  template(text: string, place: Place): string {
    const joined = text.replace(reference, (_, braced: string | undefined, plain: string | undefined) =>
      this.variable(braced ?? plain ?? '', place),
    );
    return joined.replaceAll('${questionMark}${arguments}', '${query}');
  }

  private variable(name: string, place: Place): string {
    if (/^\d$/.test(name)) return `\${capture.${name}}`;
    const own =
      this.scope.local[name] ?? (this.scope.maps.has(name) ? `\${map.${name}}` : this.scope.sets.has(name) ? `\${var.${name}}` : undefined);
    const template = own ?? fixed[name] ?? familyTemplate(name);
    if (template !== undefined) return template;
    if (lacking.test(name)) this.builder.lack(place, `the variable "$${name}" is not supported; write another one`);
    else this.builder.refuse(place, unknownVariable(name));
    return '';
  }
}

/** Whether nginx lets a file write the variable that it has itself. */
export function isChangeable(name: string): boolean {
  return name === 'args' || name === 'limit_rate' || familyTemplate(name) !== undefined;
}

/** Whether nginx itself has the variable, in http or in a stream. */
export function isBuiltIn(name: string, isStream: boolean): boolean {
  if (isStream) return ofStreams.test(name);
  return /^\d$/.test(name) || fixed[name] !== undefined || familyTemplate(name) !== undefined || lacking.test(name);
}

function familyTemplate(name: string): string | undefined {
  for (const [beginning, template] of families)
    if (name.startsWith(beginning) && name.length > beginning.length) return template(name.slice(beginning.length));
  return undefined;
}

/** By the names of a pattern's groups: what they have found last. */
export function capturesOf(pattern: string): Record<string, string> {
  return Object.fromEntries(captureNames(pattern).map((name) => [name, `\${capture.${name}}`]));
}

/** The names of the groups of a pattern. */
export function captureNames(pattern: string): string[] {
  return [...pattern.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g)].map(([, name = '']) => name);
}

export function unknownVariable(name: string): string {
  return `unknown "${name}" variable; write one that nginx has, or define it with "set" or "map"`;
}

/** The names of the variables that the text reads, in their order. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(reference)].map(([, braced, plain]) => braced ?? plain ?? '');
}

/** Whether the text has a variable in it. */
export function hasVariable(text: string): boolean {
  return /\$\{?\w/.test(text);
}
