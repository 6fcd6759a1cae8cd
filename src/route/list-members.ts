// Fields whose values are lists.

/** The members of a list with commas, with the white space around them. A comma in quotes parts nothing. RFC 9110 §5.6.1. */
export function membersOf(list: string): string[] {
  const members: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < list.length; i++) {
    const character = list[i];
    if (isQuoted && character === '\\') i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ',' && !isQuoted) {
      members.push(list.slice(start, i));
      start = i + 1;
    }
  }
  members.push(list.slice(start));
  return members;
}
