// Times the hot pieces of the data path one by one and prints nanoseconds for each call:
//   node dist/bench/micro/run.js [PART OF A NAME ...]

import { cookieCases } from './cookie-cases.js';
import { headCases } from './head-cases.js';
import { logCases } from './log-cases.js';
import { measure } from './measure.js';
import { pickCases } from './pick-cases.js';

const wanted = process.argv.slice(2);
const cases = [...headCases, ...cookieCases, ...pickCases, ...logCases];

console.log(`Node ${process.version}; nanoseconds: median (lowest–highest)`);
for (const each of cases) {
  if (wanted.length > 0 && !wanted.some((part) => each.name.includes(part))) continue;
  const { medianNs, lowestNs, highestNs } = measure(each);
  console.log(`${each.name.padEnd(42)} ${medianNs.toFixed(0).padStart(7)} (${lowestNs.toFixed(0)}–${highestNs.toFixed(0)})`);
}
