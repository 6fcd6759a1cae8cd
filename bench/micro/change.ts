// How a small piece does beside an earlier measurement of it.

import type { MicroResult } from './measure.js';

/** '' where the earlier results have not this piece; says when the two ranges overlap, so that nothing is certain. */
export function changeSince(earlier: readonly MicroResult[], now: MicroResult): string {
  const before = earlier.find((each) => each.name === now.name);
  if (before === undefined) return '';
  const overlaps = now.lowestNs <= before.highestNs && before.lowestNs <= now.highestNs;
  const ratio = (now.medianNs / before.medianNs).toFixed(2);
  return `${ratio} of ${before.medianNs.toFixed(0)}${overlaps ? ', within the spread' : ''}`;
}
