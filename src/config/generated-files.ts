// The files of the repository that are made from the schema and from the tables of other languages, and what they should hold. It writes none of them.
import { haproxyKeywordTable } from './haproxy/keyword-docs.js';
import { configJsonSchema } from './json-schema.js';
import { nginxDirectiveTable } from './nginx/directives.js';
import { configReference } from './reference.js';

/** Contents by path, relative to the root of the repository. */
export function generatedFiles(): Record<string, string> {
  return {
    'schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    'docs/config-reference.md': configReference(),
    'docs/nginx-directives.md': tablePage('nginx', 'nginx.conf', 'from-nginx.md', nginxDirectiveTable()),
    'docs/haproxy-keywords.md': tablePage('HAProxy', 'haproxy.cfg', 'from-haproxy.md', haproxyKeywordTable()),
  };
}

function tablePage(program: string, file: string, guide: string, table: string): string {
  return `# What Limpet carries over from ${program}

<!-- Made from the table by \`npm run reference\`. -->

Every ${file} is read whole and judged by this table; [Coming from ${program}](${guide}) is the guide. What is not supported is a
problem with its line, or with \`--lenient\` a warning.

${table.trimEnd()}
`;
}
