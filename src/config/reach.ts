// Which of the routes before one takes all of its requests, as far as can be told without comparing patterns. Each route is
// looked at once, however many there are.
import { type RawObject, rawList } from './raw.js';

/** Routes as they come, in the order in which they are tried; what they match is raw. */
export class Reach {
  /** Without a match: it takes everything. */
  private takesAll = Infinity;
  /** It takes every path and asks nothing else. */
  private takesEveryPath = Infinity;
  private readonly byMatch = new Map<string, number>();

  /** The first of the routes so far that takes everything that `match` takes, or null. The route is one of them from then on. */
  add(position: number, match: RawObject): number | null {
    const key = canonical(match);
    // Only `OPTIONS *` has a path that is not below "/", and no pattern for paths takes it.
    const ofItsPath = match['path'] === undefined ? Infinity : this.takesEveryPath;
    const hiding = Math.min(this.takesAll, ofItsPath, this.byMatch.get(key) ?? Infinity);
    if (hiding !== Infinity) return hiding;
    this.byMatch.set(key, position);
    const keys = Object.keys(match);
    if (keys.length === 0) this.takesAll = position;
    const takesEveryPath = match['path'] === '/*' || rawList(match['path']).includes('/*');
    if (keys.length === 1 && takesEveryPath) this.takesEveryPath = Math.min(this.takesEveryPath, position);
    return null;
  }
}

/** The same text for the same data, in whichever order its keys are. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
