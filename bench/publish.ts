// Puts the report of a chosen run into docs/performance.md, between two markers, so that what people wrote around
// it stays.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { picturesOf } from './pictures.js';
import { configurationsReport, markdownReport } from './report.js';
import type { RunResult } from './results.js';

const BEGIN = '<!-- measured: written by `npm run bench -- --publish`, do not edit -->';
const END = '<!-- end of what was measured -->';
const NEW_PAGE = `# Performance

CPU per request of Limpet beside other proxies that do the same work on the same machine. How it is measured, and how to
repeat it, stands in [bench/README.md](../bench/README.md). Absolute figures hold for that machine only; ratios carry further.

${BEGIN}
${END}
`;

const CONFIGURATIONS = 'performance-configs.md';
const CONFIGURATIONS_HEAD = `# What was measured

Written by \`npm run bench -- --publish\`: how each peer was started for the cells of [performance.md](performance.md), and with what
configuration. Ports and names of files were others in each cell.
`;

/** Beside the page. What lies there is of the run that was published last. */
const PICTURES = 'images/performance';

export function publish(resultPath: string, pagePath: string): void {
  const run = JSON.parse(readFileSync(resultPath, 'utf8')) as RunResult;
  const page = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : NEW_PAGE;
  const pictures = picturesOf(run);
  const folder = join(dirname(pagePath), PICTURES);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, svg } of pictures) writeFileSync(join(folder, file), svg);
  const shown = pictures.map(({ file, title }) => `![${title}](${PICTURES}/${file})\n`);
  const configurations = `\n[Commands and configurations of all peers](${CONFIGURATIONS})\n`;
  writeFileSync(pagePath, withReport(page, [...shown, withoutPaths(markdownReport(run)), configurations].join('\n')));
  writeFileSync(join(dirname(pagePath), CONFIGURATIONS), `${CONFIGURATIONS_HEAD}\n${withoutPaths(configurationsReport(run))}`);
}

/** Where a Node, this folder and a run's own folders lie says nothing to others. */
export function withoutPaths(report: string): string {
  return report
    .replace(/[^\s"=:]*\/limpet-bench-[^/\s"]+\/(?:[^/\s";]+\.\d+\/)?/g, '')
    .replace(/\/[^\s"]*\/bin\/node\b/g, 'node')
    .replace(/\/[^\s"]*\/(?=dist\/)/g, '');
}

/** Throws when the page has not both markers. */
export function withReport(page: string, report: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`the page needs the two lines\n${BEGIN}\n${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${report}\n${page.slice(end)}`;
}
