// Turns what the schema found wrong into problems: the place, what is wrong, and what to write instead. Most
// values word their own refusals (schema/scalar.ts); here are the general ones.
import type * as z from 'zod';
import { nearestName } from '../core/nearest-name.js';
import { exampleAt, knownKeysAt } from './json-schema.js';
import { show } from './schema/scalar.js';
import type { Path, Source } from './source.js';

type Issue = z.core.$ZodIssue;

/** Words the issues that a schema has no message of its own for. */
export function wordIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_value') return wordChoice(issue.input, issue.values as unknown[]);
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    return wordChoice((issue.input as Record<string, unknown>)[issue.discriminator], issue['options'] as unknown[]);
  }
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'string') {
    const quoted = typeof issue.input === 'number' || typeof issue.input === 'boolean' ? `"${issue.input}"` : 'a text in double quotes';
    return `cannot be ${show(issue.input)}; write ${quoted} instead`;
  }
  const wanted = issue.expected === 'array' ? 'a list, [ … ],' : 'an object, { … },';
  return `cannot be ${show(issue.input)}; write ${wanted} instead`;
}

function wordChoice(input: unknown, values: readonly unknown[]): string {
  const names = values.filter((value) => typeof value === 'string');
  const nearest = typeof input === 'string' ? nearestName(input, names) : null;
  const sorted = nearest === null ? values : [nearest, ...values.filter((value) => value !== nearest)];
  return `cannot be ${show(input)}; write ${listed(sorted.map((value) => JSON.stringify(value)))} instead`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Adds the problems that one issue stands for. `base` is the path of the value that the issue's own path starts from. */
export function addIssue(source: Source, issue: Issue, base: Path = []): void {
  const path = [...base, ...(issue.path as Path)];
  const input = valueAt(source.value, path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) source.addAtKey([...path, key], wordUnknownKey(source, key, path));
  } else if (input === undefined) {
    source.addAtValue(path.slice(0, -1), wordMissing(path));
  } else if (issue.code === 'invalid_union') {
    addUnionIssue(source, issue, path, input);
  } else {
    const offset = issue.code === 'custom' ? (issue.params?.['offset'] as number | undefined) : undefined;
    source.addAtValue(path, withSubject(issue.message, path), offset);
  }
}

/** Of a choice that failed, only the member that was meant: the one whose kind of value was written. */
function addUnionIssue(source: Source, issue: z.core.$ZodIssueInvalidUnion, path: Path, input: unknown): void {
  const meant = issue.errors.filter((issues) => !issues.some((inner) => isOfOtherKind(inner, input)));
  if (meant.length === 1) for (const inner of meant[0]) addIssue(source, inner, path);
  else source.addAtValue(path, withSubject(issue.message, path));
}

function isOfOtherKind(issue: Issue, input: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_value') return true;
  if (issue.code === 'invalid_union') return issue.errors.every((issues) => issues.some((inner) => isOfOtherKind(inner, input)));
  return issue.code === 'invalid_type' && !(issue.expected === 'int' && typeof input === 'number');
}

function wordUnknownKey(source: Source, key: string, parent: Path): string {
  const known = knownKeysAt(parent, valueAt(source.value, parent));
  const nearest = nearestName(key, known);
  const suggestion = nearest === null ? listed(known.map((name) => `"${name}"`)) : `"${nearest}"`;
  return `unknown key "${key}"; write ${suggestion} instead`;
}

function wordMissing(path: Path): string {
  const key = String(path.at(-1));
  return `"${key}" is missing; write "${key}": ${exampleAt(path) ?? '…'}`;
}

/** Messages that begin with a verb speak of the key. */
function withSubject(message: string, path: Path): string {
  if (!/^(cannot|is|must) /.test(message)) return message;
  return path.length === 0 ? `the configuration ${message}` : `${subjectOf(path)} ${message}`;
}

function subjectOf(path: Path): string {
  const at = path.findLastIndex((step) => typeof step === 'string');
  return `"${path[at]}${path
    .slice(at + 1)
    .map((index) => `[${index}]`)
    .join('')}"`;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
