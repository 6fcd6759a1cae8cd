// The document while it is made: values with the places that they came from.
import type { Place } from '../front-end.js';
import type { Report, Spot } from './report.js';

export type Path = readonly (string | number)[];

export class Draft {
  readonly places = new Map<string, Place>();
  readonly notes = new Map<string, string>();

  constructor(private readonly report: Report) {}

  place(path: Path, spot: Spot): void {
    this.places.set(JSON.stringify(path), this.report.placeOf(spot));
  }

  note(path: Path, spot: Spot, text: string): void {
    this.place(path, spot);
    this.notes.set(JSON.stringify(path), `${this.report.file}:${spot.line} ${text}`);
  }

  /** The values of `parts`, each placed in a list at `path`. */
  list(path: Path, parts: readonly { readonly value: unknown; readonly at: Spot }[]): unknown[] {
    return parts.map(({ value, at }, index) => {
      this.place([...path, index], at);
      return value;
    });
  }
}

/** A name as the document takes it, and no other's in `taken`. */
export function documentName(written: string, taken: ReadonlySet<string>): string {
  const plain = written
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 56);
  const base = plain === '' ? 'unnamed' : plain;
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
  return name;
}
