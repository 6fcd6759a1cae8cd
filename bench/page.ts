// The frame of an HTML page that needs nothing else, readable in light and dark, with the colours that the charts use.

import { escaped } from './markup.js';

/** What charts need, in a page or a file of their own. */
export const CHART_STYLE = `
:root { color-scheme: light dark; --text: #1c2330; --faint: #5d6778; --page: #fff; --line: #d9dee6; --bar: #9aa8bd; --ours: #0b7a75;
  --c0: #b4531a; --c1: #5b5fc7; --c2: #a3338f; --c3: #6b7a12; --c4: #2f77b8; --c5: #8a5a44; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ef; --faint: #9aa5b5; --page: #14181f; --line: #323a47; --bar: #5b6a80; --ours: #35b8ae;
    --c0: #f0955a; --c1: #a3a6ff; --c2: #e58bd4; --c3: #c0cf5c; --c4: #7db8ea; --c5: #cf9f88; }
}
svg { font: 13px system-ui, sans-serif; } svg text { fill: var(--text); } svg .faint { fill: var(--faint); } .page { fill: var(--page); }
.bar { fill: var(--bar); } .ours { fill: var(--ours); } .range { stroke: var(--text); fill: none; }
.grid { stroke: var(--line); } g path { fill: none; stroke: currentColor; stroke-width: 1.75; } g .leader { stroke-width: 1; stroke-dasharray: 1 3; }
g circle { fill: currentColor; } svg g text { fill: currentColor; }
.ours-line { color: var(--ours); } .ours-line text { font-weight: 600; } .ours-line path { stroke-width: 2.5; } .ours-line .leader { stroke-width: 1; }
.line-0 { color: var(--c0); } .line-1 { color: var(--c1); } .line-2 { color: var(--c2); }
.line-3 { color: var(--c3); } .line-4 { color: var(--c4); } .line-5 { color: var(--c5); }
`;

const STYLE = `${CHART_STYLE}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
figure { margin: 1.25rem 0; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
svg { width: 100%; max-width: 45rem; overflow: visible; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: right; white-space: nowrap; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
p, li, summary { color: var(--faint); } li { overflow-wrap: anywhere; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .5rem; font-size: 12px; color: var(--text); }
`;

/** `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1>
${body}
</body></html>
`;
}

/** Head and rows; the first two columns are words, the others figures. */
export function htmlTable([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (tag: string, fields: readonly string[]) =>
    `<tr>${fields.map((field) => `<${tag}>${escaped(field)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line('th', head)}</thead><tbody>${rows.map((row) => line('td', row)).join('\n')}</tbody></table>`;
}

/** A command and its configuration, folded away. */
export function foldedConfig({ peer, cell, command, text }: { peer: string; cell: string; command: string; text: string }): string {
  const name = `<summary>${escaped(peer)}, ${escaped(cell)}</summary>`;
  return `<details>${name}<pre>$ ${escaped(command)}\n\n${escaped(text)}</pre></details>`;
}
