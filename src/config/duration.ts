// Durations as the configuration writes them ("250ms", "30s", "1h") and as the program counts them: milliseconds.

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

type DurationUnit = keyof typeof unitMs;

/** What a duration looks like, for the schema that editors use. */
export const durationPattern = /^\d+(\.\d+)?(ms|s|m|h|d)$/;

/** The longest time that one of Node's timers can wait for, rounded down to whole days. */
export const longestTimerMs = 24 * unitMs.d;

/** Milliseconds, rounded, or null when the text is no duration. */
export function parseDuration(text: string): number | null {
  if (!durationPattern.test(text)) return null;
  const number = Number.parseFloat(text);
  const unit = text.replace(/^[\d.]+/, '') as DurationUnit;
  const milliseconds = Math.round(number * unitMs[unit]);
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}

/** The shortest text with the largest unit that gives a whole number: 90,000 is "90s". */
export function formatDuration(milliseconds: number): string {
  const units: DurationUnit[] = ['d', 'h', 'm', 's'];
  const unit = units.find((candidate) => milliseconds !== 0 && milliseconds % unitMs[candidate] === 0) ?? (milliseconds === 0 ? 's' : 'ms');
  return `${milliseconds / unitMs[unit]}${unit}`;
}

/** What somebody who wrote `text` may have meant ("30 sec" → "30s"), else an example. */
export function suggestDuration(text: string): string {
  const [, number, word] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  if (number === undefined) return '30s';
  return `${number}${unitOfWord(word.toLowerCase())}`;
}

function unitOfWord(word: string): DurationUnit {
  if (/^(ms|msecs?|millis|milliseconds?)$/.test(word)) return 'ms';
  if (/^(m|mins?|minutes?)$/.test(word)) return 'm';
  if (/^(h|hrs?|hours?)$/.test(word)) return 'h';
  if (/^(d|days?)$/.test(word)) return 'd';
  return 's';
}
