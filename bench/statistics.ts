// Medians with their spread, ratios between peers that took turns, and lines through points.

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Throws on an empty list. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('a median needs at least one value');
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, lowest: sorted[0], highest: sorted[sorted.length - 1] };
}

/**
 * The ratio of two peers, round by round: what slows the whole machine down for a while falls on both sides of the same
 * ratio. Rounds that one of the two has not are left out; undefined when none remains.
 */
export function ratioByRound(of: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>): Spread | undefined {
  const ratios: number[] = [];
  for (const [round, value] of of) {
    const reference = to.get(round);
    if (reference !== undefined && reference > 0) ratios.push(value / reference);
  }
  return ratios.length === 0 ? undefined : spreadOf(ratios);
}

/** The line that lies closest to the points (least squares): what it rises by in one step of the first coordinate, and its value at the first point. */
export function lineThrough(points: readonly (readonly [number, number])[]): { readonly slope: number; readonly startsAt: number } {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  let above = 0;
  let below = 0;
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  const slope = below === 0 ? 0 : above / below;
  return { slope, startsAt: meanY + slope * (points[0][0] - meanX) };
}
