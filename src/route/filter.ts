// Filters: what a Value does to the text it has read, written behind its name: "${header.host|lower}".
import { createHash } from 'node:crypto';
import { toByteText } from './byte-text.js';
import { decodeBytes, encodeArgument, encodePath } from './percent-encoding.js';

export type Filter = (text: string) => string;

interface FilterKind {
  readonly meaning: string;
  /** `argument` is what follows the filter's name and a colon, or ''. Throws an Error that says what to write. */
  compile(argument: string): Filter;
}

function plain(meaning: string, filter: Filter): FilterKind {
  return {
    meaning,
    compile(argument) {
      if (argument !== '') throw new Error('it takes no argument');
      return filter;
    },
  };
}

/** By name, with their meanings: docs/values.md lists them. */
export const filters: ReadonlyMap<string, FilterKind> = new Map(
  Object.entries({
    lower: plain('In lower case.', (text) => text.toLowerCase()),
    upper: plain('In upper case.', (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
    decode: plain('Percent-encoding decoded.', decodeBytes),
    encode: plain('Encoded so that it can stand in a path.', encodePath),
    argument: plain('Encoded so that it can stand in an argument of a query, whatever it holds.', encodeArgument),
    md5: plain('The MD5 digest in hex, for programs that expect one.', (text) => createHash('md5').update(text, 'latin1').digest('hex')),
    'http-date': {
      meaning: 'Seconds since 1970 as the date of a field; `http-date:3600` is an hour later.',
      compile: dating,
    },
    word: {
      meaning: '`word:2:,` is the second part between commas, empty parts not counted.',
      compile: (argument) => part(argument, false),
    },
    replace: {
      meaning: '`replace:/a+/b/` has `b` where the pattern is first found, `replace:/a+/b/g` everywhere; `i` behind it takes capitals too.',
      compile: replacing,
    },
    field: { meaning: '`field:2:,` is the second part between commas, empty parts counted.', compile: (argument) => part(argument, true) },
  }),
);

/** A text that is no number of seconds has no date. */
function dating(argument: string): Filter {
  if (!/^(-?\d{1,10})?$/.test(argument)) throw new Error('write how many seconds later, such as "http-date:3600"');
  const later = Number(argument);
  return (text) => (/^\d{1,12}$/.test(text) ? new Date((Number(text) + later) * 1000).toUTCString() : '');
}

function part(argument: string, countsEmpty: boolean): Filter {
  const colon = argument.indexOf(':');
  const index = Number(argument.slice(0, Math.max(colon, 0)));
  const separators = toByteText(argument.slice(colon + 1));
  if (!Number.isInteger(index) || index === 0 || separators === '') throw new Error('write a position and separators, such as "word:1:,"');
  return (text) => {
    const parts = splitAt(text, separators).filter((one) => countsEmpty || one !== '');
    return parts.at(index > 0 ? index - 1 : index) ?? '';
  };
}

function replacing(argument: string): Filter {
  const match = /^\/(.+)\/([^/]*)\/([gi]*)$/.exec(argument);
  if (match === null) throw new Error('write a pattern and a text, such as "replace:/a+/b/"');
  const [, source = '', text = '', flags = ''] = match;
  const pattern = new RegExp(source, flags);
  const replacement = toByteText(text);
  return (read) => read.replace(pattern, () => replacement);
}

/** Each character of `separators` separates. */
function splitAt(text: string, separators: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (!separators.includes(text[i]!)) continue;
    parts.push(text.slice(start, i));
    start = i + 1;
  }
  parts.push(text.slice(start));
  return parts;
}
