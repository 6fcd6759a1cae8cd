// Reads the tables of this folder: tab-separated, one case a line, the columns named by the first line. A case says
// for each protocol profile what must come of one input.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WireProfile } from '../../src/wire/profile.js';

export type ProfileName = WireProfile['name'];
export const profileNames: readonly ProfileName[] = ['strict', 'nginx', 'haproxy'];

/** What must come of an input: refused with a status, still waiting for more, or accepted with some facts holding. */
export type Outcome =
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'accepted'; readonly facts: readonly Fact[] };

/** `key=value`; the value's escapes are resolved. */
export interface Fact {
  readonly key: string;
  readonly value: string;
}

export interface TableCase {
  readonly table: string;
  readonly line: number;
  readonly name: string;
  /** The method that the response answers; '' in tables of requests. */
  readonly asked: string;
  /** latin1. */
  readonly input: string;
  /** Absent where the table says `-`: the profile alone does not decide. */
  readonly outcomes: ReadonlyMap<ProfileName, Outcome>;
  readonly reference: string;
}

function folderOfTables(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'test/conformance');
}

/** The cases of `<table>.tsv`. Throws at the line that it cannot read. */
export function readTable(table: string): TableCase[] {
  const lines = readFileSync(join(folderOfTables(), `${table}.tsv`), 'utf8')
    .trimEnd()
    .split('\n');
  const columns = lines[0]!.split('\t');
  return lines.slice(1).map((text, index) => {
    const line = index + 2;
    const values = text.split('\t');
    if (values.length !== columns.length) throw new Error(`${table}.tsv:${line}: ${values.length} columns instead of ${columns.length}`);
    const cell = (column: string): string => values[columns.indexOf(column)] ?? '';
    const outcomes = new Map<ProfileName, Outcome>();
    for (const profile of profileNames) {
      const said = cell(profile) === '=' ? cell('strict') : cell(profile);
      if (said !== '-') outcomes.set(profile, readOutcome(said, `${table}.tsv:${line}`));
    }
    return {
      table,
      line,
      name: cell('name'),
      asked: cell('asked'),
      input: resolveEscapes(cell('input')),
      outcomes,
      reference: cell('rfc'),
    };
  });
}

function readOutcome(text: string, place: string): Outcome {
  if (/^\d{3}$/.test(text)) return { kind: 'refused', status: Number(text) };
  if (text === 'more') return { kind: 'more' };
  if (!text.startsWith('ok ')) throw new Error(`${place}: not an outcome: ${text}`);
  const facts = text
    .slice(3)
    .split(' & ')
    .map((part) => {
      const equals = part.indexOf('=');
      if (equals < 0) throw new Error(`${place}: not key=value: ${part}`);
      return { key: part.slice(0, equals), value: resolveEscapes(part.slice(equals + 1)) };
    });
  return { kind: 'accepted', facts };
}

/** Resolves \r \n \t \0 \\ and \xHH. */
function resolveEscapes(text: string): string {
  return text.replace(/\\(x[0-9A-F]{2}|.)/g, (whole, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const character = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' }[code];
    if (character === undefined) throw new Error(`unknown escape ${whole} in ${text}`);
    return character;
  });
}
