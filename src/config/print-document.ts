// Prints a document as proxy.config.json, with a comment before what was carried over from elsewhere.
import type { Path } from './source.js';

/** `notes` are comments by JSON.stringify(path). The result ends with a newline and reads back as the same document. */
export function printDocument(document: unknown, notes: ReadonlyMap<string, string>): string {
  return `${printValue(document, [], notes, '')}\n`;
}

/** What fits into this many characters stands on one line, unless something inside has a comment. */
const SHORT = 100;

function printValue(value: unknown, path: Path, notes: ReadonlyMap<string, string>, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Array.isArray(value)
    ? value.map((element, index) => [index, element] as const)
    : Object.entries(value).filter(([, member]) => member !== undefined);
  const [opening, closing] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return opening + closing;
  const oneLine = onOneLine(value);
  if (path.length > 0 && indent.length + oneLine.length <= SHORT && !hasNoteInside(path, notes)) return oneLine;
  const below = `${indent}  `;
  const lines = entries.map(([key, member], index) => {
    const at = [...path, key];
    const comment = (notes.get(JSON.stringify(at)) ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${below}// ${line}\n`)
      .join('');
    const name = typeof key === 'number' ? '' : `${JSON.stringify(key)}: `;
    return `${comment}${below}${name}${printValue(member, at, notes, below)}${index < entries.length - 1 ? ',' : ''}`;
  });
  return `${opening}\n${lines.join('\n')}\n${indent}${closing}`;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return members.length === 0 ? '{}' : `{ ${members.map(([key, member]) => `${JSON.stringify(key)}: ${onOneLine(member)}`).join(', ')} }`;
}

function hasNoteInside(path: Path, notes: ReadonlyMap<string, string>): boolean {
  const start = `${JSON.stringify(path).slice(0, -1)},`;
  for (const key of notes.keys()) if (key.startsWith(start)) return true;
  return false;
}
