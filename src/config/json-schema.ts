// The configuration's JSON Schema: what editors complete and check with, what the reference is written from, and
// where the messages about unknown and missing keys look up what is known.
import * as z from 'zod';
import { rootSchema } from './schema/root.js';
import type { Path } from './source.js';

/** The part of JSON Schema (draft 7) that our schema uses. */
export interface JsonSchema {
  title?: string;
  description?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  default?: unknown;
  examples?: unknown[];
  /** VS Code's: what it offers to insert. Unlike `examples`, it also stands where the value is read into another form. */
  defaultSnippets?: { body: unknown }[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  /** Where one key tells which of them is meant. */
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  definitions?: Record<string, JsonSchema>;
}

let built: JsonSchema | null = null;

/** Made when first asked for: a configuration without mistakes never needs it. */
export function configJsonSchema(): JsonSchema {
  built ??= { ...(z.toJSONSchema(rootSchema, { io: 'input', target: 'draft-7' }) as JsonSchema), ...editorExtensions };
  return built;
}

/** What VS Code needs to know beyond JSON Schema. */
const editorExtensions = { allowComments: true, allowTrailingCommas: true };

/** Every schema that may stand at `path`: several where the language offers a choice. Empty where nothing is known. */
export function schemasAt(path: Path): JsonSchema[] {
  let schemas = alternatives(configJsonSchema());
  for (const step of path) schemas = schemas.flatMap((schema) => below(schema, step)).flatMap(alternatives);
  return schemas;
}

/** The schema itself with its references followed, or the members of a choice. */
export function alternatives(schema: JsonSchema): JsonSchema[] {
  if (schema.$ref !== undefined) return alternatives(configJsonSchema().definitions?.[schema.$ref.replace('#/definitions/', '')] ?? {});
  const members = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  return members === undefined ? [schema] : members.flatMap(alternatives);
}

function below(schema: JsonSchema, step: string | number): JsonSchema[] {
  if (typeof step === 'number') return schema.items === undefined ? [] : [schema.items];
  const property = schema.properties?.[step];
  if (property !== undefined) return [property];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}

/** The keys that an object at `path` may have, where it is written as `written`. */
export function knownKeysAt(path: Path, written: unknown): string[] {
  return schemasAt(path)
    .filter((schema) => mayBe(schema, written))
    .flatMap((schema) => Object.keys(schema.properties ?? {}));
}

/** False if a key that may have one value only has another one. */
function mayBe(schema: JsonSchema, written: unknown): boolean {
  return Object.entries(schema.properties ?? {}).every(([key, { enum: choice }]) => {
    const value = (written as Record<string, unknown> | null)?.[key];
    return choice?.length !== 1 || value === undefined || value === choice[0];
  });
}

/** An example of what may stand at `path`, as JSON, or null. */
export function exampleAt(path: Path): string | null {
  const parent = schemasAt(path.slice(0, -1)).flatMap((schema) => below(schema, path.at(-1) ?? ''));
  for (const schema of [...parent, ...schemasAt(path)]) {
    if (schema.examples !== undefined) return asWritten(schema.examples[0]);
    if (schema.defaultSnippets !== undefined) return asWritten(schema.defaultSnippets[0].body);
    if (schema.enum !== undefined) return asWritten(schema.enum[0]);
  }
  return null;
}

/** JSON on one line, with the spaces that people write. */
export function asWritten(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ').replace(/\[ /g, '[').replace(/ \]/g, ']');
}
