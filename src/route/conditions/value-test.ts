// Any Value of the exchange against texts, a pattern or a number.
import { toByteText } from '../byte-text.js';
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import type { Filter } from '../filter.js';
import { membersOf } from '../list-members.js';
import { type Literals, noLiterals } from '../literals.js';
import { compilePattern } from '../pattern.js';
import { queryArguments } from '../query-argument.js';
import { requestCookies } from '../request-cookie.js';
import { isToken } from '../token.js';
import { compileFilter, compileValue, type Value } from '../value.js';

type OneOrMore = string | readonly string[];

/** What is given must hold, all of it; of a list of texts one. */
export interface ValueTestSpec {
  /** Exactly one of `value` and the others, which are names: of all that have the name, one must pass. */
  readonly value?: string | undefined;
  readonly header?: string | undefined;
  readonly responseHeader?: string | undefined;
  readonly cookie?: string | undefined;
  readonly argument?: string | undefined;
  /** For fields: each member of a list with commas is looked at by itself. */
  readonly members?: boolean | undefined;
  /** For names: how many there are, empty ones too, is what is compared. */
  readonly count?: true | undefined;
  /** For names: what is done to each before it is compared. */
  readonly filters?: OneOrMore | undefined;
  readonly is?: OneOrMore | undefined;
  readonly startsWith?: OneOrMore | undefined;
  readonly endsWith?: OneOrMore | undefined;
  readonly contains?: OneOrMore | undefined;
  readonly pattern?: OneOrMore | undefined;
  /** Whether the Value reads anything at all. */
  readonly exists?: boolean | undefined;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
  readonly ignoreCase?: boolean | undefined;
}

type TextTest = (text: string, x: ExchangeView) => boolean;

/**
 * A single Value that stays the same while routes are asked. Patterns of routes change captures, which maps may read as
 * well.
 */
const steadyValue =
  /^\$\{((header|cookie|query)\.[^|}]+|host|authority|method|path|path\.decoded|target|tls\.serverName|client\.ip)(\|[^}]*)?\}$/;

class ValueCondition implements Condition {
  readonly literals: readonly Literals[];
  private readonly value: Value;
  private readonly tests: readonly TextTest[];

  constructor(literals: readonly Literals[], value: Value, tests: readonly TextTest[]) {
    this.literals = literals;
    this.value = value;
    this.tests = tests;
  }

  test(x: ExchangeView): boolean {
    const text = this.value.read(x);
    for (let i = 0; i < this.tests.length; i++) {
      if (!this.tests[i]!(text, x)) return false;
    }
    return true;
  }
}

/** All that an exchange has of something: fields, members of their lists, cookies or arguments of one name. */
type SeveralReader = (x: ExchangeView) => readonly string[];

const none: readonly string[] = [];

function fieldsOf(name: string, isOfResponse: boolean, splits: boolean): SeveralReader {
  return (x) => {
    const head = isOfResponse ? x.response : x.request;
    if (head === null || head.get(name) === undefined) return none;
    const values = head.getAll(name);
    return splits ? values.flatMap((value) => membersOf(value).map((member) => member.trim())) : values;
  };
}

/** Of several values one must pass all tests, once the filters have been applied to it. */
class SeveralCondition implements Condition {
  readonly literals = noLiterals;
  private readonly read: SeveralReader;
  private readonly filters: readonly Filter[];
  private readonly wantsNone: boolean;
  private readonly tests: readonly TextTest[];

  constructor(read: SeveralReader, filters: readonly Filter[], wantsNone: boolean, tests: readonly TextTest[]) {
    this.read = read;
    this.filters = filters;
    this.wantsNone = wantsNone;
    this.tests = tests;
  }

  test(x: ExchangeView): boolean {
    const values = this.read(x);
    if (values.length === 0) return this.wantsNone;
    return !this.wantsNone && values.some((value) => this.passes(value, x));
  }

  private passes(value: string, x: ExchangeView): boolean {
    let text = value;
    for (const filter of this.filters) text = filter(text);
    return this.tests.every((test) => test(text, x));
  }
}

/** How many values there are must pass all tests. */
class CountCondition implements Condition {
  readonly literals = noLiterals;
  private readonly read: SeveralReader;
  private readonly tests: readonly TextTest[];

  constructor(read: SeveralReader, tests: readonly TextTest[]) {
    this.read = read;
    this.tests = tests;
  }

  test(x: ExchangeView): boolean {
    const count = String(this.read(x).length);
    return this.tests.every((test) => test(count, x));
  }
}

/** Reads what the test looks at when that may be several; null when it is a Value. Throws an Error that says what is wrong. */
function severalOf({ value, header, responseHeader, cookie, argument, members, count, filters }: ValueTestSpec): SeveralReader | null {
  const [name, ...others] = [value, header, responseHeader, cookie, argument].filter((one) => one !== undefined);
  if (name === undefined || others.length > 0)
    throw new Error('the test looks at one thing; write one of "value", "header", "responseHeader", "cookie" and "argument"');
  const field = header ?? responseHeader;
  if (field === undefined && members !== undefined) throw new Error('"members" are those of a field; write "header" or "responseHeader"');
  if (value !== undefined) {
    if (count !== undefined) throw new Error('a Value is one; write "header", "responseHeader", "cookie" or "argument" to count');
    if (filters !== undefined) throw new Error('filters of a Value stand behind its name; write them there, as in "${path|lower}"');
    return null;
  }
  if (!isToken(name)) throw new Error(`"${name}" is not the name of a field, a cookie or an argument`);
  if (field !== undefined) return fieldsOf(field.toLowerCase(), header === undefined, members === true);
  return cookie === undefined ? (x) => queryArguments(x.query, name) : (x) => requestCookies(x.request, name, count === true);
}

/** Compiles a test. Throws a ValueError or an Error that says what is wrong. */
export function valueTestCondition(spec: ValueTestSpec): Condition {
  const ignoresCase = spec.ignoreCase === true;
  const tests = [
    comparing(spec.is, ignoresCase, (text, wanted) => text === wanted),
    comparing(spec.startsWith, ignoresCase, (text, wanted) => text.startsWith(wanted)),
    comparing(spec.endsWith, ignoresCase, (text, wanted) => text.endsWith(wanted)),
    comparing(spec.contains, ignoresCase, (text, wanted) => text.includes(wanted)),
    matching(spec.pattern, ignoresCase),
    numeric(spec.atLeast, (number, bound) => number >= bound),
    numeric(spec.atMost, (number, bound) => number <= bound),
  ].filter((test) => test !== null);
  const { value, filters, exists } = spec;
  if (tests.length === 0 && exists === undefined) throw new Error('the test asks nothing; write "is", "pattern" or another of its keys');
  const several = severalOf(spec);
  if (several !== null && spec.count !== undefined) {
    if (filters !== undefined || exists !== undefined || tests.length === 0)
      throw new Error('a number is compared with numbers; write "atLeast", "atMost" or "is", and neither "filters" nor "exists"');
    return new CountCondition(several, tests);
  }
  if (several !== null) {
    const compiled = [filters ?? []].flat().map((filter) => compileFilter(filter, 0));
    return new SeveralCondition(several, compiled, exists === false, tests);
  }
  const isThere = exists === undefined ? [] : [(text: string) => (text !== '') === exists];
  const compiled = compileValue(value!);
  return new ValueCondition(literalsOf(spec, value!, compiled), compiled, [...isThere, ...tests]);
}

/** One of the tests on texts is enough: all of them must hold. */
function literalsOf({ is, startsWith, endsWith, ignoreCase }: ValueTestSpec, template: string, value: Value): readonly Literals[] {
  const given = is ?? startsWith ?? endsWith;
  if (given === undefined || !steadyValue.test(template)) return noLiterals;
  const ignoresCase = ignoreCase === true;
  const texts = textsOf(given, ignoresCase);
  const subject = {
    name: `${template}${ignoresCase ? ' in lower case' : ''}`,
    read: (x: ExchangeView) => (ignoresCase ? value.read(x).toLowerCase() : value.read(x)),
  };
  if (is !== undefined) return [{ subject, exact: texts, beginnings: [], endings: [] }];
  return [{ subject, exact: [], beginnings: startsWith === undefined ? [] : texts, endings: startsWith === undefined ? texts : [] }];
}

function textsOf(given: OneOrMore, ignoresCase: boolean): string[] {
  return [given].flat().map((text) => (ignoresCase ? toByteText(text).toLowerCase() : toByteText(text)));
}

function comparing(given: OneOrMore | undefined, ignoresCase: boolean, holds: (text: string, wanted: string) => boolean): TextTest | null {
  if (given === undefined) return null;
  const wanted = textsOf(given, ignoresCase);
  if (wanted.length === 0) throw new Error('the list is empty, so nothing would match; write at least one');
  return (text) => {
    const compared = ignoresCase ? text.toLowerCase() : text;
    return wanted.some((one) => holds(compared, one));
  };
}

function matching(given: OneOrMore | undefined, ignoresCase: boolean): TextTest | null {
  if (given === undefined) return null;
  const patterns = [given].flat().map((pattern) => compilePattern(pattern, ignoresCase));
  return (text, x) => patterns.some((pattern) => pattern.test(text, x));
}

/** A text that is no number meets no bound. */
function numeric(bound: number | undefined, holds: (number: number, bound: number) => boolean): TextTest | null {
  if (bound === undefined) return null;
  return (text) => text.trim() !== '' && holds(Number(text), bound);
}
