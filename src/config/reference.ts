// Writes the configuration reference from the schema. It describes keys; the pages of docs/ explain how to use them.
import { durationPattern } from './duration.js';
import { alternatives, asWritten, configJsonSchema, type JsonSchema } from './json-schema.js';
import { sizePattern } from './size.js';

const introduction = `# Configuration reference

<!-- Made from the schema by \`npm run reference\`. Edit the descriptions in src/config/schema/ instead. -->

\`proxy.config.json\` is JSON with \`// comments\`, \`/* comments */\` and trailing commas. Unknown keys are errors.
\`limpet check\` prints every problem with its line and column, or what the configuration would do.
With \`"$schema": "./schema.json"\` editors complete and check while you type.

| written as | means |
|---|---|
| duration | a number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`: \`"250ms"\`, \`"30s"\`, \`"1h"\` |
| size | bytes as a number, or a number with \`KiB\`, \`MiB\` or \`GiB\`: \`512\`, \`"16KiB"\` |
| address | \`"127.0.0.1:8080"\`, \`"[::1]:8080"\`, \`"unix:/path"\`; for listeners also \`":8080"\` (every interface), for servers also \`"host:port"\` |
| network | an address or a network: \`"192.0.2.1"\`, \`"10.0.0.0/8"\`, \`"2001:db8::/32"\`; \`"unix"\` for peers on unix sockets |
| Value | text in which \`\${…}\` is filled in for each exchange, such as \`"\${client.ip}"\`: see [values.md](values.md) |
| file | a path; a relative one starts at the folder of the configuration file, not at the working directory |
`;

/** The whole page, in Markdown. */
export function configReference(): string {
  const schema = configJsonSchema();
  const sections = [section({ ...schema, title: 'The file' })];
  for (const definition of definitionsInOrder(schema)) sections.push(section(definition));
  return [introduction, ...sections].join('\n');
}

/** Every definition once, in the order in which a reader comes upon it. */
function definitionsInOrder(schema: JsonSchema): JsonSchema[] {
  const found = new Set<string>();
  const visit = (part: JsonSchema): void => {
    const name = part.$ref?.replace('#/definitions/', '');
    const definition = name === undefined ? undefined : schema.definitions?.[name];
    if (name !== undefined && definition !== undefined && !found.has(name)) {
      found.add(name);
      visit(definition);
    }
    const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [], allOf = [] } = part;
    const parts = [...Object.values(properties), ...anyOf, ...oneOf, ...allOf];
    if (items !== undefined) parts.push(items);
    if (typeof additionalProperties === 'object') parts.push(additionalProperties);
    parts.forEach(visit);
  };
  visit(schema);
  return [...found].map((name) => schema.definitions?.[name] ?? {});
}

function section(schema: JsonSchema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const isRequired = schema.required?.includes(key) ?? false;
    return `| \`${key}\` | ${kindOf(property)} | ${defaultOf(property, isRequired)} | ${cell(descriptionOf(property))} |`;
  });
  const example = schema.examples?.[0];
  return [
    `## ${schema.title}`,
    '',
    schema.title === 'The file' ? 'The keys at the top.' : schema.description,
    '',
    '| key | is | default | meaning |',
    '|---|---|---|---|',
    ...rows,
    ...(example === undefined ? [] : ['', `Example: \`${asWritten(example)}\``]),
    '',
  ].join('\n');
}

/** The key's own, or that of the only thing that it can be. */
function descriptionOf(property: JsonSchema): string {
  if (property.description !== undefined) return property.description;
  const parts = alternatives(property);
  return parts.length === 1 ? (parts[0].description ?? '') : '';
}

function defaultOf(property: JsonSchema, isRequired: boolean): string {
  if (isRequired) return '**required**';
  const isEmpty = property.default === undefined || JSON.stringify(property.default) === '{}';
  return isEmpty ? '' : `\`${cell(asWritten(property.default))}\``;
}

/** What may be written for a key, in a few words, with links to what has a section of its own. */
function kindOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return link(schema.$ref);
  if (schema.allOf !== undefined) return schema.allOf.map(kindOf).join(' ');
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice !== undefined) return kindOfChoice(choice);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(', ');
  if (schema.type === 'array') return `list of ${inParentheses(kindOf(schema.items ?? {}))}`;
  if (schema.type === 'object')
    return typeof schema.additionalProperties === 'object' ? `${inParentheses(kindOf(schema.additionalProperties))} by name` : 'object';
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  return schema.pattern === durationPattern.source ? 'duration' : 'text';
}

function kindOfChoice(members: readonly JsonSchema[]): string {
  if (members.some(({ pattern }) => pattern === sizePattern.source)) return 'size';
  return [...new Set(members.map(kindOf))].join(' or ');
}

/** "list of" and "by name" hold for the whole choice. */
function inParentheses(kind: string): string {
  return kind.includes(' or ') || kind.includes(', ') ? `(${kind})` : kind;
}

function link(reference: string): string {
  const title = configJsonSchema().definitions?.[reference.replace('#/definitions/', '')]?.title ?? '';
  return `[${title}](#${title.toLowerCase().replaceAll(' ', '-')})`;
}

function literal(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

/** A pipe would end the table's cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
