// A chart of lines as SVG: one line for each name, which stands at its end. Heights begin at 0. Colours are those of the page it stands
// in.

import { CHART_WIDTH, chartFrame } from './chart-frame.js';
import { escaped } from './markup.js';

export interface Line {
  readonly label: string;
  /** In ascending order of the first coordinate. */
  readonly points: readonly (readonly [number, number])[];
  /** Stands out from the others. */
  readonly isOurs: boolean;
}

export interface Axes {
  /** Says what is shown to those who do not see it. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /**
   * Each step to the right multiplies, and the ticks stand where points are. So do steps upwards, where one line would press the others
   * to the ground.
   */
  readonly isLogarithmic: boolean;
}

const HEIGHT = 280;
const LEFT = 56;
const RIGHT = 170;
const TOP = 26;
const BOTTOM = 44;
const LABEL_HEIGHT = 16;
/** Colours of the others, by their place; a page has so many. */
const COLOURS = 6;
/** Heights that differ by so many times are drawn in steps that multiply. */
const PRESSED = 20;

type Scale = (value: number) => number;

export function lineChart(axes: Axes, lines: readonly Line[]): string {
  const all = lines.flatMap((line) => line.points);
  const [y, yTicks] = vertical(
    axes.isLogarithmic,
    all.map(([, value]) => value),
  );
  const [x, xTicks] = horizontal(
    axes.isLogarithmic,
    all.map(([value]) => value),
  );
  const parts = [
    ...yTicks.map(
      (tick) =>
        `<path class="grid" d="M${LEFT} ${y(tick).toFixed(1)}H${CHART_WIDTH - RIGHT}"/>${text(LEFT - 8, y(tick) + 4, number(tick), 'end')}`,
    ),
    ...xTicks.map((tick) => text(x(tick), HEIGHT - BOTTOM + 18, number(tick), 'middle')),
    text(LEFT - 8, 12, axes.yLabel, 'start', 'faint'),
    text((LEFT + CHART_WIDTH - RIGHT) / 2, HEIGHT - 6, axes.xLabel, 'middle', 'faint'),
    ...drawings(lines, x, y),
  ];
  return chartFrame(`${axes.title}: ${axes.yLabel}, ${axes.xLabel}`, HEIGHT, parts);
}

function drawings(lines: readonly Line[], x: Scale, y: Scale): string[] {
  const ends = lines.map((line) => y(line.points[line.points.length - 1][1]));
  const labelTops = apart(ends);
  let others = 0;
  return lines.map(({ label, points, isOurs }, index) => {
    const name = isOurs ? 'ours-line' : `line-${others++ % COLOURS}`;
    const path = points.map(([px, py]) => `${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('L');
    // Where there are many, the line says it all.
    const dots =
      points.length > 12 ? '' : points.map(([px, py]) => `<circle cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="3"/>`).join('');
    const endX = x(points[points.length - 1][0]);
    const leader = `<path d="M${(endX + 4).toFixed(1)} ${ends[index].toFixed(1)}L${CHART_WIDTH - RIGHT + 14} ${labelTops[index].toFixed(1)}" class="leader"/>`;
    const words = text(CHART_WIDTH - RIGHT + 18, labelTops[index] + 4, label, 'start');
    return `<g class="${name}"><path d="M${path}"/>${leader}${dots}${words}</g>`;
  });
}

/** The same heights in the same order, moved so that labels do not lie on each other. */
function apart(heights: readonly number[]): number[] {
  const order = heights.map((_, index) => index).sort((left, right) => heights[left] - heights[right]);
  const moved = [...heights];
  for (let place = 1; place < order.length; place++) {
    moved[order[place]] = Math.max(moved[order[place]], moved[order[place - 1]] + LABEL_HEIGHT);
  }
  // What was pushed out at the bottom goes up again, and pushes the others up.
  let lowest = HEIGHT - BOTTOM;
  for (const index of order.reverse()) {
    moved[index] = Math.min(moved[index], lowest);
    lowest = moved[index] - LABEL_HEIGHT;
  }
  return moved;
}

function vertical(mayMultiply: boolean, values: readonly number[]): [Scale, readonly number[]] {
  const height = HEIGHT - TOP - BOTTOM;
  const highest = Math.max(...values);
  const lowest = Math.min(...values);
  if (!mayMultiply || lowest <= 0 || highest < lowest * PRESSED) {
    const ticks = roundTicks(highest);
    return [(value) => HEIGHT - BOTTOM - (value / ticks[ticks.length - 1]) * height, ticks];
  }
  const [from, to] = [Math.floor(Math.log10(lowest)), Math.ceil(Math.log10(highest))];
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
  return [(value) => HEIGHT - BOTTOM - ((Math.log10(value) - from) / (to - from)) * height, ticks];
}

function horizontal(isLogarithmic: boolean, values: readonly number[]): [Scale, readonly number[]] {
  const width = CHART_WIDTH - LEFT - RIGHT;
  const highest = Math.max(...values);
  if (!isLogarithmic) {
    const ticks = roundTicks(highest).filter((tick) => tick <= highest);
    return [(value) => LEFT + (value / (highest || 1)) * width, ticks];
  }
  const lowest = Math.min(...values);
  const span = Math.log(highest / lowest) || 1;
  return [(value) => LEFT + (Math.log(value / lowest) / span) * width, [...new Set(values)]];
}

/** From 0 to the first round number that is not less. */
function roundTicks(highest: number): number[] {
  const rough = (highest || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough) as number;
  const ticks = [0];
  while (ticks[ticks.length - 1] < highest) ticks.push(ticks.length * step);
  return ticks.length === 1 ? [0, step] : ticks;
}

function text(x: number, y: number, words: string, anchor: string, name?: string): string {
  const as = name === undefined ? '' : ` class="${name}"`;
  return `<text${as} x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

/** Without the dust of floating point. */
function number(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en');
}
