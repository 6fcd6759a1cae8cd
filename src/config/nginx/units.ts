// nginx's times and sizes in the notation of proxy.config.json.
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';
import type { Statement } from './statements.js';

/** A timer's longest: 24 days. */
export const LONGEST_MS = 2_147_483_000;

/** Milliseconds of each unit, in the order in which they may follow each other. The last stands without a letter. */
const units: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 31_536_000_000],
  ['M', 2_592_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
  ['', 1000],
];

/** Milliseconds, or null when it is no time. Parts such as "1h 30m" are added, from the longest unit to the shortest. */
export function parseTime(text: string): number | null {
  return parseParts(text, ['y', 'M']);
}

/** Milliseconds of a time that nginx counts in whole seconds, or null: years and months are among its units, milliseconds are not. */
export function parseSeconds(text: string): number | null {
  return parseParts(text, ['ms']);
}

function parseParts(text: string, unknown: readonly string[]): number | null {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwMy]?) */g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null;
  let sum = 0;
  let earlier = -1;
  for (const [, digits = '', unit = ''] of parts) {
    const at = units.findIndex(([name]) => name === unit);
    if (at <= earlier || unknown.includes(unit)) return null;
    sum += Number(digits) * units[at]![1];
    earlier = at;
  }
  // nginx counts in 64 bits.
  return sum < 2 ** 63 ? sum : null;
}

/** Bytes, or null when it is no size. */
export function parseSize(text: string): number | null {
  return bytesOf(/^(\d+)([kKmM]?)$/.exec(text));
}

/** Bytes of a file or a body, which may be gigabytes, or null. */
export function parseOffset(text: string): number | null {
  return bytesOf(/^(\d+)([kKmMgG]?)$/.exec(text));
}

function bytesOf(match: RegExpExecArray | null): number | null {
  if (match === null) return null;
  const factor = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2]!.toLowerCase()]!;
  const bytes = Number(match[1]) * factor;
  return bytes < 2 ** 63 ? bytes : null;
}

/** The directive's first argument as a duration; problems are reported and give null. Zero is a millisecond. */
export function durationOf(statement: Statement, builder: TranslationBuilder): string | null {
  return duration(statement.args[0]!.text, statement.place, statement.name, builder);
}

export function duration(text: string, place: Place, name: string, builder: TranslationBuilder): string | null {
  const milliseconds = parseTime(text);
  if (milliseconds === null) {
    builder.refuse(place, `"${name}" directive has invalid value "${text}"; write a time such as 60s`);
    return null;
  }
  return `${Math.min(Math.max(milliseconds, 1), LONGEST_MS)}ms`;
}
