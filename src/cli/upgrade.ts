// `limpet upgrade`: asks the running Limpet to start the program anew and to hand over to it, and tells what came of it.
import { monotonicUs, outcomePath, readOutcome } from '../supervisor/outcome-file.js';
import { runningLimpet } from '../supervisor/pid-file.js';
import type { Command } from './arguments.js';
import { exitCodes } from './commands.js';
import { askRunning, fail, lookUntil } from './running-limpet.js';

/** Longer than a new process may take to be ready. */
const DEADLINE_MS = 90_000;

/** Resolves with the exit code. */
export async function upgrade({ pidFile }: Extract<Command, { name: 'reload' | 'upgrade' }>): Promise<number> {
  const askedUs = monotonicUs();
  const pid = askRunning(pidFile, 'SIGUSR2');
  if (typeof pid === 'string') return fail(pid);
  const exitCode = await lookUntil(askedUs, DEADLINE_MS, () => {
    const outcome = readOutcome(outcomePath(pidFile));
    if (outcome !== null && outcome.of === 'upgrade' && outcome.pid === pid && outcome.begunUs >= askedUs) {
      return fail(`not upgraded, the process ${pid} goes on: ${outcome.problems.join('; ')}`);
    }
    const running = runningLimpet(pidFile);
    if (running === null) return fail(`the process ${pid} has ended before a new one has taken over`);
    if (running === pid) return null;
    process.stdout.write(`upgraded: the process ${running} has taken over from ${pid}\n`);
    return exitCodes.done;
  });
  return exitCode ?? fail(`the process ${pid} was asked, and nothing has come of it within ${DEADLINE_MS / 1000} s; its log has more`);
}
