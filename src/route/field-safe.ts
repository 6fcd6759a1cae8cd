// What makes text fit to stand as a field value in a head (RFC 9110 §5.5): no Value can end a line or start a field.
import type { ExchangeView } from './exchange-view.js';
import { ConstantValue, compileValue, type Value, ValueError } from './value.js';

const HTAB = 9;
const SP = 32;
const DEL = 127;

function mayStand(code: number): boolean {
  return code === HTAB || (code >= SP && code !== DEL && code <= 0xff);
}

function isBlank(code: number): boolean {
  return code === SP || code === HTAB;
}

/**
 * `text` without what may not stand in a field value: CR, LF, NUL and the other control characters, characters that
 * are no byte (they would be cut to one, and that one may be a CR or LF), and white space around it. The same
 * string when there is none of that.
 */
export function fieldSafe(text: string): string {
  const length = text.length;
  if (length === 0) return text;
  for (let i = 0; i < length; i++) {
    if (!mayStand(text.charCodeAt(i))) return trimBlanks(withoutForbidden(text, i));
  }
  return trimBlanks(text);
}

function withoutForbidden(text: string, from: number): string {
  let kept = text.slice(0, from);
  for (let i = from; i < text.length; i++) {
    if (mayStand(text.charCodeAt(i))) kept += text[i];
  }
  return kept;
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return end - start === text.length ? text : text.slice(start, end);
}

class FieldSafeValue implements Value {
  readonly constant = null;
  private readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }

  read(x: ExchangeView): string {
    return fieldSafe(this.value.read(x));
  }
}

/**
 * Compiles a template for a field value: what it reads is always {@link fieldSafe}. Throws ValueError, also for
 * control characters in the template itself, because there they are a mistake in the config.
 */
export function compileFieldValue(template: string): Value {
  const value = compileValue(template);
  for (let i = 0; i < template.length; i++) {
    const code = template.charCodeAt(i);
    if (code <= 0xff && !mayStand(code)) throw new ValueError('a field value cannot hold control characters', i);
  }
  return value.constant === null ? new FieldSafeValue(value) : new ConstantValue(fieldSafe(value.constant));
}
