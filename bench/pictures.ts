// The pictures of a published run: what its tables say, for those who would rather look. SVG files that stand by themselves
// and follow the reader's colour scheme.

import { GROWTH_AXES, growthLines, growthsOf } from './growth.js';
import { lineChart } from './line-chart.js';
import { CHART_STYLE } from './page.js';
import { type RatioRow, ratioChart } from './ratio-chart.js';
import { ratioOf, reference } from './report.js';
import type { RunResult } from './results.js';

export interface Picture {
  /** The name of its file. */
  readonly file: string;
  /** For those who do not see it. */
  readonly title: string;
  readonly svg: string;
}

/** Beside the reference, the peers that a reader is most likely to run. */
const SHOWN = ['limpet', 'haproxy'];

export function picturesOf(run: RunResult): Picture[] {
  const pictures: Picture[] = [];
  const rows = ratioRows(run);
  if (rows.length > 0) {
    const title = `CPU per request or message as a ratio to ${reference(run)}, by cell: left is better`;
    pictures.push({ file: 'ratios.svg', title, svg: standingAlone(ratioChart(title, reference(run), rows)) });
  }
  for (const growth of growthsOf(run.cells)) {
    const lines = growthLines(run, growth);
    if (lines.length === 0) continue;
    const svg = standingAlone(lineChart({ ...GROWTH_AXES, title: growth.title, xLabel: growth.xLabel }, lines));
    pictures.push({ file: `growth-${growth.xLabel}.svg`, title: growth.title, svg });
  }
  return pictures;
}

function ratioRows(run: RunResult): RatioRow[] {
  const rows: RatioRow[] = [];
  for (const cell of run.cells) {
    const dots = SHOWN.flatMap((name) => {
      const ratio = name === reference(run) ? undefined : ratioOf(run, cell, { name });
      return ratio === undefined ? [] : [{ name, ratio, isOurs: name === 'limpet' }];
    });
    if (dots.some(({ isOurs }) => isOurs)) rows.push({ label: cell.title, dots });
  }
  return rows;
}

/** A chart takes its colours from the page around it; a file has none, so it brings them, and the page's background with them. */
function standingAlone(svg: string): string {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) as RegExpExecArray;
  const frame = 12;
  const around = `viewBox="${-frame} ${-frame} ${Number(width) + 2 * frame} ${Number(height) + 2 * frame}"`;
  const background = `<rect class="page" x="${-frame}" y="${-frame}" width="100%" height="100%"/>`;
  return `${svg
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace(/viewBox="[^"]*"/, around)
    .replace('>', `><style>${CHART_STYLE}</style>${background}`)}\n`;
}
