import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELLS } from '../../bench/cells.js';
import { growthsOf } from '../../bench/growth.js';
import { lineChart } from '../../bench/line-chart.js';

const axes = { title: 'Cost', xLabel: 'servers', yLabel: 'µs', isLogarithmic: true };

test('cells that differ in one thing are the points of a line, in its order', () => {
  const xs = Object.fromEntries(growthsOf(CELLS).map(({ xLabel, cells }) => [xLabel, cells.map(({ x }) => x)]));
  assert.deepEqual(xs, { connections: [1, 10, 64, 1000, 8000], routes: [1, 11, 101, 1001, 10_001], servers: [1, 10, 100, 1000] });
});

test('a line needs two cells', () => {
  assert.deepEqual(growthsOf(CELLS.filter(({ name }) => name === 'http-100b' || name === 'servers-10')), []);
});

test('each step of a logarithmic axis multiplies, and heights begin at 0', () => {
  const chart = lineChart(axes, [
    {
      label: 'limpet',
      points: [
        [1, 0],
        [10, 20],
        [100, 10],
      ],
      isOurs: true,
    },
  ]);
  const [, path] = /class="ours-line"><path d="([^"]+)"/.exec(chart) ?? [];
  const points = path
    .slice(1)
    .split('L')
    .map((point) => point.split(' ').map(Number));
  const [[x1, y1], [x2, y2], [x3, y3]] = points;
  assert.equal(x2 - x1, x3 - x2);
  assert.ok(Math.abs(y1 - y3 - (y3 - y2)) < 0.11, `${y1} ${y2} ${y3}`);
  assert.match(chart, /aria-label="Cost: µs, servers"/);
});

test('where one line would press the others to the ground, steps upwards multiply too', () => {
  const points = [1, 10, 100, 1000].map((value): [number, number] => [value, value]);
  const chart = lineChart(axes, [{ label: 'haproxy', points, isOurs: false }]);
  const heights = Array.from(chart.matchAll(/cy="([\d.]+)"/g), ([, y]) => Number(y));
  assert.ok(Math.abs(heights[0] - heights[1] - (heights[2] - heights[3])) < 0.11, heights.join(' '));
  assert.match(chart, />1,000<\/text>/);
});

test('labels of lines that end at the same place do not lie on each other', () => {
  const lines = ['a', 'b', 'c', '<d>'].map((label) => ({
    label,
    points: [
      [1, 5],
      [10, 5],
    ] as [number, number][],
    isOurs: false,
  }));
  const chart = lineChart(axes, lines);
  const heights = Array.from(chart.matchAll(/y="([\d.]+)" text-anchor="start">(?:a|b|c|&lt;d>)</g), ([, y]) => Number(y)).sort(
    (p, q) => p - q,
  );
  assert.equal(heights.length, 4);
  for (let index = 1; index < 4; index++) assert.ok(heights[index] - heights[index - 1] >= 15, heights.join(' '));
});
