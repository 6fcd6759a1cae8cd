// What is wrong with the names of listeners and upstreams.
import { rawObject } from './raw.js';
import { namePattern } from './schema/scalar.js';
import type { Source } from './source.js';

export function checkNames(source: Source): void {
  const root = rawObject(source.value);
  for (const kind of ['listeners', 'upstreams']) {
    for (const name of Object.keys(rawObject(root[kind]))) {
      if (namePattern.test(name)) continue;
      const message = `"${name}" cannot be a name; write letters, digits, ".", "_" and "-" (at most 64, beginning with a letter or digit) instead`;
      source.addAtKey([kind, name], message);
    }
  }
}
