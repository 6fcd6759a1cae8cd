// One argument of a query, as it came: nothing is decoded, and of several of one name the first counts.

/** The argument's value, '' if it has none or is not there. `query` begins with '?' or is ''. */
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
