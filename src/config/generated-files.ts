// The files of the repository that are made from the schema, and what they should hold. It writes none of them.
import { configJsonSchema } from './json-schema.js';
import { configReference } from './reference.js';

/** Contents by path, relative to the root of the repository. */
export function generatedFiles(): Record<string, string> {
  return {
    'schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    'docs/config-reference.md': configReference(),
  };
}
