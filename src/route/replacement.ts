// What is replaced inside a field's value: a beginning or what a pattern finds, by a Value.
import { toByteText } from './byte-text.js';
import { Problems } from './compile-error.js';
import type { ExchangeView } from './exchange-view.js';
import { compileFieldValue, fieldSafe } from './field-safe.js';
import { membersOf } from './list-members.js';
import { compilePattern, type Pattern } from './pattern.js';
import type { Value } from './value.js';

/** Exactly one of `startsWith` and `pattern`. */
export interface ReplacementSpec {
  readonly startsWith?: string | undefined;
  readonly pattern?: string | undefined;
  readonly ignoreCase?: boolean | undefined;
  /** Whether all of the value is replaced, not only what was found. */
  readonly whole?: boolean | undefined;
  /** Whether the members of a list with commas are looked at one by one, each as a value. */
  readonly members?: boolean | undefined;
  /** Of a cookie that is set: the attribute whose value is looked at, in place of the whole field. */
  readonly attribute?: string | undefined;
  readonly to: string;
}

export interface Replacement {
  readonly startsWith: string | null;
  readonly pattern: Pattern | null;
  readonly isWhole: boolean;
  readonly isForMembers: boolean;
  /** In small letters. */
  readonly attribute: string | null;
  readonly to: Value;
}

/** Compiles a field's replacements. Throws CompileError with every problem. */
export function compileReplacements(specs: readonly ReplacementSpec[]): Replacement[] {
  const problems = new Problems();
  const compiled = specs.map(({ startsWith, pattern, ignoreCase, whole, members, attribute, to }, index) => {
    if ((startsWith === undefined) === (pattern === undefined))
      problems.add([index], 'a replacement is for a beginning or for a pattern; write one of "startsWith" and "pattern"');
    if (members === true && attribute !== undefined)
      problems.add([index], 'a cookie is no list with commas; write one of "members" and "attribute"');
    const source = pattern;
    return {
      startsWith: startsWith === undefined ? null : toByteText(startsWith),
      pattern: source === undefined ? null : problems.attempt([index, 'pattern'], () => compilePattern(source, ignoreCase === true)),
      isWhole: whole === true,
      isForMembers: members === true,
      attribute: attribute?.toLowerCase() ?? null,
      to: problems.attempt([index, 'to'], () => compileFieldValue(to)) as Value,
    };
  });
  problems.throwIfAny();
  return compiled;
}

/** `value` after the first replacement that fits; the same string when none does. */
export function replaced(value: string, replacements: readonly Replacement[], x: ExchangeView): string {
  for (let i = 0; i < replacements.length; i++) {
    const replacement = replacements[i]!;
    const changed = replacedBy(replacement, value, x);
    if (changed !== null) return fieldSafe(changed);
  }
  return value;
}

function replacedBy(replacement: Replacement, value: string, x: ExchangeView): string | null {
  if (replacement.isForMembers) return replacedMembers(value, replacement, x);
  return replacement.attribute === null
    ? replacedOnce(value, replacement, x)
    : replacedAttribute(value, replacement.attribute, replacement, x);
}

/** null: it does not fit. */
function replacedOnce(value: string, { startsWith, pattern, isWhole, to }: Replacement, x: ExchangeView): string | null {
  if (startsWith !== null) {
    if (!value.startsWith(startsWith)) return null;
    return isWhole ? to.read(x) : to.read(x) + value.slice(startsWith.length);
  }
  if (pattern?.test(value, x) !== true) return null;
  if (isWhole) return to.read(x);
  const found = x.captures as RegExpExecArray;
  return value.slice(0, found.index) + to.read(x) + value.slice(found.index + found[0].length);
}

/** null: it fits none of them. Members that it does not fit stay as they are written. */
function replacedMembers(list: string, replacement: Replacement, x: ExchangeView): string | null {
  let isChanged = false;
  const changed = membersOf(list).map((member) => {
    const value = member.trim();
    const other = value === '' ? null : replacedOnce(value, replacement, x);
    if (other === null) return member;
    isChanged = true;
    return other;
  });
  return isChanged ? changed.join(',') : null;
}

/** null: the cookie has no such attribute with a value, or it fits none. What is changed is written anew, "; " between its parts. */
function replacedAttribute(cookie: string, attribute: string, replacement: Replacement, x: ExchangeView): string | null {
  let isChanged = false;
  const parts = cookie.split(';').map((part, index) => {
    const trimmed = part.trim();
    const equals = trimmed.indexOf('=');
    if (index === 0 || equals < 0 || trimmed.slice(0, equals).trimEnd().toLowerCase() !== attribute) return trimmed;
    const changed = replacedOnce(trimmed.slice(equals + 1).trimStart(), replacement, x);
    if (changed === null) return trimmed;
    isChanged = true;
    return `${trimmed.slice(0, equals + 1)}${changed}`;
  });
  return isChanged ? parts.join('; ') : null;
}
