// The answers that a route of the JSON language can give: respond, redirect and deny.
import { faults } from '../core/errors.js';
import { Problems } from './compile-error.js';
import { isEngineField } from './engine-fields.js';
import type { ExchangeView } from './exchange-view.js';
import { compileFieldValue } from './field-safe.js';
import { encodeForUri } from './percent-encoding.js';
import { type Answer, closingResponder, FixedResponder, faultResponder, type Responder, statusText } from './responder.js';
import { isToken } from './token.js';
import { ConstantValue, compileValue, type Value } from './value.js';

export interface RespondSpec {
  /** Default 200. */
  readonly status?: number | undefined;
  /** A template. By default the status as text from 400 up, else nothing. */
  readonly body?: string | undefined;
  /** Templates by name. Content-Type is text/plain in UTF-8 by default. A field whose value is empty is left out. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface RedirectSpec {
  /** A template of the Location. */
  readonly to: string;
  /** 301, 302, 303, 307 or 308; default 302. */
  readonly status?: number | undefined;
}

export type DenySpec = boolean | 'close' | { readonly status?: number | undefined };

interface ComputedField {
  readonly name: string;
  readonly value: Value;
}

class ComputedResponder implements Responder {
  readonly fault = null;
  private readonly status: number;
  private readonly fields: readonly ComputedField[];
  private readonly body: Value;

  constructor(status: number, fields: readonly ComputedField[], body: Value) {
    this.status = status;
    this.fields = fields;
    this.body = body;
  }

  respond(x: ExchangeView): Answer {
    const fields: [string, string][] = [];
    for (let i = 0; i < this.fields.length; i++) {
      const field = this.fields[i]!;
      const value = field.value.read(x);
      if (value !== '') fields.push([field.name, value]);
    }
    return { status: this.status, fields, body: this.body.read(x) };
  }
}

/** A Location: what may not stand in a URI is encoded, so that no Value can make two fields or an invalid one. RFC 9110 §10.2.2. */
class LocationValue implements Value {
  readonly constant = null;
  private readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }

  read(x: ExchangeView): string {
    return encodeForUri(this.value.read(x));
  }
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

function checkStatus(problems: Problems, status: number, from: number, to: number): void {
  if (!Number.isInteger(status) || status < from || status > to) problems.add(['status'], `write a status from ${from} to ${to}`);
}

/** The same answer made once, where nothing in it depends on the exchange. */
function responderFor(status: number, fields: readonly ComputedField[], body: Value): Responder {
  const responder = new ComputedResponder(status, fields, body);
  const isConstant = body.constant !== null && fields.every((field) => field.value.constant !== null);
  // No constant reads its exchange.
  return isConstant ? new FixedResponder(responder.respond(undefined as unknown as ExchangeView)) : responder;
}

/** Compiles a fixed or computed answer. Throws CompileError with every problem. */
export function compileRespond(spec: RespondSpec): Responder {
  const problems = new Problems();
  const status = spec.status ?? 200;
  checkStatus(problems, status, 200, 599);
  if (isBodiless(status) && spec.body !== undefined && spec.body !== '')
    problems.add(['body'], `a response with status ${status} has no body`);
  const body = problems.attempt(['body'], () => compileValue(spec.body ?? (status >= 400 ? statusText(status) : '')));
  const fields: ComputedField[] = [];
  for (const [name, template] of Object.entries(spec.headers ?? {})) {
    if (!isToken(name)) problems.add(['headers', name], `"${name}" is not a field name`);
    else if (isEngineField(name)) problems.add(['headers', name], `"${name}" cannot be given: Limpet writes it itself`);
    const value = problems.attempt(['headers', name], () => compileFieldValue(template));
    if (value !== null) fields.push({ name, value });
  }
  problems.throwIfAny();
  const hasType = fields.some((field) => field.name.toLowerCase() === 'content-type');
  if (!hasType && body!.constant !== '') fields.push({ name: 'Content-Type', value: new ConstantValue('text/plain; charset=utf-8') });
  return responderFor(status, fields, body!);
}

/** Compiles a redirect. Throws CompileError with every problem. */
export function compileRedirect(spec: RedirectSpec): Responder {
  const problems = new Problems();
  const status = spec.status ?? 302;
  if (![301, 302, 303, 307, 308].includes(status)) problems.add(['status'], 'a redirect has the status 301, 302, 303, 307 or 308');
  if (spec.to.trim() === '') problems.add(['to'], 'a redirect needs a place to go; write a URL or a path');
  const to = problems.attempt(['to'], () => compileFieldValue(spec.to));
  problems.throwIfAny();
  const location = to!.constant === null ? new LocationValue(to!) : new ConstantValue(encodeForUri(to!.constant));
  return responderFor(status, [{ name: 'Location', value: location }], new ConstantValue(''));
}

/** Compiles a refusal, status 403 unless another is given, or the end of the connection. Throws CompileError. */
export function compileDeny(spec: DenySpec): Responder {
  if (spec === 'close') return closingResponder;
  const problems = new Problems();
  if (spec === false) problems.add([], 'write true, or leave the key out');
  const status = typeof spec === 'object' ? (spec.status ?? faults.denied.status) : faults.denied.status;
  checkStatus(problems, status, 400, 599);
  problems.throwIfAny();
  return faultResponder(faults.denied, status);
}
