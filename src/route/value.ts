// A Value: text computed from an exchange, written as a template such as "${client.ip}". Compiled once when the
// config loads. It strips and escapes nothing: whoever puts the text into a head, a log or a page does.
import { nearestName } from '../core/nearest-name.js';
import { toByteText } from './byte-text.js';
import type { ExchangeView } from './exchange-view.js';
import { type Filter, filters } from './filter.js';
import { standardNames, type ValueNames, type ValueReader } from './value-names.js';

/** Text computed from an exchange. Every character of it is one byte (latin1). */
export interface Value<X extends ExchangeView = ExchangeView> {
  /** The text when it is the same for every exchange, else null. */
  readonly constant: string | null;
  /** The text for this exchange; what the exchange does not have reads ''. */
  read(x: X): string;
}

/** A template that cannot be compiled. `offset` is where in the template, in characters. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The Value that is always `text`, which must be byte text. */
export class ConstantValue implements Value {
  readonly constant: string;

  constructor(text: string) {
    this.constant = text;
  }

  read(): string {
    return this.constant;
  }
}

class ReadValue<X extends ExchangeView> implements Value<X> {
  readonly constant = null;
  readonly read: ValueReader<X>;

  constructor(read: ValueReader<X>) {
    this.read = read;
  }
}

/** Literals and readers in turn: literals[0] readers[0] literals[1] … literals[n]. */
class JoinedValue<X extends ExchangeView> implements Value<X> {
  readonly constant = null;
  private readonly literals: readonly string[];
  private readonly readers: readonly ValueReader<X>[];

  constructor(literals: readonly string[], readers: readonly ValueReader<X>[]) {
    this.literals = literals;
    this.readers = readers;
  }

  read(x: X): string {
    let text = this.literals[0]!;
    for (let i = 0; i < this.readers.length; i++) text += this.readers[i]!(x) + this.literals[i + 1]!;
    return text;
  }
}

/**
 * Compiles a template: literal text, in which `${NAME}` is replaced and `$${` stands for a literal `${`. Literal
 * text that is not ASCII is taken as UTF-8. `names` adds to or replaces the names of docs/values.md.
 * Throws {@link ValueError}, and nothing else, for an unknown or malformed name or a missing brace.
 */
export function compileValue<X extends ExchangeView = ExchangeView>(template: string, names: ValueNames<X> = standardNames): Value<X> {
  const literals: string[] = [];
  const readers: ValueReader<X>[] = [];
  let literal = '';
  let at = 0;
  for (;;) {
    const opening = template.indexOf('${', at);
    if (opening < 0) break;
    if (opening > at && template[opening - 1] === '$') {
      literal += `${template.slice(at, opening - 1)}\${`;
      at = opening + 2;
      continue;
    }
    const closing = template.indexOf('}', opening);
    if (closing < 0) throw new ValueError('"${" has no "}"; write "$${" for a literal "${"', opening);
    literals.push(toByteText(literal + template.slice(at, opening)));
    readers.push(filteredReader(template.slice(opening + 2, closing), opening, names));
    literal = '';
    at = closing + 1;
  }
  literals.push(toByteText(literal + template.slice(at)));
  if (readers.length === 0) return new ConstantValue(literals[0]!);
  if (readers.length === 1 && literals[0] === '' && literals[1] === '') return new ReadValue(readers[0]!);
  return new JoinedValue(literals, readers);
}

/** A name, and the filters behind it. */
function filteredReader<X extends ExchangeView>(expression: string, offset: number, names: ValueNames<X>): ValueReader<X> {
  const [name = '', ...written] = expression.split('|');
  const read = readerFor(name, offset, names);
  const steps = written.map((filter) => compileFilter(filter, offset));
  if (steps.length === 0) return read;
  return (x) => {
    let text = read(x);
    for (let i = 0; i < steps.length; i++) text = steps[i]!(text);
    return text;
  };
}

/** Compiles a filter as it stands behind a Value's name. Throws {@link ValueError}. */
export function compileFilter(written: string, offset: number): Filter {
  const colon = written.indexOf(':');
  const name = colon < 0 ? written : written.slice(0, colon);
  const kind = filters.get(name);
  if (kind === undefined) {
    const nearest = nearestName(name, filters.keys());
    throw new ValueError(`unknown filter "${name}"; write ${nearest === null ? 'one of docs/values.md' : `"${nearest}"`}`, offset);
  }
  try {
    return kind.compile(colon < 0 ? '' : written.slice(colon + 1));
  } catch (error) {
    throw new ValueError(`the filter "${written}": ${(error as Error).message}`, offset);
  }
}

function readerFor<X extends ExchangeView>(name: string, offset: number, names: ValueNames<X>): ValueReader<X> {
  if (name === '') throw new ValueError('"${}" names nothing; write "$${}" for a literal "${}"', offset);
  const single = names.singles.get(name);
  if (single !== undefined) return single.read;
  for (const [prefix, family] of names.families) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    if (!family.takes(key)) throw new ValueError(`"${name}": "${key}" is not ${family.wants}`, offset);
    return family.readerFor(key);
  }
  const nearest = nearestKnown(name, names);
  throw new ValueError(`unknown Value "${name}"${nearest === null ? '' : `; write "\${${nearest}}"`}`, offset);
}

/** The known name nearest to `name`: a single one, else one of a family whose beginning is near to the name's. */
function nearestKnown<X extends ExchangeView>(name: string, names: ValueNames<X>): string | null {
  const single = nearestName(name, names.singles.keys());
  if (single !== null) return single;
  const parts = name.split('.');
  for (const prefix of names.families.keys()) {
    const depth = prefix.split('.').length - 1;
    const key = parts.slice(depth).join('.');
    if (key !== '' && nearestName(`${parts.slice(0, depth).join('.')}.`, [prefix]) !== null) return prefix + key;
  }
  return null;
}
