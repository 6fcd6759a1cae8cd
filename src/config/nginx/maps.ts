// map blocks as maps.
import type { TranslationBuilder } from '../translation-builder.js';
import { javascriptPattern, judgeNewVariable } from './rewrite-rules.js';
import type { Statement } from './statements.js';
import { hasVariable, type ValueTranslator } from './variables.js';

type Written = Record<string, unknown>;

/** The map's name in the document: its variable. */
export function mapName(statement: Statement): string {
  return statement.args[1]!.text.replace(/^\$/, '');
}

/** All that it can read, when none of it has variables; else undefined. */
export function constantResults({ block }: Statement): string[] | undefined {
  const results = (block ?? []).filter(({ args }) => args.length === 1).map(({ args }) => args[0]!.text);
  const hasDefault = (block ?? []).some(({ name }) => name === 'default');
  return results.some(hasVariable) ? undefined : [...new Set(hasDefault ? results : [...results, ''])];
}

export function mapOf(statement: Statement, values: ValueTranslator, builder: TranslationBuilder): Written {
  const { args, block, place } = statement;
  judgeNewVariable(args[1]!.text, place, builder);
  const seen = new Map<string, string>();
  const entries: Record<string, string> = {};
  const patterns: Written[] = [];
  const written: Written = { value: values.template(args[0]!.text, place), entries, patterns };
  for (const { name, args: results, place: at, block: inner } of block ?? []) {
    if (name === 'volatile' && results.length === 0) continue;
    if (name === 'hostnames' && results.length === 0) {
      written['hosts'] = true;
      continue;
    }
    if (results.length !== 1 || inner !== null) {
      builder.refuse(at, 'invalid number of the map parameters; write what is looked up and what is read then');
      continue;
    }
    const to = values.template(results[0]!.text, at);
    // Patterns may stand twice, and so may a name that reads the same; the first counts.
    const earlier = name.startsWith('~') ? undefined : seen.get(name.toLowerCase());
    if (earlier !== undefined && name === 'default') builder.refuse(at, 'duplicate default map parameter; write it once');
    else if (earlier !== undefined) builder.refuse(at, `conflicting parameter "${name}"; write it once`);
    seen.set(name.toLowerCase(), results[0]!.text);
    if (written['hosts'] === true && /^(\*\.|\.).*\*|^[^~*].*\*./.test(name))
      builder.refuse(at, `invalid hostname or wildcard "${name}"; write *.name or name.*`);
    if (name === 'default') written['default'] = to;
    else if (name.startsWith('~*')) patterns.push({ pattern: javascriptPattern(name.slice(2)), ignoreCase: true, to });
    else if (name.startsWith('~')) patterns.push({ pattern: javascriptPattern(name.slice(1)), to });
    else if (name.startsWith('.') && written['hosts'] === true) Object.assign(entries, { [name.slice(1)]: to, [`*${name}`]: to });
    else entries[name.replace(/^\\/, '')] = to;
  }
  return builder.mark(written, place, `${place.file}:${place.line} map ${args[1]!.text}`);
}
