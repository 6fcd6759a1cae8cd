// `limpet check`: says what a configuration would do, or everything that is wrong with it.
import { loadConfig } from '../config/load.js';
import type { Command } from './arguments.js';
import { exitCodes } from './commands.js';
import { describeConfig } from './describe-config.js';
import { reportProblems, reportWarnings } from './report-problems.js';

/** Returns the exit code. */
export function check(command: Extract<Command, { name: 'check' }>): number {
  const { config, problems, warnings } = loadConfig(command.configFile, { lenient: command.lenient });
  reportWarnings(warnings);
  if (problems !== undefined) {
    reportProblems(problems);
    return exitCodes.failed;
  }
  process.stdout.write(describeConfig(config, command.configFile));
  return exitCodes.done;
}
