// What a route of the JSON language can ask of an exchange: everything that is given must hold, and of a list one.

import { Problems } from './compile-error.js';
import { allOf, anyOf, type Condition, not, tlsCondition } from './condition.js';
import { clientCondition } from './conditions/client.js';
import { cookieCondition } from './conditions/cookie.js';
import { fieldCondition } from './conditions/field.js';
import { hostCondition } from './conditions/host.js';
import { methodCondition } from './conditions/method.js';
import { pathCondition } from './conditions/path.js';
import { hostPatternCondition, pathPatternCondition } from './conditions/patterns.js';
import type { TextPatternSpec } from './conditions/text-pattern.js';
import { type ValueTestSpec, valueTestCondition } from './conditions/value-test.js';

type OneOrMore = string | readonly string[];

export interface MatchSpec {
  /** Exact names, or "*.example". */
  readonly host?: OneOrMore | undefined;
  /** Exact "/a", everything below "/a/*", or a beginning "/a*". */
  readonly path?: OneOrMore | undefined;
  readonly method?: OneOrMore | undefined;
  /** Request fields by name. */
  readonly header?: Readonly<Record<string, TextPatternSpec>> | undefined;
  /** Addresses and networks. */
  readonly client?: OneOrMore | undefined;
  readonly cookie?: Readonly<Record<string, TextPatternSpec>> | undefined;
  /** Regular expressions, of which one must be found. */
  readonly hostPattern?: OneOrMore | undefined;
  readonly pathPattern?: OneOrMore | undefined;
  /** For pathPattern; hosts have no case. */
  readonly ignoreCase?: boolean | undefined;
  readonly tls?: boolean | undefined;
  /** All of them must hold. */
  readonly test?: readonly ValueTestSpec[] | undefined;
  readonly all?: readonly MatchSpec[] | undefined;
  readonly any?: readonly MatchSpec[] | undefined;
  readonly not?: MatchSpec | undefined;
}

type ListCompiler = (patterns: readonly string[]) => Condition;
type NamedCompiler = (name: string, spec: TextPatternSpec) => Condition;

/** Compiles a match; without one, or with an empty one, every exchange is meant. Throws CompileError with every problem. */
export function compileMatch(spec: MatchSpec | undefined): Condition {
  if (spec === undefined) return allOf([]);
  const problems = new Problems();
  const conditions: Condition[] = [];
  // The cheap tests come first.
  addList(conditions, problems, 'method', spec.method, methodCondition);
  addList(conditions, problems, 'host', spec.host, hostCondition);
  addList(conditions, problems, 'path', spec.path, pathCondition);
  addList(conditions, problems, 'client', spec.client, clientCondition);
  addNamed(conditions, problems, 'header', spec.header, fieldCondition);
  addNamed(conditions, problems, 'cookie', spec.cookie, cookieCondition);
  if (spec.tls !== undefined) conditions.push(tlsCondition(spec.tls));
  addEach(conditions, problems, 'test', spec.test, valueTestCondition);
  // Patterns come last, so that what they capture is from a match that holds in all.
  addList(conditions, problems, 'hostPattern', spec.hostPattern, hostPatternCondition);
  addList(conditions, problems, 'pathPattern', spec.pathPattern, (patterns) => pathPatternCondition(patterns, spec.ignoreCase === true));
  addEach(conditions, problems, 'all', spec.all, compileMatch);
  const { any, not: denied } = spec;
  if (any?.length === 0) problems.add(['any'], 'the list is empty, so nothing would match; write at least one, or leave the key out');
  if (any !== undefined) {
    const choice: Condition[] = [];
    addEach(choice, problems, 'any', any, compileMatch);
    conditions.push(anyOf(choice));
  }
  if (denied !== undefined) {
    const condition = problems.attempt(['not'], () => compileMatch(denied));
    if (condition !== null) conditions.push(not(condition));
  }
  problems.throwIfAny();
  return allOf(conditions);
}

function addEach<T>(
  conditions: Condition[],
  problems: Problems,
  key: string,
  given: readonly T[] | undefined,
  compile: (spec: T) => Condition,
): void {
  for (const [index, spec] of (given ?? []).entries()) {
    const condition = problems.attempt([key, index], () => compile(spec));
    if (condition !== null) conditions.push(condition);
  }
}

function addList(conditions: Condition[], problems: Problems, key: string, given: OneOrMore | undefined, compile: ListCompiler): void {
  if (given === undefined) return;
  if (typeof given === 'string') {
    const condition = problems.attempt([key], () => compile([given]));
    if (condition !== null) conditions.push(condition);
    return;
  }
  if (given.length === 0) problems.add([key], 'the list is empty, so nothing would match; write at least one, or leave the key out');
  // Each by itself, so that a problem is placed at its entry.
  for (const [index, pattern] of given.entries()) problems.attempt([key, index], () => compile([pattern]));
  const condition = problems.isEmpty ? compile(given) : null;
  if (condition !== null) conditions.push(condition);
}

function addNamed(
  conditions: Condition[],
  problems: Problems,
  key: string,
  given: Readonly<Record<string, TextPatternSpec>> | undefined,
  compile: NamedCompiler,
): void {
  if (given === undefined) return;
  for (const [name, spec] of Object.entries(given)) {
    const condition = problems.attempt([key, name], () => compile(name, spec));
    if (condition !== null) conditions.push(condition);
  }
}
