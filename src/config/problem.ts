// What is wrong with a configuration, and where. It does not find anything wrong.

/** One mistake in a configuration file. */
export interface Problem {
  /** The file as it was named. */
  readonly file: string;
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count; 0 when the file as a whole is meant. */
  readonly column: number;
  /** What is wrong; and what to write instead. */
  readonly message: string;
}

/** `file:line:column: message`, as compilers write it, so that editors and terminals can jump there. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  return `${place}: ${problem.message}`;
}
