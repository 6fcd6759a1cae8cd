// The file that names the process to send signals to. It keeps a second Limpet from running by the same file, and stays
// open from the start, so that it can be handed to a successor.
import { closeSync, constants, ftruncateSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';

export class PidFile {
  private constructor(
    private readonly path: string,
    readonly fd: number,
    /** Where it is until it has something to say: scripts wait for the file to be there, and then read it. */
    private place = path,
  ) {}

  /**
   * Opens the file and writes nothing yet. It appears when it is written, unless `losesRights`: who gives root's up meanwhile may not
   * be able to put it there then. Throws an Error with one clear line when a Limpet runs by it, other than `predecessor`, or when it
   * cannot be opened.
   */
  static claim(path: string, predecessor: number | null, losesRights = false): PidFile {
    const pid = runningLimpet(path);
    if (pid !== null && pid !== predecessor) {
      throw new Error(
        `a Limpet with the process id ${pid} runs by the pid file ${path} already; stop it, or give the path of another file`,
      );
    }
    const place = losesRights || lstatSync(path, { throwIfNoEntry: false }) !== undefined ? path : `${path}.${process.pid}`;
    try {
      return new PidFile(path, openSync(place, constants.O_RDWR | constants.O_CREAT, 0o644), place);
    } catch (error) {
      throw new Error(`the pid file cannot be written: ${(error as Error).message}`);
    }
  }

  /** The file that the predecessor had open, under our number for it. */
  static inherited(path: string, fd: number): PidFile {
    return new PidFile(path, fd);
  }

  write(): void {
    // Over what is there, and cut afterwards: whoever reads meanwhile finds one number or the other in the first line.
    const line = `${process.pid}\n`;
    writeSync(this.fd, line, 0);
    ftruncateSync(this.fd, line.length);
    if (this.place === this.path) return;
    renameSync(this.place, this.path);
    this.place = this.path;
  }

  /** Removes the file if it still names this process; where we may not, it is left empty. What was never written leaves nothing new behind. */
  release(): void {
    if (this.place !== this.path) {
      rmSync(this.place, { force: true });
    } else if (readPid(this.path) === process.pid) {
      try {
        rmSync(this.path);
      } catch {
        ftruncateSync(this.fd, 0);
      }
    }
    closeSync(this.fd);
  }
}

/** The process id of the Limpet that runs by the file, or null: there is no file, or it was left behind. */
export function runningLimpet(path: string): number | null {
  const pid = readPid(path);
  return pid !== null && pid !== process.pid && isLimpet(pid) ? pid : null;
}

function readPid(path: string): number | null {
  try {
    const number = /^(\d{1,10})\n/.exec(readFileSync(path, 'latin1'));
    return number === null ? null : Number(number[1]);
  } catch {
    return null;
  }
}

/** Process ids are used again: whoever has it now must also have been started as `limpet run`. */
function isLimpet(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.includes('run') && words.some((word) => word === process.argv[1] || /(^|\/)limpet$|\/cli\/main\.js$/.test(word));
  } catch {
    // Where nobody says what it is (no /proc), it is taken for what the file says.
    return true;
  }
}
