// Sizes as the configuration writes them ("16KiB", "1MiB", 512) and as the program counts them: bytes.

const unitBytes = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

type SizeUnit = keyof typeof unitBytes;

/** What a size written as text looks like, for the schema that editors use. */
export const sizePattern = /^\d+(\.\d+)?(B|KiB|MiB|GiB)?$/;

/** Bytes, rounded, or null when it is no size. */
export function parseSize(size: string | number): number | null {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size >= 0 ? size : null;
  if (!sizePattern.test(size)) return null;
  const unit = (size.replace(/^[\d.]+/, '') || 'B') as SizeUnit;
  const bytes = Math.round(Number.parseFloat(size) * unitBytes[unit]);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The shortest text with the largest unit that gives a whole number: 1536 is "1536B", 2048 is "2KiB". */
export function formatSize(bytes: number): string {
  const units: SizeUnit[] = ['GiB', 'MiB', 'KiB'];
  const unit = units.find((candidate) => bytes !== 0 && bytes % unitBytes[candidate] === 0) ?? 'B';
  return `${bytes / unitBytes[unit]}${unit}`;
}

/** What somebody who wrote `text` may have meant ("16kb" → "16KiB"), else an example. */
export function suggestSize(text: string): string {
  const [, number, letter] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b|bytes?)?\s*$/i.exec(text) ?? [];
  if (number === undefined) return '16KiB';
  return letter === '' ? `${number}B` : `${number}${letter.toUpperCase()}iB`;
}
