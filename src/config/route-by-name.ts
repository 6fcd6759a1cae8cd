// Routes that no table finds, whether as they are written or as the program runs on them.
import { rawObject } from './raw.js';

/** A route with a name and no match is there for rules alone, which lead to it by that name. */
export function isByNameOnly({ name, match }: { readonly name?: unknown; readonly match?: unknown }): boolean {
  return name !== undefined && name !== null && Object.keys(rawObject(match)).length === 0;
}
