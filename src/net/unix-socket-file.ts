// The file of a unix socket that we bind. It is bound under another name and put in its place by a rename, with its
// owner and mode, so that nobody ever meets half of it. And libuv, which removes the file that it has bound whenever the
// handle is closed, does not find it: a socket that another process has taken over must keep its file.
import { chmodSync, chownSync, renameSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { basename, dirname, join } from 'node:path';

export interface SocketFileAccess {
  /** null: as the umask leaves it. */
  readonly mode: number | null;
  /** null: who binds it. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

/** Rejects with EADDRINUSE if somebody listens there, or if it is no socket. One that nobody listens on is in nobody's way. */
export async function checkUnixSocketIsFree(path: string): Promise<void> {
  const answer = await new Promise<string>((resolve) => {
    const probe = net.connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve('connected');
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  if (answer === 'ENOENT') return;
  if (answer === 'ECONNREFUSED' && statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  throw Object.assign(new Error(`bind ${path}: ${answer}`), { code: answer === 'EACCES' ? 'EACCES' : 'EADDRINUSE' });
}

/** What is bound there before it has its name: of the same length, because paths of sockets are short. */
export function provisionalPath(path: string): string {
  const name = basename(path);
  return join(dirname(path), `${name.slice(0, -1)}${name.endsWith('~') ? '#' : '~'}`);
}

/** Gives what is bound at the provisional path its name, in the place of what has it now. */
export function nameSocketFile(path: string, { mode, owner }: SocketFileAccess): void {
  const bound = provisionalPath(path);
  try {
    if (owner !== null && process.getuid?.() === 0) chownSync(bound, owner.uid, owner.gid);
    if (mode !== null) chmodSync(bound, mode);
    renameSync(bound, path);
  } catch (error) {
    rmSync(bound, { force: true });
    throw error;
  }
}

/** Tells the file from one that somebody else puts in its place later; '' if there is none. */
export function socketFileId(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev}:${stat.ino}`;
}

/** Removes the file if it still is the one with that id. Where we may not, it stays and is in nobody's way. */
export function removeSocketFile(path: string, id: string): void {
  try {
    if (socketFileId(path) === id) rmSync(path);
  } catch {
    // The rights to the folder went with root's.
  }
}
