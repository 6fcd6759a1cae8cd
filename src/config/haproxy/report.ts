// Collects what is wrong with a haproxy.cfg and what is only noted, each once and with its place. Problems are
// bounded: a file of nonsense is not worth a list as long as itself.
import type { Place } from '../front-end.js';
import type { Problem } from '../problem.js';
import { SampleError } from './sample-error.js';

/** Something that stands in the file. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

const mostProblems = 200;

export class Report {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  /** Absolute paths of the files that were read. */
  readonly files: string[] = [];
  private readonly seen = new Set<string>();

  constructor(
    readonly file: string,
    readonly isLenient: boolean,
  ) {}

  /** HAProxy refuses this too. */
  reject(spot: Spot, message: string): void {
    this.add(this.problems, spot, message);
  }

  /** HAProxy takes it, and Limpet cannot do it. */
  refuse(spot: Spot, message: string): void {
    this.add(this.isLenient ? this.warnings : this.problems, spot, message);
  }

  /** As {@link refuse}, of what closes something: leaving it out would open that, so it is a problem in any case. */
  refuseGuard(spot: Spot, message: string): void {
    this.add(this.problems, spot, message);
  }

  /**
   * A SampleError, reported as what it says it is; `isGuard`: as of what closes something. Anything else is a defect, and thrown
   * on. Returns whether HAProxy refuses it too.
   */
  take(error: unknown, spot: Spot, isGuard = false): boolean {
    if (!(error instanceof SampleError)) throw error;
    if (error.isWrong) this.reject(spot, error.message);
    else if (isGuard) this.refuseGuard(spot, error.message);
    else this.refuse(spot, error.message);
    return error.isWrong;
  }

  /** A rule that keeps requests or connections out has something in it that cannot be done: it must not be left out. */
  keepClosed(spot: Spot): void {
    if (this.isLenient)
      this.add(
        this.problems,
        spot,
        'this rule would let through what it keeps out if it were left out; write it in another way, or remove it',
      );
  }

  /** It is taken, and something about it is to be known. */
  note(spot: Spot, message: string): void {
    this.add(this.warnings, spot, message);
  }

  placeOf(spot: Spot): Place {
    return { file: this.file, line: spot.line, column: spot.column };
  }

  private add(list: Problem[], { line, column }: Spot, message: string): void {
    const key = `${line}:${column}:${message}`;
    if (this.seen.has(key) || list.length >= mostProblems) return;
    this.seen.add(key);
    list.push({ file: this.file, line, column, message });
  }
}
