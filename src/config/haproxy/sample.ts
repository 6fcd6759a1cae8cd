// Samples, which HAProxy takes from a request: "hdr(host),lower" becomes a Value with filters. What has no Value is
// refused with the reason.
import { nearestName } from '../../core/nearest-name.js';
import { knownConverters, knownSamples, type Place } from './known-samples.js';
import type { MapFiles } from './map-files.js';
import { checkPattern } from './regular-expression.js';
import { SampleError } from './sample-error.js';
import { checkVariable } from './variable.js';

/** What samples are read for. */
export interface SampleUse {
  /** Where they may be fetched: in one of these. */
  readonly places: readonly Place[];
  readonly maps: MapFiles;
  /** The backend, for rules of requests: the section itself, also a frontend until one is chosen. */
  readonly ownBackend?: string;
}

export interface Sample {
  /** A Value's text, such as "${header.host|lower}". */
  readonly value: string;
  readonly type: 'text' | 'number' | 'address' | 'method' | 'flag';
  /** A condition by itself, for samples that are true or false. */
  readonly condition: unknown;
  /** Whether it may be absent, which no pattern matches then. */
  readonly mayBeAbsent: boolean;
  /** Whether the Value was looked up in a map with one of several texts, of which a test has to try each. */
  readonly looksUpOneOfSeveral: boolean;
  /** What a test looks at: all fields, members, cookies or arguments of a name with their filters, or the Value. */
  readonly subject: Readonly<Record<string, unknown>>;
  /** What the name of the fetch implies for patterns: "_beg" and the like; "" for none. */
  readonly method: string;
  readonly fetch: string;
  /** As it is written: the fetch with its method. */
  readonly written: string;
}

/** The path as it came, without the query: HAProxy changes nothing about it. */
export const rawPath = '${target|field:1:?}';

interface Draft {
  readonly name: string;
  readonly type: Sample['type'];
  readonly condition?: unknown;
  readonly mayBeAbsent?: boolean;
  readonly subject?: Sample['subject'] | undefined;
}

const plain: Readonly<Record<string, Draft>> = {
  src: { name: 'client.ip', type: 'address' },
  src_port: { name: 'client.port', type: 'number' },
  dst: { name: 'listener.ip', type: 'address' },
  dst_port: { name: 'listener.port', type: 'number' },
  method: { name: 'method', type: 'method' },
  path: { name: 'target|field:1:?', type: 'text' },
  pathq: { name: 'target', type: 'text' },
  url: { name: 'target', type: 'text' },
  query: { name: 'arguments', type: 'text', mayBeAbsent: true },
  'req.ver': { name: 'version', type: 'text' },
  req_ver: { name: 'version', type: 'text' },
  status: { name: 'response.status', type: 'number' },
  be_name: { name: 'upstream.name', type: 'text' },
  srv_name: { name: 'server.name', type: 'text' },
  ssl_fc: { name: 'tls.protocol', type: 'flag', condition: { tls: true } },
  ssl_fc_sni: { name: 'tls.serverName', type: 'text', mayBeAbsent: true },
  ssl_fc_protocol: { name: 'tls.protocol', type: 'text', mayBeAbsent: true },
  ssl_fc_cipher: { name: 'tls.cipher', type: 'text', mayBeAbsent: true },
  always_true: { name: '', type: 'flag', condition: {} },
  always_false: { name: '', type: 'flag', condition: { not: {} } },
};

/** Fields of which a message has one, and no list. */
const singleFields = new Set(['host', 'content-length']);

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const suffixed =
  /^(hdr|req\.f?hdr|shdr|res\.f?hdr|path|url|cook|scook|req\.cook|res\.cook|urlp|url_param|base)_(beg|end|sub|reg|dir|dom|len|val|cnt|ip)$/;

/** Throws SampleError. Where the sample is fetched is not looked at, but for those that mean another field in a response. */
export function parseSample(text: string, { maps, places }: SampleUse): Sample {
  const parts = splitParts(text);
  const { name: written, args } = parts[0];
  const suffix = suffixed.exec(written);
  const method = suffix === null ? '' : suffix[2]!;
  const fetch = suffix === null ? written : suffix[1]!;
  let draft = draftOf(fetch, args, places);
  if (method === 'val') draft = { ...draft, type: 'number' };
  if (method === 'ip') draft = { ...draft, type: 'address' };
  if (method === 'cnt' && parts.length > 1) throw new SampleError(`"${written}" with converters is not supported; write it without`);
  let filters: string[] = [];
  let looksUpOneOfSeveral = false;
  for (const converter of parts.slice(1)) {
    if (/^map(?:_|$)/.test(converter.name) && knownConverters.has(converter.name)) {
      if (draft.name === '' || method !== '') throw new SampleError(`"${text}" has no text to look up; write another sample`);
      const name = maps.nameOf(converter.name, converter.args, filteredValue(draft.name, filters));
      looksUpOneOfSeveral ||= draft.subject !== undefined;
      draft = { name: `map.${name}`, type: 'text', mayBeAbsent: true };
      filters = [];
      continue;
    }
    const { filter, type } = convert(converter.name, converter.args);
    filters.push(filter);
    draft = { ...draft, ...(type === undefined ? { type: 'text' as const } : { type }), condition: undefined };
  }
  const value = draft.name === '' ? '' : filteredValue(draft.name, filters);
  return {
    value,
    type: draft.type,
    condition: draft.condition,
    mayBeAbsent: draft.mayBeAbsent ?? false,
    looksUpOneOfSeveral,
    subject: draft.subject === undefined ? { value } : { ...draft.subject, ...(filters.length > 0 && { filters }) },
    // Behind converters the name says nothing about patterns.
    method: method === 'val' || method === 'ip' || parts.length > 1 ? '' : method,
    fetch,
    written,
  };
}

function filteredValue(name: string, filters: readonly string[]): string {
  return `\${${[name, ...filters].join('|')}}`;
}

function draftOf(fetch: string, args: readonly string[], places: readonly Place[]): Draft {
  if (Object.hasOwn(plain, fetch)) {
    if (args.length > 0 && args[0] !== '') throw new SampleError(`"${fetch}" takes nothing in parentheses; remove it`, true);
    return plain[fetch]!;
  }
  const [key = '', occurrence] = args;
  switch (fetch) {
    case 'hdr':
      // Of the message that the rules are about.
      return fieldDraft(places.every((place) => place === 'response') ? 'response.header' : 'header', fetch, key, occurrence);
    case 'req.hdr':
    case 'req.fhdr':
      return fieldDraft('header', fetch, key, occurrence);
    case 'shdr':
    case 'res.hdr':
    case 'res.fhdr':
      return fieldDraft('response.header', fetch, key, occurrence);
    case 'cook':
    case 'req.cook':
      return { name: `cookie.${needToken(fetch, key)}`, type: 'text', mayBeAbsent: true, subject: { cookie: key } };
    case 'url_param':
    case 'urlp':
      if (occurrence !== undefined) throw new SampleError(`"${fetch}" with a delimiter is not supported; write the name alone`);
      return { name: `query.${needToken(fetch, key)}`, type: 'text', mayBeAbsent: true, subject: { argument: key } };
    case 'var':
      return { name: `var.${needToken(fetch, key)}`, type: 'text', mayBeAbsent: true };
  }
  rejectUnknown(fetch);
  throw new SampleError(`the sample "${fetch}" is not supported: Limpet has no Value for it`);
}

function rejectUnknown(fetch: string): void {
  if (!/^[a-z][a-zA-Z0-9_.-]*$/.test(fetch))
    throw new SampleError(`"${fetch}" is not a sample; write one such as hdr(host), path or src`, true);
  if (knownSamples.has(fetch)) return;
  const nearest = nearestName(fetch, knownSamples.keys());
  throw new SampleError(
    `"${fetch}" is not a sample${nearest === null ? '; write one such as hdr(host), path or src' : `; write "${nearest}" instead`}`,
    true,
  );
}

/** Of a sample that nothing is made of: whether HAProxy fetches it in one of the places. Throws SampleError where it does not. */
export function checkSample(text: string, places: readonly Place[]): void {
  const [{ name, args }, ...converters] = splitParts(text);
  rejectUnknown(name);
  if (!isFetchedIn(name, places)) throw new SampleError(notFetched(name, places), true);
  if (name === 'var') checkVariable(args[0] ?? '');
  for (const converter of converters) if (!knownConverters.has(converter.name)) throw unknownConverter(converter.name);
}

function unknownConverter(name: string): SampleError {
  return new SampleError(`"${name}" is not a converter; write one such as lower or field(1,/)`, true);
}

/** Whether a sample is known in one of the places. */
export function isFetchedIn(fetch: string, places: readonly Place[]): boolean {
  return places.some((place) => knownSamples.get(fetch)!.has(place));
}

/** Why a sample is not known in any of the places, and what to write. */
export function notFetched(fetch: string, places: readonly Place[]): string {
  if (places.includes('check')) return `"${fetch}" is not known to the checks of a server; write another sample`;
  const known = knownSamples.get(fetch)!;
  if (known.has('frontend'))
    return `"${fetch}" is known while there is a request, and not here; keep it with "http-request set-var(txn.name)" and write var(txn.name)`;
  if (known.has('backend')) return `"${fetch}" is known once there is a backend, and not here; move this there`;
  return `"${fetch}" is known once there is a response, and not here; write it in an "http-response" rule`;
}

function fieldDraft(family: string, fetch: string, key: string, occurrence: string | undefined): Draft {
  const name = needToken(fetch, key).toLowerCase();
  if (occurrence !== undefined && occurrence !== '1' && occurrence !== '-1')
    throw new SampleError(`"${fetch}" with an occurrence is not supported; write the name alone`);
  const isSingle = singleFields.has(name);
  const isWhole = fetch.endsWith('fhdr');
  // By itself HAProxy takes the last one; a condition tries all, unless it says which.
  if (isSingle || isWhole || occurrence === '1') {
    if (!isSingle && occurrence !== undefined)
      throw new SampleError(`"${fetch}" with an occurrence is not supported; write the name alone`);
    return { name: `${family}.${name}`, type: 'text', mayBeAbsent: true, ...(isWhole && { subject: { [testKeys[family]!]: name } }) };
  }
  const last = family === 'header' ? 'lastMember' : 'response.lastMember';
  const subject = occurrence === undefined ? { [testKeys[family]!]: name, members: true } : undefined;
  return { name: `${last}.${name}`, type: 'text', mayBeAbsent: true, ...(subject !== undefined && { subject }) };
}

const testKeys: Readonly<Record<string, string>> = { header: 'header', 'response.header': 'responseHeader' };

function needToken(fetch: string, key: string): string {
  if (key === '') throw new SampleError(`"${fetch}" needs a name in parentheses; write one, as in ${fetch}(name)`, fetch === 'var');
  if (!token.test(key) || key.includes('|'))
    throw new SampleError(`"${key}" cannot be a name in "${fetch}"; write letters, digits and "-"`);
  return key;
}

function convert(name: string, args: readonly string[]): { filter: string; type?: Sample['type'] } {
  const [first = '', second = ''] = args;
  switch (name) {
    case 'lower':
    case 'upper':
      return { filter: name };
    case 'url_dec':
      return { filter: 'decode' };
    case 'url_enc':
      return { filter: 'encode' };
    case 'field':
    case 'word':
      if (!/^[1-9]\d*$/.test(first) || second.length !== 1 || /[|}]/.test(second) || args.length > 2)
        throw new SampleError(`"${name}" takes a number from 1 and one character, as in ${name}(1,/)`);
      return { filter: `${name}:${first}:${second}` };
    case 'regsub': {
      const [pattern = '', text = '', flags = ''] = args;
      if (/[^gi]/.test(flags) || /[|}/]/.test(pattern + text) || text.includes('\\') || pattern === '')
        throw new SampleError('"regsub" is supported without "|", "}" and "/", and without a backslash in the text only');
      checkPattern(pattern);
      return { filter: `replace:/${pattern}/${text}/${flags}` };
    }
  }
  if (!knownConverters.has(name)) throw unknownConverter(name);
  throw new SampleError(`the converter "${name}" is not supported: Values have no such filter`);
}

interface Part {
  readonly name: string;
  readonly args: readonly string[];
}

/** "a(b,c),d" as its parts: the sample, and converters. */
function splitParts(text: string): [Part, ...Part[]] {
  const parts: Part[] = [];
  const pattern = /([^(),\s]+)(?:\(((?:[^()"']|"[^"]*"|'[^']*')*)\))?(,|$)/y;
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) throw new SampleError(`"${text}" is not a sample; write one such as hdr(host),lower`, true);
    parts.push({
      name: match[1]!,
      args:
        match[2] === undefined || match[2] === ''
          ? []
          : match[2].split(',').map((argument) => argument.trim().replace(/^(["'])(.*)\1$/, '$2')),
    });
    at += match[0].length;
  }
  const [sample, ...converters] = parts;
  if (sample === undefined) throw new SampleError('a sample is missing; write one such as hdr(host)', true);
  return [sample, ...converters];
}
