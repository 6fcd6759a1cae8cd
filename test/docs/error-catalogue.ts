// The tables of docs/errors.md, made from the catalogue of faults.
import { type Fault, type FaultSource, faults } from '../../src/core/errors.js';

const headings: Record<FaultSource, string> = {
  client: 'What clients do',
  us: 'What Limpet decides',
  upstream: 'What servers do',
};

const repeats: Record<Fault['repeat'], string> = {
  never: 'no',
  always: 'yes',
  'if-reused-and-silent': 'if the connection had been used before and brought no byte of an answer',
};

/** All tables, in Markdown, in the order of the catalogue. */
export function errorCatalogue(): string {
  const sources = Object.keys(headings) as FaultSource[];
  return sources.map(table).join('\n');
}

function table(source: FaultSource): string {
  const rows = Object.values<Fault>(faults).filter((fault) => fault.source === source);
  return [
    `### ${headings[source]}`,
    '',
    '| code | status | phase | tried again | what happened |',
    '|---|---|---|---|---|',
    ...rows.map((fault) => `| \`${fault.code}\` | ${status(fault)} | ${fault.phase} | ${repeats[fault.repeat]} | ${fault.meaning} |`),
    '',
  ].join('\n');
}

/** What a client gets. 499 stands for one that has gone, which gets nothing. */
function status(fault: Fault): string {
  return fault.status === 0 || fault.status === 499 ? '–' : String(fault.status);
}
