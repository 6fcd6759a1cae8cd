// Any Value of the exchange against texts, a pattern or a number.
import { toByteText } from '../byte-text.js';
import type { Condition } from '../condition.js';
import type { ExchangeView } from '../exchange-view.js';
import { type Literals, noLiterals } from '../literals.js';
import { compilePattern } from '../pattern.js';
import { compileValue, type Value } from '../value.js';

type OneOrMore = string | readonly string[];

/** What is given must hold, all of it; of a list of texts one. */
export interface ValueTestSpec {
  readonly value: string;
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

/** Compiles a test. Throws a ValueError or an Error that says what is wrong. */
export function valueTestCondition(spec: ValueTestSpec): Condition {
  const ignoresCase = spec.ignoreCase === true;
  const tests = [
    comparing(spec.is, ignoresCase, (text, wanted) => text === wanted),
    comparing(spec.startsWith, ignoresCase, (text, wanted) => text.startsWith(wanted)),
    comparing(spec.endsWith, ignoresCase, (text, wanted) => text.endsWith(wanted)),
    comparing(spec.contains, ignoresCase, (text, wanted) => text.includes(wanted)),
    matching(spec.pattern, ignoresCase),
    spec.exists === undefined ? null : (text: string) => (text !== '') === spec.exists,
    numeric(spec.atLeast, (number, bound) => number >= bound),
    numeric(spec.atMost, (number, bound) => number <= bound),
  ].filter((test) => test !== null);
  if (tests.length === 0) throw new Error('the test asks nothing; write "is", "pattern" or another of its keys');
  const value = compileValue(spec.value);
  return new ValueCondition(literalsOf(spec, value), value, tests);
}

/** One of the tests on texts is enough: all of them must hold. */
function literalsOf({ value: template, is, startsWith, endsWith, ignoreCase }: ValueTestSpec, value: Value): readonly Literals[] {
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
