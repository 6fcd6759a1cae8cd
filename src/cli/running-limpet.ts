// A Limpet that runs already, as a command that wants something of it finds and asks it.
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicUs } from '../supervisor/outcome-file.js';
import { runningLimpet } from '../supervisor/pid-file.js';
import { exitCodes } from './commands.js';

const LOOK_EVERY_MS = 50;

/** Sends the signal to the Limpet that runs by the pid file. Returns its process id, or what is wrong in one line. */
export function askRunning(pidFile: string, signal: NodeJS.Signals): number | string {
  const pid = runningLimpet(pidFile);
  if (pid === null) return `no Limpet runs by the pid file ${pidFile}; give the path that it was run with`;
  try {
    process.kill(pid, signal);
    return pid;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `the process ${pid} cannot be asked (${code}); try as root, or as the user that started it`;
  }
}

/** What `look` finds, asked again and again until it finds something; null: it has found nothing within `deadlineMs` of `askedUs`. */
export async function lookUntil<T>(askedUs: number, deadlineMs: number, look: () => T | null): Promise<T | null> {
  while (monotonicUs() < askedUs + deadlineMs * 1000) {
    const found = look();
    if (found !== null) return found;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

/** Says so on stderr, and returns the exit code for it. */
export function fail(problem: string): number {
  process.stderr.write(`limpet: ${problem}\n`);
  return exitCodes.failed;
}
