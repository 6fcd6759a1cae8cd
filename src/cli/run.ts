// `limpet run`: loads the configuration and hands it to the supervisor, which does the rest.
import { loadConfig } from '../config/load.js';
import { formatProblem } from '../config/problem.js';
import type { Command } from './arguments.js';
import { exitCodes } from './commands.js';
import { reportProblems, reportWarnings } from './report-problems.js';

/** Resolves with the exit code once the proxy has ended. */
export async function run(command: Extract<Command, { name: 'run' }>): Promise<number> {
  // Loaded only now: `limpet --help` and `limpet check` need none of it.
  const { findPredecessor, tellPredecessor } = await import('../supervisor/predecessor.js');
  const predecessor = await findPredecessor();
  const { lenient } = command;
  const { config, problems, files, warnings } = loadConfig(command.configFile, { lenient });
  reportWarnings(warnings);
  if (problems !== undefined) {
    reportProblems(problems);
    await tellPredecessor({ kind: 'failed', problem: problems.map(formatProblem).join('; ') });
    return exitCodes.failed;
  }
  const { runSupervisor } = await import('../supervisor/supervisor.js');
  const { configFile, pidFile, workers, watches } = command;
  return runSupervisor(config, { configFile, lenient, files, watches, pidFile, workers, predecessor });
}
