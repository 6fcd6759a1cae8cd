// What is wrong with "user" and "group": accounts that this system does not have. Whether we may become them is found
// out when it is tried.
import { findGroup, findUser } from '../core/account.js';
import { rawObject, rawText } from './raw.js';
import type { Source } from './source.js';

export function checkUser(source: Source): void {
  const root = rawObject(source.value);
  const user = rawText(root['user']);
  const group = rawText(root['group']);
  if (group !== null && group !== '') {
    if (root['user'] === undefined) source.addAtKey(['group'], '"group" says in which group "user" is; write "user": with the name of one');
    else if (findGroup(group) === null) source.addAtValue(['group'], `there is no group "${group}"; write one of /etc/group instead`);
  }
  if (user === null || user === '') return;
  if (findUser(user, '0') === null) source.addAtValue(['user'], `there is no user "${user}"; write one of /etc/passwd instead`);
  else if (group === null && findUser(user, null) === null)
    source.addAtValue(['user'], `user ${user} has no name here, and so no group of its own; write "group": with one`);
}
