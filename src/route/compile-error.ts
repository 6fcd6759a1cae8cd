// What is wrong with the rules of a config, found when they are compiled: every problem at once, each with its
// place inside the compiled piece. It knows no file: whoever loaded the config adds line and column.
import { ValueError } from './value.js';

export interface CompileProblem {
  /** Keys from the compiled piece down to the offending one, such as ['set', 'Connection']. */
  readonly at: readonly (string | number)[];
  readonly message: string;
  /** The place inside the string that `at` names, in characters, or null when the whole is meant. */
  readonly offset: number | null;
}

/** A piece of config that cannot be compiled. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  readonly problems: readonly CompileProblem[];

  constructor(problems: readonly CompileProblem[]) {
    super(problems.map((problem) => `${problem.at.join('.')}: ${problem.message}`).join('\n'));
    this.problems = problems;
  }
}

/** Collects problems while a piece is compiled, so that one mistake does not hide the next. */
export class Problems {
  private readonly found: CompileProblem[] = [];

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  add(at: readonly (string | number)[], message: string): void {
    this.found.push({ at, message, offset: null });
  }

  /** What `compile` returns; null when it failed, its problems then placed below `at`. */
  attempt<T>(at: readonly (string | number)[], compile: () => T): T | null {
    try {
      return compile();
    } catch (error) {
      if (error instanceof CompileError) {
        for (const problem of error.problems) this.found.push({ ...problem, at: [...at, ...problem.at] });
      } else if (error instanceof ValueError) {
        this.found.push({ at, message: error.message, offset: error.offset });
      } else if (error instanceof Error) {
        this.found.push({ at, message: error.message, offset: null });
      } else {
        throw error;
      }
      return null;
    }
  }

  /** Throws {@link CompileError} if there was any problem. */
  throwIfAny(): void {
    if (this.found.length > 0) throw new CompileError(this.found);
  }
}
