// `limpet reload`: asks the running Limpet to read its config anew, and tells what came of it. It reads no config itself:
// the process that runs knows which file it is, and is the one that has to be able to use it.
import { monotonicUs, type Outcome, outcomePath, readOutcome } from '../supervisor/outcome-file.js';
import { runningLimpet } from '../supervisor/pid-file.js';
import type { Command } from './arguments.js';
import { exitCodes } from './commands.js';
import { askRunning, fail, lookUntil } from './running-limpet.js';

const DEADLINE_MS = 60_000;

/** Resolves with the exit code. */
export async function reload({ pidFile }: Extract<Command, { name: 'reload' | 'upgrade' }>): Promise<number> {
  const askedUs = monotonicUs();
  const pid = askRunning(pidFile, 'SIGHUP');
  if (typeof pid === 'string') return fail(pid);
  const outcome = await lookUntil(askedUs, DEADLINE_MS, () => outcomeOf(pidFile, pid, askedUs));
  if (outcome === null)
    return fail(`the process ${pid} was asked, and has told nothing within ${DEADLINE_MS / 1000} s; its log has what came of it`);
  if (typeof outcome === 'string') return fail(outcome);
  const lines = outcome.problems.length > 0 ? outcome.problems : outcome.changes;
  const last =
    outcome.problems.length > 0 ? 'not reloaded: what runs goes on' : lines.length > 0 ? 'reloaded' : 'reloaded: nothing has changed';
  const stream = outcome.problems.length > 0 ? process.stderr : process.stdout;
  stream.write(`${[...lines, last].join('\n')}\n`);
  return outcome.problems.length > 0 ? exitCodes.failed : exitCodes.done;
}

/** Of a reload that began after it was asked for, or why none can be told; null: nothing is known yet. */
function outcomeOf(pidFile: string, pid: number, askedUs: number): Outcome | string | null {
  const outcome = readOutcome(outcomePath(pidFile));
  // Another process may have taken over meanwhile, and then that one does it.
  const running = runningLimpet(pidFile);
  const isTold = outcome !== null && outcome.of === 'reload' && outcome.begunUs >= askedUs;
  if (isTold && (outcome.pid === pid || outcome.pid === running)) return outcome;
  return running === null ? `the process ${pid} has ended before it told what came of it` : null;
}
