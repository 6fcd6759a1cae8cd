// Parameters in the path of a request target, such as ";jsessionid=…": how servers tell sessions of clients that keep no
// cookies. It decodes nothing.

const semicolon = 0x3b;
const slash = 0x2f;
const question = 0x3f;

/** The value of the first path parameter called `name`, whatever its case; '' if there is none. */
export function pathParameter(target: string, name: string): string {
  let at = target.indexOf(';');
  if (at < 0) return '';
  const query = target.indexOf('?');
  const pathEnd = query < 0 ? target.length : query;
  while (at >= 0 && at < pathEnd) {
    const valueAt = at + 1 + name.length + 1;
    if (target[valueAt - 1] === '=' && target.slice(at + 1, valueAt - 1).toLowerCase() === name.toLowerCase())
      return target.slice(valueAt, endOfValue(target, valueAt));
    at = target.indexOf(';', at + 1);
  }
  return '';
}

function endOfValue(target: string, start: number): number {
  for (let i = start; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === semicolon || code === slash || code === question) return i;
  }
  return target.length;
}
