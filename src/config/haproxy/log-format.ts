// Log formats and the texts of rules: "%[src]" and "%ci" in a text become Values.
import { knownSamples, type Place } from './known-samples.js';
import { literalText } from './literal-text.js';
import { checkSample, isFetchedIn, notFetched, parseSample, rawPath, type SampleUse } from './sample.js';
import { SampleError } from './sample-error.js';

const variables: Readonly<Record<string, string>> = {
  ci: '${client.ip}',
  cp: '${client.port}',
  fi: '${listener.ip}',
  fp: '${listener.port}',
  b: '${upstream.name}',
  f: '${listener.name}',
  ft: '${listener.name}',
  s: '${server.name}',
  si: '${server.address}',
  HM: '${method}',
  HP: rawPath,
  HQ: '${query}',
  HU: '${target}',
  HV: 'HTTP/${version}',
  ID: '${id}',
  r: '${method} ${target.received} HTTP/${version}',
  ST: '${response.status}',
  Ts: '${time.unix}',
  sslv: '${tls.protocol}',
  sslc: '${tls.cipher}',
};

/** What HAProxy has beside these. */
const knownVariables = new Set(
  'B BE CC CS FE H HPO ST T TR Ta Tc Td Th Ti Tl Tq Tr Ts Tt Tu Tw U ac b bc bi bp bq fc hr hrl hs hsl ms o pid r rc rt sc sp sq sr srv_conn t tr trg trl ts tsc'.split(
    ' ',
  ),
);

/** A piece of a format: text, a sample, or the name of a variable with all that is written for it. */
type FormatPart = { readonly text: string } | { readonly sample: string } | { readonly variable: string; readonly written: string };

/** Throws SampleError at what is no piece. */
function* partsOf(format: string): Generator<FormatPart> {
  let at = 0;
  while (at < format.length) {
    const percent = format.indexOf('%', at);
    if (percent < 0) {
      yield { text: format.slice(at) };
      return;
    }
    yield { text: format.slice(at, percent) };
    const match = /^%(?:%|(?:\{[^}]*\})?(?:\[((?:[^[\]]|\[[^\]]*\])*)\]|([A-Za-z]+)))/.exec(format.slice(percent, percent + 4096));
    if (match === null) throw new SampleError('"%" begins a variable; write "%%" for a percent sign', true);
    const [written, sample, variable] = match;
    if (sample !== undefined) yield { sample };
    else if (variable !== undefined) yield { variable, written };
    else yield { text: '%' };
    at = percent + written.length;
  }
}

/** The text as a Value. Throws SampleError. */
export function formatText(format: string, use: SampleUse): string {
  let value = '';
  for (const part of partsOf(format)) {
    if ('text' in part) value += literalText(part.text);
    else if ('sample' in part) value += parseSampleValue(part.sample, use);
    else if (part.variable === 'b' && use.ownBackend !== undefined) value += literalText(use.ownBackend);
    else value += variableText(part.variable, part.written);
  }
  return value;
}

/** Of a format that nothing is made of: whether HAProxy can write it in one of the places. Throws SampleError where it cannot. */
export function checkFormat(format: string, places: readonly Place[]): void {
  for (const part of partsOf(format)) {
    if ('sample' in part) checkSample(part.sample.trim(), places);
    else if ('variable' in part && !isVariable(part.variable)) throw unknownVariable(part.written);
  }
}

function isVariable(name: string): boolean {
  return Object.hasOwn(variables, name) || knownVariables.has(name);
}

function unknownVariable(written: string): SampleError {
  return new SampleError(`"${written}" is not a variable; write "%%" for a percent sign`, true);
}

function variableText(name: string, written: string): string {
  if (name === 'o' && written.startsWith('%{')) return '';
  if (Object.hasOwn(variables, name)) return variables[name]!;
  if (!isVariable(name)) throw unknownVariable(written);
  throw new SampleError(`"${written}" is not supported: Limpet has no Value for it`);
}

/** The Value of a sample. Throws SampleError. */
export function parseSampleValue(text: string, use: SampleUse): string {
  const sample = parseSample(text.trim(), use);
  if (knownSamples.has(sample.written) && !isFetchedIn(sample.written, use.places))
    throw new SampleError(notFetched(sample.written, use.places), true);
  if (sample.fetch === 'ssl_fc') throw new SampleError('"ssl_fc" is supported in conditions only');
  if (sample.fetch === 'be_name' && use.ownBackend !== undefined) {
    if (sample.value !== '${upstream.name}') throw new SampleError('"be_name" with converters is not supported here; write it without');
    return literalText(use.ownBackend);
  }
  if (sample.value === '' || sample.method !== '') throw new SampleError(`"${text}" has no text; write another sample`);
  return sample.value;
}
