// The keyword table of haproxy.cfg: every keyword by its name, the sections in which it may stand, how many words may
// follow it, and what becomes of it.
import { nearestName } from '../../core/nearest-name.js';
import { carriedGlobalKeywords, notedGlobalKeywords, refusedGlobalKeywords } from './global-keywords.js';
import { carriedProxyKeywords, namedDefaultsOnly, notedProxyKeywords, refusedProxyKeywords } from './proxy-keywords.js';
import { joinWords, type Shape } from './shapes.js';
import type { PlacedWord, Statement } from './statements.js';

/**
 * Name, sections (of G D F B L), fewest and most words that follow, what becomes of it or why nothing does, and what the words
 * that follow look like, where nothing else looks at them.
 */
export type KeywordRow = readonly [string, string, number, number, string, Shape?];

export type Fate = 'carried' | 'noted' | 'refused';

export interface Keyword {
  readonly name: string;
  readonly sections: string;
  readonly fewest: number;
  readonly most: number;
  readonly fate: Fate;
  /** What the words that follow look like, joined; null: nothing is said of that here. */
  readonly shape: Shape | null;
  /** What it becomes; or why nothing does. */
  readonly meaning: string;
  /** Whether a defaults section that holds it has to have a name. */
  readonly needsNamedDefaults: boolean;
}

/** A statement whose keyword is known. */
export interface KnownStatement extends Statement {
  readonly keyword: Keyword;
  /** "no" or "default" before the keyword. */
  readonly prefix: '' | 'no' | 'default';
  /** What follows the keyword. */
  readonly args: readonly PlacedWord[];
}

function tableOf(...lists: readonly [Fate, readonly KeywordRow[]][]): ReadonlyMap<string, Keyword> {
  const table = new Map<string, Keyword>();
  for (const [fate, rows] of lists) {
    for (const [name, sections, fewest, most, meaning, shape = null] of rows)
      table.set(name, { name, sections, fewest, most, shape, fate, meaning, needsNamedDefaults: namedDefaultsOnly.has(name) });
  }
  return table;
}

export const globalKeywords = tableOf(
  ['carried', carriedGlobalKeywords],
  ['noted', notedGlobalKeywords],
  ['refused', refusedGlobalKeywords],
);
export const proxyKeywords = tableOf(['carried', carriedProxyKeywords], ['noted', notedProxyKeywords], ['refused', refusedProxyKeywords]);

/** Keywords of two words or three, by their first. */
const longKeywords = new Set([...proxyKeywords.keys()].filter((name) => name.includes(' ')).map((name) => name.split(' ')[0]!));

/** Options that "no" does not go with. */
const withoutNo = new Set(
  'external-check forwardfor http-restrict-req-hdr-names httpchk httplog httpslog ldap-check mysql-check originalto pgsql-check redis-check smtpchk spop-check ssl-hello-chk tcp-check tcpka tcplog'
    .split(' ')
    .map((name) => `option ${name}`),
);

/** What HAProxy once had, and what to write instead. */
const removed: Readonly<Record<string, string>> = {
  clitimeout: 'timeout client',
  contimeout: 'timeout connect',
  srvtimeout: 'timeout server',
  nbproc: 'nbthread',
};

/** The statement with its keyword; or an explanation of why there is none. */
export function knowStatement(statement: Statement, table: ReadonlyMap<string, Keyword>): KnownStatement | string {
  const first = statement.words[0]!.text;
  const prefix = (first === 'no' || first === 'default') && statement.words.length > 1 ? first : '';
  const words = prefix === '' ? statement.words : statement.words.slice(1);
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const name = words
      .slice(0, length)
      // The variable of a check's set-var() belongs to what follows.
      .map((word) => word.text.replace(/^((?:un)?set-var(?:-fmt)?)\(.*$/, '$1'))
      .join(' ');
    const keyword = table.get(name);
    if (keyword === undefined) continue;
    const takesPrefix =
      prefix === 'no'
        ? name === 'log' || (name.startsWith('option ') && !withoutNo.has(name))
        : // All others HAProxy counts a word too many of.
          name === 'option redispatch';
    if (prefix !== '' && !takesPrefix) return `"${name}" does not go with "${prefix}"; leave that out`;
    return { ...statement, keyword, prefix, args: words.slice(length) };
  }
  return unknownKeyword(words, table);
}

function unknownKeyword(words: readonly PlacedWord[], table: ReadonlyMap<string, Keyword>): string {
  const first = words[0]!.text;
  if (Object.hasOwn(removed, first)) return `"${first}" is no more; write "${removed[first]}" instead`;
  const written = longKeywords.has(first) && words.length > 1 ? `${first} ${words[1]!.text}` : first;
  const nearest = nearestName(written, table.keys());
  return `"${written}" is not a keyword here${nearest === null ? '; remove it' : `; write "${nearest}" instead`}`;
}

/** "" when such words follow as may; else what to write. */
export function wrongWords({ keyword, prefix, args }: KnownStatement): string {
  const { name, fewest, most, shape } = keyword;
  if (prefix === 'no') return name === 'log' && args.length > 0 ? '"no log" takes no value; remove what follows it' : '';
  if (args.length < fewest || args.slice(0, fewest).some(({ text }) => text === ''))
    return `"${name}" needs ${fewest === 1 ? 'a value' : `${fewest} values`}; write what follows it`;
  if (args.length > most)
    return most === 0
      ? `"${name}" takes no value; remove what follows it`
      : `"${name}" takes at most ${most === 1 ? 'one value' : `${most} values`}; remove what is too many`;
  if (shape !== null && !shape.test(joinWords(args)))
    return `"${args.map(({ text }) => text).join(' ')}" is not what follows "${name}"; write what HAProxy's manual says, or remove the line`;
  return '';
}
