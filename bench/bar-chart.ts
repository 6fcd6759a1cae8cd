// A chart of horizontal bars as SVG: one bar for each name, a line over its end for lowest to highest, the value beside it.
// Colours are those of the page it stands in.

import { CHART_WIDTH, chartFrame } from './chart-frame.js';
import { escaped } from './markup.js';
import type { Spread } from './statistics.js';

export interface Bar {
  readonly label: string;
  /** Undefined: there is none, and `marks` say why. */
  readonly value: Spread | undefined;
  /** Stands out from the others. */
  readonly isOurs: boolean;
  /** Set after the value. */
  readonly marks: string;
}

const LABEL_WIDTH = 170;
const VALUE_WIDTH = 210;
const ROW_HEIGHT = 24;
const BAR_HEIGHT = 14;

/** `unit` goes into the description that screen readers get. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const highest = Math.max(...bars.map((bar) => bar.value?.highest ?? 0));
  const scale = (CHART_WIDTH - LABEL_WIDTH - VALUE_WIDTH) / highest;
  const rows = bars.map((bar, index) => row(bar, index * ROW_HEIGHT, scale));
  return chartFrame(`${title}, ${unit}`, bars.length * ROW_HEIGHT, rows);
}

function row({ label, value, isOurs, marks }: Bar, top: number, scale: number): string {
  const middle = top + ROW_HEIGHT / 2;
  const name = `<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`;
  if (value === undefined) return `${name}<text class="faint" x="${LABEL_WIDTH}" y="${middle + 4}">${escaped(marks)}</text>`;
  const at = (figure: number) => (LABEL_WIDTH + figure * scale).toFixed(1);
  const bar = `<rect class="${isOurs ? 'ours' : 'bar'}" x="${LABEL_WIDTH}" y="${middle - BAR_HEIGHT / 2}" width="${(value.median * scale).toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`;
  const range = `<path class="range" d="M${at(value.lowest)} ${middle}H${at(value.highest)}M${at(value.lowest)} ${middle - 4}v8M${at(value.highest)} ${middle - 4}v8"/>`;
  const figure = `${value.median < 100 ? value.median.toFixed(1) : value.median.toFixed(0)}${marks}`;
  const end = Math.max(value.median, value.highest) * scale + LABEL_WIDTH + 8;
  return `${name}${bar}${value.lowest === value.highest ? '' : range}<text x="${end.toFixed(1)}" y="${middle + 4}">${escaped(figure)}</text>`;
}
