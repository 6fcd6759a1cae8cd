// Log formats and the texts of rules: "%[src]" and "%ci" in a text become Values.
import { knownSamples } from './known-samples.js';
import { literalText } from './literal-text.js';
import { isFetchedIn, notFetched, parseSample, rawPath, type SampleUse } from './sample.js';
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

/** The text as a Value. Throws SampleError. */
export function formatText(text: string, use: SampleUse): string {
  let value = '';
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf('%', at);
    if (percent < 0) return value + literalText(text.slice(at));
    value += literalText(text.slice(at, percent));
    const match = /^%(?:%|(?:\{[^}]*\})?(?:\[((?:[^[\]]|\[[^\]]*\])*)\]|([A-Za-z]+)))/.exec(text.slice(percent, percent + 4096));
    if (match === null) throw new SampleError('"%" begins a variable; write "%%" for a percent sign', true);
    value += match[0] === '%%' ? '%' : match[1] !== undefined ? parseSampleValue(match[1], use) : variableText(match[2]!, match[0]);
    at = percent + match[0].length;
  }
  return value;
}

function variableText(name: string, written: string): string {
  if (name === 'o' && written.startsWith('%{')) return '';
  if (Object.hasOwn(variables, name)) return variables[name]!;
  const isKnown = knownVariables.has(name);
  throw new SampleError(
    isKnown ? `"${written}" is not supported: Limpet has no Value for it` : `"${written}" is not a variable; write "%%" for a percent sign`,
    !isKnown,
  );
}

/** The Value of a sample. Throws SampleError. */
export function parseSampleValue(text: string, use: SampleUse): string {
  const sample = parseSample(text.trim(), use);
  if (knownSamples.has(sample.written) && !isFetchedIn(sample.written, use.places)) throw new SampleError(notFetched(sample.written), true);
  if (sample.fetch === 'ssl_fc') throw new SampleError('"ssl_fc" is supported in conditions only');
  if (sample.value === '' || sample.method !== '') throw new SampleError(`"${text}" has no text; write another sample`);
  return sample.value;
}
