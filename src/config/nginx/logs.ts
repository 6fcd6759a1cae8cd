// access_log, log_format and error_log. Limpet writes one access log and one log of its own.
import type { TranslationBuilder } from '../translation-builder.js';
import type { Scope } from './scope.js';
import type { Statement } from './statements.js';
import type { ValueTranslator } from './variables.js';

type Written = Record<string, unknown>;

const levels: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  error: 'error',
  crit: 'error',
  alert: 'error',
  emerg: 'error',
};

/** Variables that are known when an exchange has ended. */
const logOnly = { request_time: '${time.totalSeconds}', time_local: '${time.local}' };

/** `all` are the access_log directives wherever they stand. */
export function accessLog(all: readonly Statement[], http: Scope, values: ValueTranslator, builder: TranslationBuilder): Written | 'off' {
  for (const statement of all) judgeOptions(statement, http, builder);
  const written = all.filter(({ args }) => args[0]!.text !== 'off');
  const first = written[0];
  if (first === undefined) return 'off';
  const other = written.find(({ args }) => args[0]!.text !== first.args[0]!.text || args[1]?.text !== first.args[1]?.text);
  if (other !== undefined) builder.lack(other.place, `there is one access log for everything; the first is in line ${first.place.line}`);
  for (const { args, place } of all)
    if (args[0]!.text === 'off')
      builder.note(place, `there is one access log for everything, the one in line ${first.place.line}; what is asked here is logged, too`);
  const [path = '', format = 'combined', ...options] = first.args.map(({ text }) => text);
  for (const option of options) {
    if (option.startsWith('if=')) builder.lack(first.place, 'every exchange is logged; leave "if=" out');
  }
  if (path.startsWith('syslog:')) {
    builder.lack(first.place, 'the access log goes to a file; write its path');
    return 'off';
  }
  const to = path === '/dev/stdout' ? 'stdout' : path === '/dev/stderr' ? 'stderr' : path;
  return builder.mark(
    { to, format: formatOf(format, http, values, first, builder) },
    first.place,
    `${first.place.file}:${first.place.line} access_log`,
  );
}

/** What nginx refuses, also of a log that is not the one. */
function judgeOptions({ args, place }: Statement, http: Scope, builder: TranslationBuilder): void {
  const [path = '', format, ...options] = args.map(({ text }) => text);
  if (path === 'off') {
    if (format !== undefined) builder.refuse(place, `invalid parameter "${format}"; write access_log off;`);
    return;
  }
  if (format !== undefined && !knownFormat(format, http)) builder.refuse(place, unknownFormat(format));
  for (const option of options)
    if (!/^(buffer=\d+[kKmM]?|flush=\w+|gzip(=[1-9])?|if=.*)$/s.test(option) && !path.startsWith('syslog:'))
      builder.refuse(place, `invalid parameter "${option}"; write buffer=, flush=, gzip= or if=`);
  if (options.some((option) => option.startsWith('flush=')) && !options.some((option) => /^(buffer=|gzip)/.test(option)))
    builder.refuse(place, `no buffer is defined for access_log "${path}"; write buffer= beside flush=`);
}

/** The formats of a block. */
export function judgeFormats(scope: Scope, builder: TranslationBuilder): void {
  for (const { args, place } of scope.all('log_format')) {
    const [name = '', first = ''] = args.map(({ text }) => text);
    if (name === 'combined') builder.refuse(place, 'duplicate "log_format" name "combined"; nginx has it itself, write another name');
    if (first.startsWith('escape=') && !['default', 'json', 'none'].includes(first.slice(7)))
      builder.refuse(place, `unknown log format escaping "${first.slice(7)}"; write escape=default, escape=json or escape=none`);
  }
}

function judgeLevels({ args, place }: Statement, builder: TranslationBuilder): void {
  const written = args.slice(1).map(({ text }) => text);
  for (const level of written) {
    if (levels[level] === undefined && !/^debug_(core|alloc|mutex|event|http|mail|stream)$/.test(level))
      builder.refuse(place, `invalid log level "${level}"; write error, warn, notice, info or debug`);
  }
  const [, second] = written.filter((level) => !level.startsWith('debug_'));
  if (second !== undefined) builder.refuse(place, `duplicate log level "${second}"; write one`);
}

function knownFormat(name: string, http: Scope): boolean {
  return name === 'combined' || http.all('log_format').some(({ args }) => args[0]!.text === name);
}

function unknownFormat(name: string): string {
  return `unknown log format "${name}"; write a log_format with this name`;
}

function formatOf(name: string, http: Scope, values: ValueTranslator, at: Statement, builder: TranslationBuilder): string {
  if (name === 'combined') return 'combined';
  const statement = http.all('log_format').find(({ args }) => args[0]!.text === name);
  if (statement === undefined) {
    builder.refuse(at.place, unknownFormat(name));
    return 'combined';
  }
  const parts = statement.args.slice(1).filter(({ text }) => !text.startsWith('escape='));
  const text = parts.map((part) => part.text).join('');
  const isCombined = text
    .replace(/\s+/g, ' ')
    .startsWith('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"');
  return isCombined ? 'combined' : values.with(logOnly).template(text, statement.place);
}

/** The program's own log: the first of the error_log directives, the outermost first. */
export function errorLog([statement, ...others]: readonly Statement[], builder: TranslationBuilder): Written | null {
  for (const other of statement === undefined ? [] : [statement, ...others]) judgeLevels(other, builder);
  for (const other of others) builder.note(other.place, `there is one error log; the one in line ${statement!.place.line} is written`);
  if (statement === undefined) return null;
  const [path = '', level = 'error'] = statement.args.map(({ text }) => text);
  if (path.startsWith('syslog:') || path.startsWith('memory:')) {
    builder.lack(statement.place, 'the log goes to a file; write its path, or stderr');
    return null;
  }
  const to = path === '/dev/stdout' ? 'stdout' : path === '/dev/stderr' ? 'stderr' : path;
  return builder.mark(
    { level: levels[level] ?? 'error', to },
    statement.place,
    `${statement.place.file}:${statement.place.line} error_log`,
  );
}
