// How the cost of a request grows with something: which cells belong together as one line.

import { CELLS, type Cell } from './cells.js';
import type { Axes, Line } from './line-chart.js';
import { usable } from './report.js';
import { cpuUs, type RunResult } from './results.js';
import { spreadOf } from './statistics.js';

export interface Growth {
  readonly title: string;
  readonly xLabel: string;
  readonly cells: readonly { readonly cell: Cell; readonly x: number }[];
}

/** Of the cells of a run, those lines that have two points at least. */
export function growthsOf(cells: readonly Cell[]): Growth[] {
  return ALL.map((growth) => ({
    ...growth,
    cells: growth.cells.filter(({ cell }) => cells.some(({ name }) => name === cell.name)),
  })).filter((growth) => growth.cells.length > 1);
}

/** What the charts of all of them have in common. */
export const GROWTH_AXES: Pick<Axes, 'yLabel' | 'isLogarithmic'> = { yLabel: 'µs', isLogarithmic: true };

/** A line for each peer that has two points at least. */
export function growthLines(run: RunResult, { cells }: Growth): Line[] {
  const lines: Line[] = [];
  for (const { name } of run.peers) {
    const points = cells.flatMap(({ cell, x }): [number, number][] => {
      const samples = usable(run, cell, { name });
      return samples.length === 0 ? [] : [[x, spreadOf(samples.map(cpuUs)).median]];
    });
    if (points.length > 1) lines.push({ label: name, points, isOurs: name.startsWith('limpet') });
  }
  return lines;
}

const ALL: readonly Growth[] = [
  {
    title: 'CPU per request against open connections',
    xLabel: 'connections',
    cells: pointsOf(['connections-1', 'connections-10', 'http-100b', 'connections-1000', 'connections-8000'], (cell) => cell.connections),
  },
  {
    title: 'CPU per request against routes',
    xLabel: 'routes',
    // Beside the others there is the one that is asked for.
    cells: pointsOf(['http-100b', 'routes-10', 'routes-100', 'routes-1000', 'routes-10000'], ({ otherRoutes = 0 }) => otherRoutes + 1),
  },
  {
    title: 'CPU per request against servers',
    xLabel: 'servers',
    cells: pointsOf(['servers-1', 'servers-10', 'servers-100', 'servers-1000'], ({ servers = 2 }) => servers),
  },
];

function pointsOf(names: readonly string[], xOf: (cell: Cell) => number): Growth['cells'] {
  return CELLS.filter((cell) => names.includes(cell.name))
    .map((cell) => ({ cell, x: xOf(cell) }))
    .sort((left, right) => left.x - right.x);
}
