// The frame of every chart: SVG of one width, which scales with the page that it stands in.

import { escaped } from './markup.js';

/** Charts are as wide as this, in their own units; heights are in the same. */
export const CHART_WIDTH = 780;

/** `name` is what screen readers get. */
export function chartFrame(name: string, height: number, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${CHART_WIDTH} ${height}" role="img" aria-label="${escaped(name)}">${parts.join('')}</svg>`;
}
