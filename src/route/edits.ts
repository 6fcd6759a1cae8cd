// Edits of a head: fields set, added and removed, their values computed from the exchange. They record what is to
// change; the writer of the outgoing version applies it. Framing and hop-by-hop fields are refused.
import type { MessageHead } from '../wire/message-head.js';
import { Problems } from './compile-error.js';
import { isEngineField } from './engine-fields.js';
import type { ExchangeView } from './exchange-view.js';
import { compileFieldValue } from './field-safe.js';
import { compileReplacements, type Replacement, type ReplacementSpec, replaced } from './replacement.js';
import { isToken } from './token.js';
import type { Value } from './value.js';

export interface EditsSpec {
  /** Name → template of the one value that the field then has. An empty value removes the field; for Host it leaves it. */
  readonly set?: Readonly<Record<string, string>> | undefined;
  /** Name → template of a value beside those that are there. An empty value adds nothing. */
  readonly add?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
  /** Name → what is replaced in each value of that field: the first replacement that fits. */
  readonly replace?: Readonly<Record<string, readonly ReplacementSpec[]>> | undefined;
}

interface FieldEdit {
  readonly name: string;
  readonly lowerName: string;
  readonly value: Value;
}

interface FieldReplacements {
  readonly name: string;
  readonly lowerName: string;
  readonly replacements: readonly Replacement[];
}

/** Compiled edits: first what is removed, then what is set, then what is added, then what is replaced. */
export class Edits {
  /**
   * Lower-case names of all fields that are set or removed. A server that takes '_' for '-' would read a client's
   * `X_User` as the `X-User` set here: such twins are removed before the edits are made.
   */
  readonly governedNames: ReadonlySet<string>;
  private readonly removed: readonly string[];
  private readonly set: readonly FieldEdit[];
  private readonly added: readonly FieldEdit[];
  private readonly replaced: readonly FieldReplacements[];

  constructor(
    removed: readonly string[],
    set: readonly FieldEdit[],
    added: readonly FieldEdit[],
    replaced: readonly FieldReplacements[] = [],
  ) {
    this.removed = removed;
    this.set = set;
    this.added = added;
    this.replaced = replaced;
    this.governedNames = new Set([...removed, ...set.map((edit) => edit.lowerName)]);
  }

  get isEmpty(): boolean {
    return this.removed.length === 0 && this.set.length === 0 && this.added.length === 0 && this.replaced.length === 0;
  }

  /** Makes the edits on `head`. Every value is read from `x` at its turn, so that it sees the edits before it. */
  apply(head: MessageHead, x: ExchangeView): void {
    for (let i = 0; i < this.removed.length; i++) head.remove(this.removed[i]!);
    for (let i = 0; i < this.set.length; i++) {
      const edit = this.set[i]!;
      const value = edit.value.read(x);
      if (value !== '') head.set(edit.name, value);
      else if (edit.lowerName !== 'host') head.remove(edit.lowerName);
    }
    for (let i = 0; i < this.added.length; i++) {
      const edit = this.added[i]!;
      const value = edit.value.read(x);
      if (value !== '') head.add(edit.name, value);
    }
    for (let i = 0; i < this.replaced.length; i++) replaceIn(head, this.replaced[i]!, x);
  }
}

function replaceIn(head: MessageHead, { name, lowerName, replacements }: FieldReplacements, x: ExchangeView): void {
  const values = head.getAll(lowerName);
  const changed = values.map((value) => replaced(value, replacements, x));
  if (changed.every((value, index) => value === values[index])) return;
  if (lowerName === 'host') {
    // There is exactly one.
    if (changed[0] !== '') head.set(name, changed[0]!);
    return;
  }
  head.remove(lowerName);
  for (const value of changed) head.add(name, value);
}

const noEdits = new Edits([], [], []);

/**
 * Compiles edits. Throws CompileError with every problem: a name that no field can have, a framing or hop-by-hop
 * field (they are the engine's), Host added or removed, a Value that does not compile.
 */
export function compileEdits(spec: EditsSpec | undefined): Edits {
  if (spec === undefined) return noEdits;
  const problems = new Problems();
  const removed: string[] = [];
  for (const [index, name] of (spec.remove ?? []).entries()) {
    if (checkName(problems, ['remove', index], name, false)) removed.push(name.toLowerCase());
  }
  const set = compileFields(problems, 'set', spec.set, true);
  const added = compileFields(problems, 'add', spec.add, false);
  const replacing: FieldReplacements[] = [];
  for (const [name, specs] of Object.entries(spec.replace ?? {})) {
    const replacements = problems.attempt(['replace', name], () => compileReplacements(specs));
    if (checkName(problems, ['replace', name], name, true) && replacements !== null)
      replacing.push({ name, lowerName: name.toLowerCase(), replacements });
  }
  problems.throwIfAny();
  return new Edits(removed, set, added, replacing);
}

function compileFields(
  problems: Problems,
  key: string,
  fields: Readonly<Record<string, string>> | undefined,
  mayBeHost: boolean,
): FieldEdit[] {
  const edits: FieldEdit[] = [];
  for (const [name, template] of Object.entries(fields ?? {})) {
    const isAllowed = checkName(problems, [key, name], name, mayBeHost);
    const value = problems.attempt([key, name], () => compileFieldValue(template));
    if (isAllowed && value !== null) edits.push({ name, lowerName: name.toLowerCase(), value });
  }
  return edits;
}

function checkName(problems: Problems, at: readonly (string | number)[], name: string, mayBeHost: boolean): boolean {
  if (!isToken(name)) {
    problems.add(at, `"${name}" is not a field name`);
  } else if (isEngineField(name)) {
    problems.add(at, `"${name}" cannot be edited: Limpet writes it itself, anew for each connection`);
  } else if (!mayBeHost && name.toLowerCase() === 'host') {
    problems.add(at, 'a request has exactly one Host; it can only be replaced, with "set" or "replace"');
  } else {
    return true;
  }
  return false;
}
