// Durations as HAProxy writes them: a whole number with us, ms, s, m, h or d; without one milliseconds.
import { formatDuration, longestTimerMs } from '../duration.js';

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, rounded up; null if it is no duration. */
export function parseTime(text: string): number | null {
  const match = /^(\d{1,15})(us|ms|s|m|h|d)?$/.exec(text);
  if (match === null) return null;
  const ms = Math.ceil(Number(match[1]) * units[match[2] ?? 'ms']!);
  return ms > 2 ** 31 - 1 ? null : ms;
}

/** As the document says it. 0 and Infinity, which for HAProxy mean no limit, become the longest wait that there is. */
export function writeTime(ms: number): string {
  return formatDuration(ms === 0 || ms > longestTimerMs ? longestTimerMs : ms);
}
