// The single values of the configuration: durations, sizes, numbers, names, addresses, networks, Value texts.
// Each reads one value and words its own refusals; what a key means is said where the key stands.
//
// A message that begins with a verb lacks its subject: the key is put before it (see explain-issue.ts).
import * as z from 'zod';
import { AddressError, parseListenAddress, parseServerAddress } from '../../net/address.js';
import { compileNetworks } from '../../net/networks.js';
import { durationPattern, formatDuration, longestTimerMs, parseDuration, suggestDuration } from '../duration.js';
import { formatSize, parseSize, sizePattern, suggestSize } from '../size.js';

/** How a message shows a value that somebody wrote. */
export function show(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'an object';
  const text = JSON.stringify(input) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

/** A text, a number or a word as it was written; '' for what has parts, which may not even let itself be made text of. */
function written(input: unknown): string {
  return typeof input === 'object' ? '' : String(input);
}

/** The schema's output, or null where the key is absent: plain data with every key in place. */
export function orNull<S extends z.ZodType>(schema: S) {
  return schema.optional().transform((value): z.output<S> | null => (value === undefined ? null : (value as z.output<S>)));
}

/** A duration, to milliseconds. The default bounds are those of a timer. */
export function duration(bounds: { minMs?: number; maxMs?: number } = {}) {
  const { minMs = 1, maxMs = longestTimerMs } = bounds;
  const notDuration = (issue: { input?: unknown }) =>
    `${show(issue.input)} is not a duration; write "${suggestDuration(written(issue.input))}" (a number with ms, s, m, h or d) instead`;
  return z
    .string({ error: notDuration })
    .regex(durationPattern, { error: notDuration })
    .meta({ examples: ['30s'] })
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds !== null && milliseconds >= minMs && milliseconds <= maxMs) return milliseconds;
      context.issues.push({
        code: 'custom',
        input: text,
        message: `cannot be ${show(text)}; write a duration from "${formatDuration(minMs)}" to "${formatDuration(maxMs)}" instead`,
      });
      return z.NEVER;
    });
}

/** A size, to bytes. */
export function size(bounds: { minBytes?: number; maxBytes?: number } = {}) {
  const { minBytes = 0, maxBytes = Number.MAX_SAFE_INTEGER } = bounds;
  const range =
    maxBytes === Number.MAX_SAFE_INTEGER
      ? `of at least "${formatSize(minBytes)}"`
      : `from "${formatSize(minBytes)}" to "${formatSize(maxBytes)}"`;
  const notSize = (issue: { input?: unknown }) =>
    `${show(issue.input)} is not a size; write "${suggestSize(written(issue.input))}" (bytes as a number, or with KiB, MiB or GiB) instead`;
  return z
    .union([z.string().regex(sizePattern, { error: notSize }), z.number()], { error: notSize })
    .meta({ examples: ['16KiB'] })
    .transform((written, context) => {
      const bytes = parseSize(written);
      if (bytes !== null && bytes >= minBytes && bytes <= maxBytes) return bytes;
      const message = `cannot be ${show(written)}; write a size ${range} instead`;
      context.issues.push({ code: 'custom', input: written, message });
      return z.NEVER;
    });
}

export function wholeNumber(bounds: { min: number; max?: number }) {
  const { min, max = Number.MAX_SAFE_INTEGER } = bounds;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const error = (issue: { input?: unknown }) => `cannot be ${show(issue.input)}; write a whole number ${range} instead`;
  const atLeast = z.int({ error }).min(min, { error });
  return max === Number.MAX_SAFE_INTEGER ? atLeast : atLeast.max(max, { error });
}

export function flag() {
  return z.boolean({ error: (issue) => `cannot be ${show(issue.input)}; write true or false instead` });
}

/** Text that must not be empty, such as a path. */
export function text(example: string) {
  return z
    .string()
    .min(1, { error: `is empty; write "${example}" instead` })
    .meta({ examples: [example] });
}

/** The name of a listener or an upstream: it stands in logs, metrics and Values, so it needs no quoting there. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Things by name. That the names are such is checked apart (check-names.ts), so that a bad name hides nothing below it. */
export function named<S extends z.ZodType>(thing: S) {
  return z.record(z.string(), thing).meta({ propertyNames: { type: 'string', pattern: namePattern.source } });
}

/** A reference to an upstream. That it exists is checked across the whole file (check-listeners.ts). */
export function upstreamName() {
  return z.string().meta({ examples: ['app'] });
}

/** A token of RFC 9110 §5.6.2: a field's or a cookie's name, a method. */
export const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function token(what: string, example: string) {
  return z
    .string()
    .regex(tokenPattern, { error: (issue) => `${show(issue.input)} cannot be ${what}; write one like "${example}" instead` })
    .meta({ examples: [example] });
}

export function listenAddress() {
  return parsed('127.0.0.1:8080', parseListenAddress);
}

export function serverAddress() {
  return parsed('127.0.0.1:3000', parseServerAddress);
}

function parsed<T>(example: string, parse: (written: string) => T) {
  return z
    .string()
    .meta({ examples: [example] })
    .transform((written, context) => {
      try {
        return parse(written);
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        context.issues.push({ code: 'custom', input: written, message: error.message });
        return z.NEVER;
      }
    });
}

/** Permission bits, written in octal as for chmod; to a number. */
export function socketMode() {
  return z
    .string()
    .regex(/^0?[0-7]{3}$/, { error: (issue) => `cannot be ${show(issue.input)}; write three octal digits, such as "660", instead` })
    .meta({ examples: ['660'] })
    .transform((written) => Number.parseInt(written, 8));
}

/** An address or a network in CIDR notation, or "unix" for peers on unix sockets. Kept as text. */
export function network() {
  return z
    .string()
    .meta({ examples: ['10.0.0.0/8'] })
    .superRefine((written, context) => {
      try {
        compileNetworks([written]);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    });
}

/** Text with Values in it, such as "${client.ip}". That they compile is checked in check-rules.ts. */
export function valueText() {
  return z.string();
}

/** One text or a list of them, as it is written. */
export function oneOrMore(what: string, example: string) {
  return z
    .union([z.string(), z.array(z.string())], {
      error: (issue) => `cannot be ${show(issue.input)}; write a ${what} such as "${example}" or a list of them instead`,
    })
    .meta({ examples: [example] })
    .optional();
}
