// A chart of ratios as SVG: a row for each name, a dot for each thing that was compared and a line for its interval, on a
// scale on which twice as much lies as far from the reference as half as much. Colours are those of the page it stands in.

import { CHART_WIDTH, chartFrame } from './chart-frame.js';
import { escaped } from './markup.js';
import type { Spread } from './statistics.js';

export interface RatioDot {
  /** Stands in the legend. */
  readonly name: string;
  readonly ratio: Spread;
  /** Stands out from the others. */
  readonly isOurs: boolean;
}

export interface RatioRow {
  readonly label: string;
  readonly dots: readonly RatioDot[];
}

const LABEL_WIDTH = 430;
const RIGHT = 24;
const TOP = 44;
const ROW_HEIGHT = 20;
const TICKS = [0.25, 0.5, 1, 2, 4, 8, 16, 32];

type Scale = (ratio: number) => number;

/** `reference` is whose figures are 1. Throws on an empty list. */
export function ratioChart(title: string, reference: string, rows: readonly RatioRow[]): string {
  const all = rows.flatMap(({ dots }) => dots.flatMap(({ ratio }) => [ratio.lowest, ratio.highest]));
  if (all.length === 0) throw new Error('a chart needs at least one ratio');
  const ticks = ticksAround(Math.min(...all, 1), Math.max(...all, 1));
  const [first, last] = [Math.log2(ticks[0]), Math.log2(ticks[ticks.length - 1])];
  const x: Scale = (ratio) => LABEL_WIDTH + ((Math.log2(ratio) - first) / (last - first)) * (CHART_WIDTH - LABEL_WIDTH - RIGHT);
  const height = TOP + rows.length * ROW_HEIGHT + 8;
  const parts = [
    legend(rows),
    ...ticks.map(
      (tick) =>
        `<path class="${tick === 1 ? 'range' : 'grid'}" d="M${x(tick).toFixed(1)} ${TOP - 8}V${height}"/>` +
        `<text class="faint" x="${x(tick).toFixed(1)}" y="${TOP - 14}" text-anchor="middle">${tick === 1 ? escaped(reference) : `× ${tick}`}</text>`,
    ),
    ...rows.map((row, index) => drawRow(row, TOP + index * ROW_HEIGHT + ROW_HEIGHT / 2, x)),
  ];
  return chartFrame(title, height, parts);
}

function ticksAround(lowest: number, highest: number): number[] {
  const from = Math.max(
    0,
    TICKS.findLastIndex((tick) => tick <= lowest && tick < 1),
  );
  const to = TICKS.findIndex((tick) => tick >= highest && tick > 1);
  return TICKS.slice(from, to < 0 ? TICKS.length : to + 1);
}

function drawRow({ label, dots }: RatioRow, middle: number, x: Scale): string {
  const name = `<text x="${LABEL_WIDTH - 12}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`;
  // Ours is drawn last, above the others.
  const drawn = [...dots].sort((left, right) => Number(left.isOurs) - Number(right.isOurs)).map((dot) => drawDot(dot, middle, x));
  return `${name}${drawn.join('')}`;
}

function drawDot({ ratio, isOurs }: RatioDot, middle: number, x: Scale): string {
  const interval = `<path d="M${x(ratio.lowest).toFixed(1)} ${middle}H${x(ratio.highest).toFixed(1)}"/>`;
  return `<g class="${isOurs ? 'ours-line' : 'line-0'}">${interval}${circle(x(ratio.median), middle, isOurs)}</g>`;
}

function circle(x: number, y: number, isOurs: boolean): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y}" r="${isOurs ? 5 : 3.5}"/>`;
}

function legend(rows: readonly RatioRow[]): string {
  const named = new Map(rows.flatMap(({ dots }) => dots.map((dot) => [dot.name, dot.isOurs] as const)));
  return [...named]
    .map(([name, isOurs], index) => {
      const left = 12 + index * 120;
      return `<g class="${isOurs ? 'ours-line' : 'line-0'}">${circle(left, 14, isOurs)}<text x="${left + 12}" y="18">${escaped(name)}</text></g>`;
    })
    .join('');
}
