// Collects what a front end finds while it makes a document: problems, and where each object of the document came from.
// The places of objects become paths when the document is finished, so that it can be put together in any order.
import type { Place, Translation } from './front-end.js';
import type { Problem } from './problem.js';

export class TranslationBuilder {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly files: string[] = [];
  private readonly said = new Set<string>();
  private readonly origins = new Map<object, { readonly place: Place; readonly note: string }>();

  constructor(private readonly isLenient: boolean) {}

  /** What the other program itself refuses. */
  refuse(place: Place, message: string): void {
    this.say(this.problems, place, message);
  }

  /** What the other program can do and Limpet cannot: left out when lenient. */
  lack(place: Place, message: string): void {
    this.say(this.isLenient ? this.warnings : this.problems, place, message);
  }

  /** What runs, though not quite as it is written. */
  note(place: Place, message: string): void {
    this.say(this.warnings, place, message);
  }

  /** Once: what several blocks have from the one around them is looked at for each. */
  private say(list: Problem[], place: Place, message: string): void {
    const key = JSON.stringify([place, message]);
    if (this.said.has(key)) return;
    this.said.add(key);
    list.push({ ...place, message });
  }

  /** Remembers that the object was written at `place`; `note` is a comment for whoever reads the document. */
  mark<T extends object>(object: T, place: Place, note: string): T {
    this.origins.set(object, { place, note });
    return object;
  }

  /** The same place for what was made of `other`. */
  markAs<T extends object>(object: T, other: object): T {
    const origin = this.origins.get(other);
    if (origin !== undefined) this.origins.set(object, origin);
    return object;
  }

  /** Whether any object of the document is better left unread. */
  get hasProblems(): boolean {
    return this.problems.length > 0;
  }

  finish(document: unknown): Translation {
    const places = new Map<string, Place>();
    const notes = new Map<string, string>();
    const visit = (value: unknown, path: readonly (string | number)[]): void => {
      if (typeof value !== 'object' || value === null) return;
      const origin = this.origins.get(value);
      if (origin !== undefined) {
        const key = JSON.stringify(path);
        places.set(key, origin.place);
        if (origin.note !== '') notes.set(key, origin.note);
      }
      if (Array.isArray(value)) for (const [index, element] of value.entries()) visit(element, [...path, index]);
      else for (const [name, member] of Object.entries(value)) visit(member, [...path, name]);
    };
    visit(document, []);
    return { document, places, notes, problems: this.problems, warnings: this.warnings, files: this.files };
  }
}
