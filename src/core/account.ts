// Users and groups of this system, by name or number. It changes nobody's rights.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A user with one of its groups. */
export interface Account {
  /** Its name, or its number where it has none. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The user in its own group, or in `group` where that is not null; null if there is no such user, or no such group. */
export function findUser(user: string, group: string | null): Account | null {
  const entry = findEntry('passwd', user);
  const uid = entry === null ? numberIn(user) : Number(entry[2]);
  const gid = group !== null ? findGroup(group) : entry === null ? null : Number(entry[3]);
  return uid === null || gid === null ? null : { name: entry === null ? user : entry[0], uid, gid };
}

/** The group's number, or null if there is no such group. A number need not have a name. */
export function findGroup(group: string): number | null {
  const entry = findEntry('group', group);
  return entry === null ? numberIn(group) : Number(entry[2]);
}

/** A line of the database by its name or number, as fields: name, password, number, … */
function findEntry(database: 'passwd' | 'group', wanted: string): string[] | null {
  return findIn(readDatabase(database), wanted) ?? findIn(askDatabase(database, wanted), wanted);
}

function findIn(text: string, wanted: string): string[] | null {
  const entries = text.split('\n').map((line) => line.split(':'));
  return entries.find(([name]) => name === wanted) ?? entries.find(([, , number]) => number === wanted) ?? null;
}

function readDatabase(database: string): string {
  try {
    return readFileSync(`/etc/${database}`, 'utf8');
  } catch {
    return '';
  }
}

/** Accounts may also be kept in a directory of the network, and only the system's own resolver knows where. */
function askDatabase(database: string, wanted: string): string {
  const { stdout } = spawnSync('getent', [database, wanted], { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] });
  return stdout ?? '';
}

function numberIn(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}
