// Giving up root's rights for those of a user, for good. Which user there is, core/account.ts knows.
import type { Account } from '../core/account.js';

/** Throws an Error with one clear line where this process may not become that user. */
export function checkMayBecome(user: Account): void {
  const uid = process.geteuid?.();
  if (uid === 0 || uid === user.uid) return;
  throw new Error(`"user": only root can become ${user.name}; start Limpet as root or as ${user.name}, or remove "user"`);
}

/** Becomes the user, in its group and, where it has a name, in all the other groups that it belongs to. */
export function become(user: Account): void {
  checkMayBecome(user);
  // A process that a former one of this user has started has nothing left to give up.
  if (process.geteuid?.() !== 0) return;
  if (/^\d+$/.test(user.name)) process.setgroups?.([user.gid]);
  // Its types leave it out.
  else (process as unknown as { initgroups(name: string, gid: number): void }).initgroups(user.name, user.gid);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
}
