// The keywords of defaults, frontend, backend and listen: which function takes which, and those that are said in a
// line or two.

import { compileReturn, readErrorFile } from './answer.js';
import { addBind } from './bind.js';
import { type Answer, hasBuiltInAnswer } from './built-in-answers.js';
import { conditionStart } from './condition.js';
import { addConnectionRule } from './connection-rules.js';
import { addHttpRule } from './http-rules.js';
import type { KnownStatement } from './keyword.js';
import { everywhere } from './known-samples.js';
import { literalText } from './literal-text.js';
import { formatText } from './log-format.js';
import { logTarget } from './log-target.js';
import type { ProxySection } from './proxy-section.js';
import { SampleError } from './sample-error.js';
import { addServer, addServerDefaults } from './server.js';
import { parseTime } from './time.js';
import { setBalance, setCookie, setHashType } from './upstream-keywords.js';

type Handler = (statement: KnownStatement, proxy: ProxySection) => void;

const handlers: Readonly<Record<string, Handler>> = {
  acl: (statement, proxy) => proxy.acls.define(statement),
  balance: setBalance,
  bind: addBind,
  cookie: setCookie,
  'default-server': addServerDefaults,
  'hash-type': setHashType,
  server: addServer,
  default_backend: (statement, proxy) => {
    proxy.defaultBackend = statement.args[0]!;
  },
  use_backend: addChoice,
  disabled: (_statement, proxy) => {
    proxy.isDisabled = true;
  },
  enabled: (_statement, proxy) => {
    proxy.isDisabled = false;
  },
  errorfile: setErrorFile,
  errorfiles: setErrorFiles,
  errorloc: setErrorLocation,
  errorloc302: setErrorLocation,
  errorloc303: setErrorLocation,
  'http-error': setHttpError,
  'http-request': (statement, proxy) => addHttpRule(statement, proxy, 'request'),
  'http-response': (statement, proxy) => addHttpRule(statement, proxy, 'response'),
  'http-after-response': (statement, proxy) => addHttpRule(statement, proxy, 'after'),
  redirect: (statement, proxy) => addHttpRule(statement, proxy, 'redirect'),
  'tcp-request connection': addConnectionRule,
  'tcp-request session': addConnectionRule,
  log: setLog,
  'log-format': setLogFormat,
  maxconn: (statement, proxy) => {
    const value = readNumber(statement, proxy, 1, 2 ** 31);
    if (value !== null) proxy.maxConnections = { value, at: statement.args[0]! };
  },
  mode: setMode,
  'monitor-uri': (statement, proxy) => {
    proxy.monitorUri = statement.args[0]!;
  },
  retries: (statement, proxy) => {
    const value = readNumber(statement, proxy, 0, 99);
    if (value !== null) proxy.retries = { value, at: statement.args[0]! };
  },
  'retry-on': checkRetryOn,
  'http-reuse': setReuse,
  'option forwardfor': setForwardFor,
  'option httpclose': setClosing,
  'option http-server-close': setClosing,
  'option http-keep-alive': (_statement, proxy) => {
    proxy.closesToServer = null;
  },
  'option redispatch': (statement, proxy) => {
    proxy.isRedispatched = statement.prefix === '';
  },
  'option abortonclose': (statement, proxy) => {
    proxy.abortsOnClose = statement.prefix === '';
  },
  ...Object.fromEntries(
    ['client', 'server', 'connect', 'client-fin', 'server-fin', 'http-keep-alive', 'http-request', 'tunnel'].map((name) => [
      `timeout ${name}`,
      timeout(name),
    ]),
  ),
};

/** Puts a statement whose keyword is carried over into the proxy. */
export function applyStatement(statement: KnownStatement, proxy: ProxySection): void {
  handlers[statement.keyword.name]!(statement, proxy);
}

/** Whether there is a function for the keyword: for the test of the table. */
export function hasHandler(name: string): boolean {
  return Object.hasOwn(handlers, name);
}

function timeout(name: string): Handler {
  return (statement, proxy) => {
    const word = statement.args[0]!;
    const ms = parseTime(word.text);
    if (ms === null)
      return proxy.report.reject(word, `"${word.text}" is not a duration; write a whole number with ms, s, m, h or d, such as "30s"`);
    proxy.timeouts.set(name, { ms, at: word });
  };
}

function readNumber(statement: KnownStatement, proxy: ProxySection, least: number, most: number): number | null {
  const word = statement.args[0]!;
  if (/^\d{1,10}$/.test(word.text) && Number(word.text) >= least && Number(word.text) <= most) return Number(word.text);
  // HAProxy reads what is no number as far as it goes; what it would come to is not guessed at.
  proxy.report.refuse(word, `"${word.text}" is not a number from ${least} to ${most}; write one`);
  return null;
}

function setMode(statement: KnownStatement, proxy: ProxySection): void {
  const word = statement.args[0]!;
  if (word.text === 'http' || word.text === 'tcp') proxy.mode = word.text;
  else if (word.text === 'health') proxy.report.reject(word, 'the mode "health" is no more; write "http" or "tcp"');
  else proxy.report.reject(word, `"${word.text}" is not a mode; write "http" or "tcp"`);
}

function addChoice(statement: KnownStatement, proxy: ProxySection): void {
  const [backend, ...rest] = statement.args;
  const use = proxy.useIn(['frontend']);
  const condition = proxy.acls.read(rest, use);
  attempt(statement, proxy, () => {
    const computed = backend!.text.includes('%') ? formatText(backend!.text, use) : null;
    if (condition !== undefined) proxy.choices.push({ condition, backend: backend!, computed });
  });
}

function readStatus(statement: KnownStatement, proxy: ProxySection): number | null {
  const word = statement.args[0]!;
  if (hasBuiltInAnswer(Number(word.text))) return Number(word.text);
  proxy.report.reject(word, `"${word.text}" is not a status with a page; write one such as 403, 502 or 503`);
  return null;
}

function setErrorFile(statement: KnownStatement, proxy: ProxySection): void {
  const status = readStatus(statement, proxy);
  const word = statement.args[1]!;
  if (status === null) return;
  attempt(statement, proxy, () => {
    if (word.text === '/dev/null') throw new SampleError('an answer without a byte is not supported; write a file with a response');
    proxy.errorPages.set(status, { answer: readErrorFile(word.text, proxy.report), at: statement });
  });
}

/** All pages of an http-errors section, or those that are named. */
function setErrorFiles(statement: KnownStatement, proxy: ProxySection): void {
  const [section, ...statuses] = statement.args;
  const { report } = proxy;
  const pages = proxy.global.errorFiles.get(section!.text);
  if (pages === undefined) {
    report.reject(section!, `there is no http-errors section "${section!.text}"; write one, or another name`);
    return;
  }
  for (const word of statuses) {
    if (!hasBuiltInAnswer(Number(word.text)))
      report.reject(word, `"${word.text}" is not a status with a page; write one such as 403, 502 or 503`);
    else if (!pages.has(Number(word.text))) report.note(word, `the section "${section!.text}" has no page for ${word.text}`);
  }
  const wanted = statuses.map(({ text }) => Number(text));
  for (const [status, answer] of pages)
    if (wanted.length === 0 || wanted.includes(status)) proxy.errorPages.set(status, { answer, at: statement });
}

/** A page that is written in the line itself, with the words of "http-request return"; HAProxy does not ask where it is for. */
function setHttpError(statement: KnownStatement, proxy: ProxySection): void {
  attempt(statement, proxy, () => {
    const answer = compileReturn(statement.args, proxy, everywhere)['respond'] as Answer;
    if (!statement.args.some(({ text }) => text === 'status'))
      throw new SampleError('the status is missing; write "status" and a number', true);
    if (!hasBuiltInAnswer(answer.status))
      throw new SampleError(`"${answer.status}" is not a status with a page; write one such as 403, 502 or 503`, true);
    proxy.errorPages.set(answer.status, { answer, at: statement });
  });
}

function setErrorLocation(statement: KnownStatement, proxy: ProxySection): void {
  const status = readStatus(statement, proxy);
  if (status === null) return;
  const answer = {
    status: statement.keyword.name === 'errorloc303' ? 303 : 302,
    body: '',
    headers: { 'cache-control': 'no-cache', location: literalText(statement.args[1]!.text) },
  };
  proxy.errorPages.set(status, { answer, at: statement });
}

function setLog(statement: KnownStatement, proxy: ProxySection): void {
  if (statement.prefix === 'no') {
    proxy.log = null;
  } else if (statement.args[0]!.text === 'global') {
    proxy.log ??= proxy.global.log;
  } else {
    proxy.log = logTarget(statement, proxy.report) ?? proxy.log;
  }
}

function setLogFormat(statement: KnownStatement, proxy: ProxySection): void {
  attempt(statement, proxy, () => {
    proxy.logFormat = { value: formatText(statement.args[0]!.text, proxy.useIn(['log'])), at: statement };
  });
}

function checkRetryOn(statement: KnownStatement, proxy: ProxySection): void {
  const known = ['none', 'conn-failure', 'empty-response', 'junk-response', 'response-timeout', '0rtt-rejected', 'all-retryable-errors'];
  for (const word of statement.args) {
    if (word.text === 'none' || word.text === 'conn-failure' || word.text === '0rtt-rejected') continue;
    if (known.includes(word.text) || /^(401|403|404|408|425|500|501|502|503|504)$/.test(word.text))
      proxy.report.refuse(word, `"retry-on ${word.text}" is not supported; requests are sent again only when a connection fails`);
    else proxy.report.reject(word, `"${word.text}" is not a reason to try again; write "conn-failure" or "none"`);
  }
}

function setReuse(statement: KnownStatement, proxy: ProxySection): void {
  const word = statement.args[0]!;
  if (word.text === 'never') proxy.closesToServer = statement;
  else if (!['safe', 'aggressive', 'always'].includes(word.text))
    proxy.report.reject(word, `"${word.text}" is not a way to share connections; write never, safe, aggressive or always`);
}

function setClosing(statement: KnownStatement, proxy: ProxySection): void {
  proxy.closesToServer = statement.prefix === '' ? statement : null;
  if (statement.prefix === '' && statement.keyword.name === 'option httpclose')
    proxy.report.note(
      statement,
      'connections to servers are closed after each exchange; those of clients stay open as long as "timeout http-keep-alive" allows',
    );
}

function setForwardFor(statement: KnownStatement, proxy: ProxySection): void {
  let header = 'X-Forwarded-For';
  let except: string | null = null;
  let isIfNone = false;
  const { args } = statement;
  for (let at = 0; at < args.length; at++) {
    const { text } = args[at]!;
    if (text === 'if-none') {
      isIfNone = true;
      continue;
    }
    if (text !== 'header' && text !== 'except') {
      proxy.report.reject(args[at]!, `"${text}" is not expected here; write "except", "header" or "if-none"`);
      return;
    }
    const value = args[++at];
    if (value === undefined) {
      proxy.report.reject(args[at - 1]!, `"${text}" needs a value; write it after it`);
      return;
    }
    if (text === 'header') header = value.text;
    else except = value.text;
  }
  proxy.forwardFor = { header, isIfNone, except, at: statement };
}

function attempt(statement: KnownStatement, proxy: ProxySection, work: () => void): void {
  const word = statement.args[Math.min(1, conditionStart(statement.args) - 1)] ?? statement;
  try {
    work();
  } catch (error) {
    proxy.report.take(error, word);
  }
}
