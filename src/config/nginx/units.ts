// nginx's times and sizes in the notation of proxy.config.json.
import type { Place } from '../front-end.js';
import type { TranslationBuilder } from '../translation-builder.js';
import type { Statement } from './statements.js';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
  '': 1000,
};

/** Milliseconds, or null when it is no time. Parts such as "1h 30m" are added. */
export function parseTime(text: string): number | null {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwMy]?)\s*/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null;
  return parts.reduce((sum, [, digits = '', unit = '']) => sum + Number(digits) * unitMs[unit]!, 0);
}

/** Bytes, or null when it is no size. */
export function parseSize(text: string): number | null {
  const match = /^(\d+)([kKmMgG]?)$/.exec(text);
  if (match === null) return null;
  const factor = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2]!.toLowerCase()]!;
  return Number(match[1]) * factor;
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
  // A timer's longest: 24 days.
  return `${Math.min(Math.max(milliseconds, 1), 2_147_483_000)}ms`;
}
