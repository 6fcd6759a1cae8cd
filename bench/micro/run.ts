// Times the hot pieces of the data path one by one and prints nanoseconds for each call:
//   node dist/bench/micro/run.js [--json FILE] [--compare FILE] [PART OF A NAME ...]
// `--json` keeps the results, `--compare` sets them beside results that were kept.

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { changeSince } from './change.js';
import { cookieCases } from './cookie-cases.js';
import { headCases } from './head-cases.js';
import { logCases } from './log-cases.js';
import { type MicroResult, measure } from './measure.js';
import { pickCases } from './pick-cases.js';
import { routeCases } from './route-cases.js';

const { values, positionals: wanted } = parseArgs({
  options: { json: { type: 'string' }, compare: { type: 'string' } },
  allowPositionals: true,
});
const earlier =
  values.compare === undefined ? [] : (JSON.parse(readFileSync(values.compare, 'utf8')) as { results: MicroResult[] }).results;
const cases = [...headCases, ...cookieCases, ...routeCases, ...pickCases, ...logCases];
const results: MicroResult[] = [];

console.log(`Node ${process.version}; nanoseconds: median (lowest–highest)`);
for (const each of cases) {
  if (wanted.length > 0 && !wanted.some((part) => each.name.includes(part))) continue;
  const result = measure(each);
  results.push(result);
  const { medianNs, lowestNs, highestNs } = result;
  const figures = `${medianNs.toFixed(0).padStart(7)} (${lowestNs.toFixed(0)}–${highestNs.toFixed(0)})`;
  console.log(`${each.name.padEnd(42)} ${figures.padEnd(24)} ${changeSince(earlier, result)}`.trimEnd());
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ node: process.version, results }, null, 2)}\n`);
