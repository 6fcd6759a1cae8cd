// log: where lines go. Limpet writes to its standard output, its standard error or a file, and not to a syslog.
import type { KnownStatement } from './keyword.js';
import type { Report } from './report.js';

const facilities = new Set(
  'kern user mail daemon auth syslog lpr news uucp cron auth2 ftp ntp audit alert cron2 local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  ),
);

const formats = new Set(['local', 'rfc3164', 'rfc5424', 'priority', 'short', 'timed', 'iso', 'raw']);
const levels = new Set(['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']);

/** Where the lines of a log statement go; null when it is wrong, which is reported. */
export function logTarget(statement: KnownStatement, report: Report): 'stdout' | 'stderr' | null {
  const [address, ...rest] = statement.args;
  if (rest.length === 0) {
    report.reject(address!, 'a log needs an address and a facility; write both, as in "log stdout local0"');
    return null;
  }
  const words = rest.map((word) => word.text);
  let at = 0;
  while (['len', 'format', 'sample'].includes(words[at] ?? '')) at += 2;
  const format = words.slice(0, at).find((_, index, all) => all[index - 1] === 'format' && index % 2 === 1);
  if (format !== undefined && !formats.has(format)) {
    report.reject(rest[words.indexOf(format)]!, `"${format}" is not a format of log lines; write one such as "raw" or "rfc5424"`);
    return null;
  }
  const level = words.slice(at + 1).find((word) => !levels.has(word));
  if (level !== undefined) {
    report.reject(rest[words.lastIndexOf(level)]!, `"${level}" is not a level; write one such as "notice", or remove it`);
    return null;
  }
  if (!facilities.has(words[at] ?? '')) {
    report.reject(rest[at] ?? address!, `"${words[at] ?? ''}" is not a facility; write one such as "local0" or "daemon"`);
    return null;
  }
  if (address!.text === 'stderr' || address!.text === 'fd@2') return 'stderr';
  if (address!.text !== 'stdout' && address!.text !== 'fd@1')
    report.note(address!, 'no lines are sent to a syslog: they go to the standard output');
  return 'stdout';
}
