// What an ACL compares a sample with: flags, a matching method and patterns become a condition of the JSON language.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileNetworks } from '../../net/networks.js';
import { everywhere } from './known-samples.js';
import type { MapFiles } from './map-files.js';
import { checkPattern, wordPattern } from './regular-expression.js';
import type { Report } from './report.js';
import { parseSample, type Sample } from './sample.js';
import { SampleError } from './sample-error.js';
import type { PlacedWord } from './statements.js';

interface Flags {
  ignoresCase: boolean;
  method: string;
  readonly files: string[];
}

const methods = ['found', 'bool', 'int', 'ip', 'bin', 'len', 'str', 'sub', 'reg', 'beg', 'end', 'dir', 'dom'];

/** A condition, and the sample that it asks for: where that is not known, the condition never holds. */
export interface SampleTest {
  readonly condition: unknown;
  readonly fetch: string;
}

/** The condition of a sample with what follows it. Throws SampleError. */
export function compileTest(words: readonly PlacedWord[], report: Report, maps: MapFiles): SampleTest {
  // A name may be asked in several places, of which each says later whether it knows the sample.
  const sample = parseSample(words[0]!.text, { maps, places: everywhere });
  // Not of the message that the rules are about, as in a format.
  const fetch = sample.fetch === 'hdr' ? 'req.hdr' : sample.fetch;
  return { condition: conditionOf(sample, words, report), fetch };
}

function conditionOf(sample: Sample, words: readonly PlacedWord[], report: Report): unknown {
  if (sample.looksUpOneOfSeveral)
    throw new SampleError(
      `"${words[0]!.text}" would look up each of several texts, which is not supported; write one that is single, such as hdr(name,-1)`,
    );
  const flags: Flags = { ignoresCase: false, method: '', files: [] };
  const patterns = [...readFlags(words.slice(1), flags)];
  for (const file of flags.files) patterns.push(...readPatternFile(file, report));
  const method = flags.method === '' ? sample.method : flags.method;
  if (method === 'found') return existence(sample);
  if (sample.type === 'flag') return compileFlag(sample, patterns);
  if (method === 'cnt') return compileCount(sample, patterns);
  if (patterns.length === 0) {
    if (sample.type === 'text' && flags.method === '' && sample.method === '')
      throw new SampleError(`"${words[0]!.text}" needs something to compare with; write it after it, or "-m found"`, false);
    throw new SampleError(`"${words[0]!.text}" is compared with nothing; write a pattern after it`);
  }
  if (sample.type === 'address' || method === 'ip') return compileAddress(sample, patterns);
  if (sample.type === 'method' && method === '') return { method: patterns.map((pattern) => pattern.toUpperCase()) };
  if (sample.type === 'number' ? method === '' || method === 'int' : method === 'int') return compileNumber(sample, patterns);
  if (method === 'len') return compileLength(sample, patterns);
  return compileText(sample, method === '' ? 'str' : method, patterns, flags.ignoresCase);
}

function* readFlags(words: readonly PlacedWord[], flags: Flags): Generator<string> {
  let at = 0;
  for (; at < words.length; at++) {
    const { text } = words[at]!;
    if (text === '--') {
      at++;
      break;
    }
    if (text === '-i') flags.ignoresCase = true;
    else if (text === '-n') continue;
    else if (text === '-m' || text === '-f') {
      const value = words[++at]?.text;
      if (value === undefined) throw new SampleError(`"${text}" needs a value; write it after it`, true);
      if (text === '-f') flags.files.push(value);
      else if (methods.includes(value)) flags.method = value;
      else throw new SampleError(`"${value}" is not a way of matching; write one of ${methods.join(', ')}`, true);
    } else if (/^-[uM]$/.test(text)) throw new SampleError(`the flag "${text}" is not supported: patterns do not change while Limpet runs`);
    else if (text.startsWith('-')) throw new SampleError(`"${text}" is not a flag; write "--" before patterns that begin with "-"`, true);
    else break;
  }
  for (; at < words.length; at++) yield words[at]!.text;
}

function readPatternFile(file: string, report: Report): string[] {
  const path = resolve(file);
  report.files.push(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new SampleError(`the file "${file}" cannot be read; give the path of another`, true);
  }
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function existence(sample: Sample): unknown {
  return sample.mayBeAbsent ? { test: [{ ...sample.subject, exists: true }] } : {};
}

function compileFlag(sample: Sample, patterns: readonly string[]): unknown {
  if (sample.condition === undefined) throw new SampleError('this sample cannot be a condition by itself; compare it with a text');
  if (patterns.length === 0 || patterns.every((pattern) => /^(1|true|yes|on|enable|enabled)$/i.test(pattern))) return sample.condition;
  if (patterns.every((pattern) => /^(0|false|no|off|disable|disabled)$/i.test(pattern))) return { not: sample.condition };
  throw new SampleError('this sample is true or false; compare it with 1 or 0', true);
}

function compileCount(sample: Sample, patterns: readonly string[]): unknown {
  if ('value' in sample.subject) throw new SampleError(`"${sample.written}" is not supported, for there is one at most; write "-m found"`);
  return anyOf(rangesOf(patterns).map((range) => ({ test: [{ ...sample.subject, count: true, ...range }] })));
}

function compileAddress(sample: Sample, patterns: readonly string[]): unknown {
  for (const pattern of patterns) {
    try {
      compileNetworks([pattern]);
    } catch {
      throw new SampleError(
        `"${pattern}" is not an address; write one, or a network such as 10.0.0.0/8`,
        !/^[A-Za-z0-9.-]+$/.test(pattern),
      );
    }
  }
  if (sample.value === '${client.ip}') return { client: [...patterns] };
  if (patterns.some((pattern) => pattern.includes('/'))) throw new SampleError(`"${sample.fetch}" is compared with single addresses only`);
  return { test: [{ ...sample.subject, is: [...patterns] }] };
}

function compileNumber(sample: Sample, patterns: readonly string[]): unknown {
  return anyOf(rangesOf(patterns).map((range) => ({ test: [{ ...sample.subject, exists: true, ...range }] })));
}

/** Of a text with so many bytes. */
function compileLength(sample: Sample, patterns: readonly string[]): unknown {
  const expressions = rangesOf(patterns).map(({ atLeast = 0, atMost }) => {
    if (atLeast < 0 || (atMost !== undefined && atMost < 0)) throw new SampleError('a length below 0 is not supported; write one from 0');
    return `^[^]{${atLeast},${atMost ?? ''}}$`;
  });
  return { test: [{ ...sample.subject, pattern: expressions }] };
}

interface Range {
  readonly atLeast?: number;
  readonly atMost?: number;
}

function rangesOf(patterns: readonly string[]): Range[] {
  const ranges: Range[] = [];
  let operator = 'eq';
  for (const pattern of patterns) {
    if (/^(eq|ge|gt|le|lt)$/.test(pattern)) {
      operator = pattern;
      continue;
    }
    const match = /^(-?\d+)?(:)?(-?\d+)?$/.exec(pattern);
    if (match === null || pattern === '' || pattern === ':')
      throw new SampleError(`"${pattern}" is not a number; write one, or a range such as 1:10`, true);
    const [low, high] = match[2] === undefined ? [match[1], match[1]] : [match[1], match[3]];
    if (match[2] !== undefined && operator !== 'eq') throw new SampleError(`a range does not go with "${operator}"; write a number`, true);
    if (Number(low) > Number(high)) throw new SampleError(`"${pattern}" has its ends the wrong way round; write the lower one first`, true);
    ranges.push(
      operator === 'eq'
        ? { ...(low !== undefined && { atLeast: Number(low) }), ...(high !== undefined && { atMost: Number(high) }) }
        : bounds[operator]!(Number(low)),
    );
  }
  if (ranges.length === 0) throw new SampleError('a number is missing; write one after the operator', true);
  return ranges;
}

/** Samples are whole numbers. */
const bounds: Readonly<Record<string, (number: number) => Range>> = {
  ge: (number) => ({ atLeast: number }),
  gt: (number) => ({ atLeast: number + 1 }),
  le: (number) => ({ atMost: number }),
  lt: (number) => ({ atMost: number - 1 }),
};

export function anyOf(conditions: readonly unknown[]): unknown {
  return conditions.length === 1 ? conditions[0] : { any: conditions };
}

function compileText(sample: Sample, method: string, patterns: readonly string[], ignoreCase: boolean): unknown {
  const isPath = sample.fetch === 'path' && sample.value === '${target|field:1:?}';
  const base = { ...(isPath ? { value: '${path}' } : sample.subject), ...(sample.mayBeAbsent && { exists: true }) };
  const flags = ignoreCase ? { ignoreCase: true } : {};
  if (method === 'bin' || method === 'bool') throw new SampleError(`"-m ${method}" is not supported; compare texts`);
  if (method === 'reg') {
    for (const pattern of patterns) checkPattern(pattern);
    return { test: [{ ...base, pattern: [...patterns], ...flags }] };
  }
  if (method === 'dir' || method === 'dom') {
    const expressions = patterns.map((pattern) => wordPattern(pattern, method));
    return { test: [{ ...base, pattern: expressions, ...flags }] };
  }
  const key = { str: 'is', beg: 'startsWith', end: 'endsWith', sub: 'contains' }[method]!;
  return { test: [{ ...base, [key]: patterns.length === 1 ? patterns[0] : [...patterns], ...flags }] };
}
