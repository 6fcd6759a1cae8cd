import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from '../../src/config/generated-files.js';
import { configJsonSchema, type JsonSchema } from '../../src/config/json-schema.js';

// The compiled test lies one folder deeper than its source.
const root = ['../../', '../../../']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(`${path}package.json`));

for (const [path, contents] of Object.entries(generatedFiles())) {
  test(`${path} is what the schema makes (else: npm run reference)`, () => {
    assert.equal(readFileSync(`${root}${path}`, 'utf8'), contents);
  });
}

test('every key is described', () => {
  const undescribed: string[] = [];
  const { definitions = {}, ...top } = configJsonSchema();
  for (const [name, schema] of Object.entries<JsonSchema>({ top, ...definitions })) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const reference = property.allOf?.[0]?.$ref?.replace('#/definitions/', '') ?? '';
      if ((property.description ?? definitions[reference]?.description) === undefined) undescribed.push(`${name}.${key}`);
    }
  }
  assert.deepEqual(undescribed, []);
});
