// `limpet convert`: prints the proxy.config.json that means the same as another proxy's file.
import { convertConfig } from '../config/convert.js';
import type { Command } from './arguments.js';
import { exitCodes } from './commands.js';
import { reportProblems, reportWarnings } from './report-problems.js';

/** Returns the exit code. */
export function convert(command: Extract<Command, { name: 'convert' }>): number {
  const { text, problems, warnings } = convertConfig(command.configFile, { lenient: command.lenient });
  reportWarnings(warnings);
  if (problems !== undefined) {
    reportProblems(problems);
    return exitCodes.failed;
  }
  process.stdout.write(text);
  return exitCodes.done;
}
