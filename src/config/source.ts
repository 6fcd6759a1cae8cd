// A configuration as data that remembers where each part of it stands, whatever language it was written in.
import type { Problem } from './problem.js';

/** Keys and indexes from the root down to one value. */
export type Path = readonly (string | number)[];

export interface Source {
  /** As it was named. */
  readonly file: string;
  /** What is wrong, as far as it has been found. */
  readonly problems: Problem[];
  /** The data; undefined when the text cannot be read. */
  readonly value: unknown;
  /** Records a problem at the value that `path` names, or `offset` characters into that string. */
  addAtValue(path: Path, message: string, offset?: number): void;
  /** Records a problem at the key by which `path` ends. */
  addAtKey(path: Path, message: string): void;
  /** The line (from 1) where the value that `path` names begins. */
  lineOf(path: Path): number;
}
