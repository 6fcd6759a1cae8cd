// What the front end makes of a text, for tests.
import { translateNginx } from '../../../src/config/nginx/translate.js';

/** The document for what stands inside "http", or its problems as "line: message". */
export function translated(http: string, lenient = false) {
  return outcomeOf(`events { }\nhttp {\n${http}\n}`, lenient);
}

export function outcomeOf(text: string, lenient = false) {
  const { document, problems, warnings, places } = translateNginx(text, '/nowhere/nginx.conf', { lenient });
  const said = (list: typeof problems) => list.map(({ line, message }) => `${line}: ${message}`);
  return { document: document as Record<string, unknown> | undefined, problems: said(problems), warnings: said(warnings), places };
}
