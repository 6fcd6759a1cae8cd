// Looks into data of which nothing is known yet, so that the checks across a file still find their problems when
// the schema has found others. It reports nothing.

export type RawObject = Readonly<Record<string, unknown>>;

/** The value when it is an object, else an empty one. */
export function rawObject(value: unknown): RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RawObject) : {};
}

/** The value when it is a list, else an empty one. */
export function rawList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value when it is a text, else null. */
export function rawText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Names and values of the members that are objects. */
export function rawObjects(value: unknown): [string, RawObject][] {
  return Object.entries(rawObject(value)).map(([name, member]) => [name, rawObject(member)]);
}
