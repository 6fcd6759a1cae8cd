// What a front end makes of a file in another proxy's language: a document in the language of proxy.config.json, and
// where each part of it came from. Everything after that is shared; nothing behind config/ knows a language.
import type { Problem } from './problem.js';

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Translation {
  /** A value in the JSON language; undefined when nothing can be made of the text. */
  readonly document: unknown;
  /** By JSON.stringify(path); a path without a place takes its parent's. */
  readonly places: ReadonlyMap<string, Place>;
  /** Comments for `convert`, by the same keys. */
  readonly notes: ReadonlyMap<string, string>;
  /** What the peer itself refuses, and what is not supported. */
  readonly problems: readonly Problem[];
  /** What is accepted and noted; when lenient, what is not supported as well. */
  readonly warnings: readonly Problem[];
  /** Absolute paths of all files that were read, for --watch. */
  readonly files: readonly string[];
}

/** Never throws. */
export type FrontEnd = (text: string, file: string, options: { lenient: boolean }) => Translation;
