// Prints what is wrong with a configuration, for every command that loads one.
import { formatProblem, type Problem } from '../config/problem.js';

/** One line for each problem and one with their number, on stderr. */
export function reportProblems(problems: readonly Problem[]): void {
  const lines = problems.map(formatProblem);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  process.stderr.write(`${[...lines, count].join('\n')}\n`);
}

/** One line for each warning, on stderr: the configuration runs. */
export function reportWarnings(warnings: readonly Problem[]): void {
  for (const warning of warnings) process.stderr.write(`${formatProblem({ ...warning, message: `warning: ${warning.message}` })}\n`);
}
