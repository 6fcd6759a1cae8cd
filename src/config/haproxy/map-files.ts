// Map files, which converters such as map_beg() look samples up in, as "maps" of the document.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { literalPattern } from '../../core/literal-pattern.js';
import { literalText } from './literal-text.js';
import { checkPattern, wordPattern } from './regular-expression.js';
import type { Report } from './report.js';
import { SampleError } from './sample-error.js';

/** How keys of the file are compared with the sample, by the converter; "_str" in its name says what is assumed anyway. */
const patterns: Readonly<Record<string, (key: string) => string>> = {
  map_reg: (key) => key,
  map_beg: (key) => `^${literalPattern(key)}`,
  map_end: (key) => `${literalPattern(key)}$`,
  map_sub: literalPattern,
  map_dir: (key) => wordPattern(key, 'dir'),
  map_dom: (key) => wordPattern(key, 'dom'),
};

/** Whole keys. */
const exact = 'map';

type Entry = readonly [key: string, value: string];

export class MapFiles {
  /** By their names in the document. */
  readonly document: Record<string, unknown> = {};
  private readonly names = new Map<string, string>();

  constructor(private readonly report: Report) {}

  /** The name of the map that looks `value` up by the `converter`, in the file and with the default that `args` name. Throws SampleError. */
  nameOf(converter: string, args: readonly string[], value: string): string {
    const [file = '', fallback = ''] = args;
    const kind = converter.replace(/_str$/, '');
    if (file === '') throw new SampleError(`"${converter}" needs a file; write its path in parentheses`, true);
    if (!Object.hasOwn(patterns, kind) && kind !== exact)
      throw new SampleError(
        `the converter "${converter}" is not supported; write map, map_beg, map_end, map_sub, map_dir, map_dom or map_reg`,
      );
    const id = JSON.stringify([kind, file, fallback, value]);
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const name = `map-${this.names.size + 1}`;
    this.document[name] = { value, matchCase: true, ...tableOf(kind, this.read(file)), default: literalText(fallback) };
    this.names.set(id, name);
    return name;
  }

  private read(file: string): Entry[] {
    const path = resolve(file);
    this.report.files.push(path);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      throw new SampleError(`the file "${file}" cannot be read; give the path of another`, true);
    }
    const lines = text.split('\n').map((line) => line.trim());
    return lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, key = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line)!;
        return [key, literalText(value)];
      });
  }
}

/** Of keys that are the same, and of patterns that fit, the first in the file counts; of beginnings the longest. */
function tableOf(kind: string, entries: readonly Entry[]): Record<string, unknown> {
  if (kind === exact) return { entries: Object.fromEntries([...entries].reverse()) };
  const inOrder = kind === 'map_beg' ? [...entries].sort(([a], [b]) => b.length - a.length) : entries;
  return {
    patterns: inOrder.map(([key, to]) => {
      if (kind === 'map_reg') checkPattern(key);
      return { pattern: patterns[kind]!(key), to };
    }),
  };
}
