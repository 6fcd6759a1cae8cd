// Arguments of a query by their name, as they came: nothing is decoded.

/** The value of the first of the name, '' if it has none or is not there. `query` begins with '?' or is ''. */
export function queryArgument(query: string, name: string): string {
  let start = 1;
  while (start < query.length) {
    let end = query.indexOf('&', start);
    if (end < 0) end = query.length;
    if (query.startsWith(name, start)) {
      const behind = start + name.length;
      if (behind === end) return '';
      if (query.charCodeAt(behind) === 0x3d && behind < end) return query.slice(behind + 1, end);
    }
    start = end + 1;
  }
  return '';
}

/** The values of all of the name that have one behind a "=". `query` begins with '?' or is ''. */
export function queryArguments(query: string, name: string): string[] {
  const beginning = `${name}=`;
  return query
    .slice(1)
    .split('&')
    .filter((argument) => argument.startsWith(beginning))
    .map((argument) => argument.slice(beginning.length));
}
