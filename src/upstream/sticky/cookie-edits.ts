// Edits of cookies in a head: one cookie of a request taken out or changed, and the Set-Cookie fields of one name. It
// knows nothing of servers.
import type { MessageHead } from '../../wire/message-head.js';

/** Changes every cookie `name` of the request by `change`; null takes it out. Others stay as they are written. */
export function editCookies(head: MessageHead, name: string, change: (value: string) => string | null): void {
  editFields(head, 'cookie', 'Cookie', (field) => {
    let isChanged = false;
    const pairs: string[] = [];
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      if (equals < 0 || pair.slice(0, equals).trim() !== name) {
        pairs.push(pair.trim());
        continue;
      }
      const value = pair.slice(equals + 1).trim();
      const changed = change(value);
      isChanged ||= changed !== value;
      if (changed !== null) pairs.push(`${name}=${changed}`);
    }
    return isChanged ? pairs.join('; ') : field;
  });
}

/** Changes the value of every Set-Cookie field for `name` by `change`; null takes the field out. True if there was one. */
export function editSetCookies(head: MessageHead, name: string, change: (value: string) => string | null): boolean {
  let isFound = false;
  editFields(head, 'set-cookie', 'Set-Cookie', (field) => {
    const equals = field.indexOf('=');
    if (equals < 0 || field.slice(0, equals).trim() !== name) return field;
    isFound = true;
    const semicolon = field.indexOf(';', equals);
    const end = semicolon < 0 ? field.length : semicolon;
    const changed = change(field.slice(equals + 1, end).trim());
    return changed === null ? '' : `${field.slice(0, equals + 1)}${changed}${field.slice(end)}`;
  });
  return isFound;
}

/** Writes the fields of one name anew when one of them is changed; what becomes '' is left out. */
function editFields(head: MessageHead, name: string, writtenName: string, change: (field: string) => string): void {
  if (head.get(name) === undefined) return;
  const fields = head.getAll(name);
  const changed = fields.map(change);
  if (changed.every((field, index) => field === fields[index])) return;
  head.remove(name);
  for (const field of changed) if (field !== '') head.add(writtenName, field);
}
