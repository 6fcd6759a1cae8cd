// Answers that rules give: deny, return and redirect, as "respond" of the document.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Answer, builtInAnswer, hasBuiltInAnswer } from './built-in-answers.js';
import type { Place } from './known-samples.js';
import { literalText } from './literal-text.js';
import { formatText } from './log-format.js';
import type { ProxySection } from './proxy-section.js';
import type { Report } from './report.js';
import type { SampleUse } from './sample.js';
import { SampleError } from './sample-error.js';
import type { PlacedWord } from './statements.js';

type Step = Readonly<Record<string, unknown>>;

interface Written {
  status: number;
  type: string | null;
  body: string | null;
  readonly headers: Record<string, string>;
  usesPage: boolean;
  /** The name of the http-errors section that has the answer. */
  errorFiles: string | null;
}

/** `deny`. Throws SampleError. */
export function compileDeny(words: readonly PlacedWord[], proxy: ProxySection, places: readonly Place[], isOfResponse: boolean): Step {
  return compileAnswer(words, { status: isOfResponse ? 502 : 403, usesPage: true }, ['deny_status', 'status'], proxy, places);
}

/** `return`. Throws SampleError. */
export function compileReturn(words: readonly PlacedWord[], proxy: ProxySection, places: readonly Place[]): Step {
  return compileAnswer(words, { status: 200, usesPage: false }, ['status'], proxy, places);
}

function compileAnswer(
  words: readonly PlacedWord[],
  start: Pick<Written, 'status' | 'usesPage'>,
  statusKeyword: readonly string[],
  proxy: ProxySection,
  places: readonly Place[],
): Step {
  const use = proxy.useIn(places);
  const written: Written = { ...start, type: null, body: null, headers: {}, errorFiles: null };
  for (let at = 0; at < words.length; at++) {
    const { text } = words[at]!;
    const take = () => textBehind(text, words[++at]);
    if (statusKeyword.includes(text)) written.status = readStatus(take());
    else if (text === 'content-type') written.type = take();
    else if (text === 'hdr') written.headers[headerName(take())] = formatText(take(), use);
    else if (text === 'default-errorfiles') written.usesPage = true;
    else takeBody(text, take, written, proxy, use);
  }
  const isPage = written.body === null && written.usesPage && Object.keys(written.headers).length === 0;
  return { respond: answerOf(written, proxy), ...(isPage && { page: written.status }) };
}

function textBehind(keyword: string, next: PlacedWord | undefined): string {
  if (next === undefined || next.text === '') throw new SampleError(`"${keyword}" needs a value; write it after it`, true);
  return next.text;
}

function takeBody(keyword: string, take: () => string, written: Written, proxy: ProxySection, use: SampleUse): void {
  switch (keyword) {
    case 'string':
      written.body = literalText(take());
      return;
    case 'lf-string':
      written.body = formatText(take(), use);
      return;
    case 'file':
      written.body = literalText(readText(take(), proxy.report));
      return;
    case 'lf-file':
      written.body = formatText(readText(take(), proxy.report), use);
      return;
    case 'errorfile': {
      const answer = readErrorFile(take(), proxy.report);
      written.body = answer.body;
      Object.assign(written.headers, answer.headers);
      written.type = answer.headers['content-type'] ?? 'text/html';
      return;
    }
    case 'errorfiles':
      written.errorFiles = take();
      written.usesPage = false;
      return;
  }
  throw new SampleError(`"${keyword}" is not expected here; write "status", "content-type", "string", "lf-string", "file" or "hdr"`, true);
}

function answerOf(written: Written, proxy: ProxySection): Step {
  const { status, headers, type, body, errorFiles } = written;
  if (errorFiles !== null) return { ...pageIn(errorFiles, status, proxy) };
  if (body !== null) {
    if (type === null) throw new SampleError('a body needs a type; write "content-type" and one before it', true);
    return { status, body, headers: { ...headers, 'content-type': type } };
  }
  if (!written.usesPage) return { status, body: '', headers };
  const page = proxy.errorPages.get(status)?.answer;
  if (page === undefined && !hasBuiltInAnswer(status))
    throw new SampleError(`there is no page for the status ${status}; write a "string" or another status`, true);
  const answer = page ?? builtInAnswer(status);
  return { status: answer.status, body: answer.body, headers: { ...answer.headers, ...headers } };
}

function pageIn(section: string, status: number, proxy: ProxySection): Answer {
  const pages = proxy.global.errorFiles.get(section);
  if (pages === undefined) throw new SampleError(`there is no http-errors section "${section}"; write one, or another name`, true);
  const page = pages.get(status);
  if (page === undefined)
    throw new SampleError(`the section "${section}" has no page for the status ${status}, which is not supported; write one there`);
  return page;
}

function readStatus(text: string): number {
  if (/^[2-5]\d\d$/.test(text)) return Number(text);
  throw new SampleError(`"${text}" is not a status; write a number from 200 to 599`, true);
}

function headerName(text: string): string {
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)) return text;
  throw new SampleError(`"${text}" is not a field name; write letters, digits and "-"`);
}

function readText(file: string, report: Report): string {
  const path = resolve(file);
  report.files.push(path);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new SampleError(`the file "${file}" cannot be read; give the path of another`, true);
  }
}

const writtenByLimpet = new Set(['content-length', 'connection', 'transfer-encoding', 'keep-alive', 'proxy-connection']);

/** An errorfile: a response as it goes over the wire, head and body. Throws SampleError. */
export function readErrorFile(file: string, report: Report): Answer {
  const text = readText(file, report);
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/);
  const [start = '', ...fields] = head.split(/\r?\n/);
  const status = /^HTTP\/\d\.\d (\d{3})/.exec(start);
  if (status === null)
    throw new SampleError(`"${file}" does not begin with a status line; write one such as "HTTP/1.0 503 Service Unavailable"`, true);
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name !== '' && !writtenByLimpet.has(name)) headers[name] = literalText(field.slice(colon + 1).trim());
  }
  const bodyStart = rest.length === 0 ? text.length : /\r?\n\r?\n/.exec(text)!.index + /\r?\n\r?\n/.exec(text)![0].length;
  return { status: Number(status[1]), body: literalText(text.slice(bodyStart)), headers };
}

const redirectCodes = [301, 302, 303, 307, 308];

/** `redirect`; `textOf` reads the text that it leads to. Throws SampleError. */
export function compileRedirect(words: readonly PlacedWord[], textOf: (written: string) => string, isOfResponse = false): Step {
  if (isOfResponse && words.some(({ text }) => text === 'prefix' || text === 'scheme'))
    throw new SampleError('a response is redirected to a "location" only; write it out', true);
  let kind = '';
  let format = '';
  let code = 302;
  let dropsQuery = false;
  let cookie = '';
  for (let at = 0; at < words.length; at++) {
    const { text } = words[at]!;
    const take = () => textBehind(text, words[++at]);
    if (text === 'location' || text === 'prefix' || text === 'scheme') [kind, format] = [text, take()];
    else if (text === 'code') code = Number(take());
    else if (text === 'drop-query') dropsQuery = true;
    else if (text === 'set-cookie') cookie = `${literalText(take())}; path=/;`;
    else if (text === 'clear-cookie') cookie = `${literalText(take())}; path=/; Max-Age=0;`;
    else if (text === 'append-slash' || text === 'ignore-empty')
      throw new SampleError(`"${text}" is not supported; write the location out`);
    else throw new SampleError(`"${text}" is not expected here; write "location", "prefix" or "scheme"`, true);
  }
  if (kind === '') throw new SampleError('the redirect leads nowhere; write "location", "prefix" or "scheme"', true);
  if (!redirectCodes.includes(code)) throw new SampleError('the code of a redirect is 301, 302, 303, 307 or 308; write one of them', true);
  const rest = dropsQuery ? '${target|field:1:?}' : '${target}';
  const to =
    kind === 'location'
      ? textOf(format)
      : kind === 'prefix'
        ? (format === '/' ? '' : textOf(format)) + rest
        : `${textOf(format)}://\${header.host}${rest}`;
  // Where HAProxy forbids to keep it, or a cookie goes along, it takes an answer written out.
  const isTemporary = code === 302 || code === 303 || code === 307;
  if (!isTemporary && cookie === '') return { redirect: { to, status: code } };
  const headers = { location: to, ...(isTemporary && { 'cache-control': 'no-cache' }), ...(cookie !== '' && { 'set-cookie': cookie }) };
  return { respond: { status: code, body: '', headers } };
}
