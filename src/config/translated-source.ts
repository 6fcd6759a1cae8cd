// A document that was translated from another language: what is wrong with it is shown where the peer's file says it.
import type { Translation } from './front-end.js';
import type { Problem } from './problem.js';
import type { Path, Source } from './source.js';

export class TranslatedSource implements Source {
  readonly problems: Problem[];
  readonly value: unknown;

  constructor(
    readonly file: string,
    private readonly translation: Translation,
  ) {
    this.problems = [...translation.problems];
    // What could not be translated whole is not looked at further: most of what is wrong with it would be an echo.
    this.value = this.problems.length > 0 ? undefined : translation.document;
  }

  addAtValue(path: Path, message: string): void {
    const place = this.placeOf(path);
    this.problems.push({ ...place, message: `what this means cannot be run as it is: ${message}` });
  }

  addAtKey(path: Path, message: string): void {
    this.addAtValue(path, message);
  }

  lineOf(path: Path): number {
    return this.placeOf(path).line;
  }

  /** The place of the value, or of the nearest thing around it that has one. */
  private placeOf(path: Path): Omit<Problem, 'message'> {
    for (let length = path.length; length >= 0; length--) {
      const place = this.translation.places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return { file: this.file, line: 0, column: 0 };
  }
}
