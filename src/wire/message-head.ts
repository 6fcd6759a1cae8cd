// Contract 2: the one view of a message head that rules, sticky policies, the access log and the writers share,
// whatever the version on the wire. HTTP/1 backs it with the received text and offsets into it, HTTP/2 with a
// list. It does no I/O and does not parse.
import type { Framing } from './framing.js';

/**
 * A message head. Names are compared without regard to case; values are latin1 strings without surrounding
 * whitespace. Edits show at once through `get`; the writer of the outgoing version applies them.
 */
export interface MessageHead {
  readonly framing: Framing;
  /** The start line came as it would be written for HTTP/1.1, and no edit has touched it. */
  readonly hasPlainLine: boolean;
  /** Content-Length came alone and as it would be written, and no edit has removed it. */
  readonly hasPlainLength: boolean;
  /**
   * `out` followed by every field that is kept, edits applied, as HTTP/1 lines. `dropped` flags the FieldIds that
   * the writer leaves out. `withLine`: the start line goes before the fields, as it came.
   */
  writeFields(out: string, dropped: Uint8Array, withLine?: boolean): string;
  /**
   * What {@link keepWritten} was last given for the same `form` and `added`, if that is still the head that was read and no edit
   * has touched its fields; else ''. Edits of the start line are the caller's to see ({@link hasPlainLine}).
   */
  written(form: number, added: string): string;
  /** Keeps a text that depends on nothing but the start line, the fields, `form` and `added`. */
  keepWritten(form: number, added: string, text: string): void;
  /** The first value of the field, edits applied, or undefined. `name` must be lower case. */
  get(name: string): string | undefined;
  /** All values of the field in order, edits applied. `name` must be lower case. Allocates: not for every exchange. */
  getAll(name: string): string[];
  /** Replaces every field of that name by one. `name` is written as given. */
  set(name: string, value: string): void;
  /** Adds a field beside those of the same name. */
  add(name: string, value: string): void;
  /** Removes every field of that name. `name` must be lower case. */
  remove(name: string): void;
}

/** What edits had made of the fields at some moment. Made by a head, for that head. */
export interface KeptFields {
  /** What is left of the fields that were received, in their order. */
  readonly ids: readonly number[];
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** A request's head. */
export interface RequestHead extends MessageHead {
  method: string;
  /** The request target as it will be sent on: origin-form or `*`. */
  target: string;
  /** Host and port as the client gave them (from an absolute-form target, else from Host or :authority); '' if none. */
  readonly authority: string;
  /** 10, 11 or 20. */
  readonly version: number;
  /** Expect: 100-continue stands and a body follows. */
  readonly expectsContinue: boolean;
  /** The protocol that the client wants to upgrade to, in lower case, or ''. */
  readonly upgrade: string;
  /** Fields that tell who the client is (X-Forwarded-*, Forwarded, X-Real-IP, X-SSL-Client-*) came with the head. */
  readonly hasForwardedFields: boolean;
  /** Removes them all: they came from somebody who is not trusted. */
  removeForwardedFields(): void;
  /** A received name has a '_', which servers of the CGI kind read as '-'. */
  readonly hasUnderscores: boolean;
  /** Removes received fields whose name, '-' for '_', is one of `names` (lower case): twins of what a rule has set or removed. */
  removeTwins(names: ReadonlySet<string>): void;
  /** An edit has added a field. */
  readonly isAddedTo: boolean;
  /** The fields as edits have made them so far, for {@link restoreFields}. */
  keepFields(): KeptFields;
  /** Takes back every edit since. */
  restoreFields(kept: KeptFields): void;
}

/** A response's head. */
export interface ResponseHead extends MessageHead {
  status: number;
  reason: string;
  readonly upgrade: string;
}
