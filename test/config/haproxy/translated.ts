// What the tests of the front end share: a text translated, and the parts of it that they look at.
import { translateHaproxy } from '../../../src/config/haproxy/translate.js';
import { formatProblem } from '../../../src/config/problem.js';

// biome-ignore lint/suspicious/noExplicitAny: a document has any shape
type Document = any;

export interface Translated {
  readonly document: Document;
  /** Each as line:column: message. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export function translate(text: string, lenient = false): Translated {
  const { document, problems, warnings } = translateHaproxy(text, 'haproxy.cfg', { lenient });
  const written = (list: typeof problems) => list.map((problem) => formatProblem(problem).replace('haproxy.cfg:', ''));
  return { document, problems: written(problems), warnings: written(warnings) };
}

/** A listen section "web" in http mode with one server, and the lines given, which begin in line 4. */
export function inListen(...lines: string[]): string {
  return ['listen web', ' mode http', ' bind 127.0.0.1:8080', ...lines.map((line) => ` ${line}`), ' server a 127.0.0.1:3000', ''].join(
    '\n',
  );
}

/** The listener "web" of what {@link inListen} gives; throws when there are problems. */
export function listenerOf(...lines: string[]): Document {
  const { document, problems } = translate(inListen(...lines));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return document.listeners.web;
}

/** The upstream "web", likewise. */
export function upstreamOf(...lines: string[]): Document {
  const { document, problems } = translate(inListen(...lines));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return document.upstreams.web;
}

/** The rules of the listener "web". */
export function rulesOf(...lines: string[]): Document[] {
  return listenerOf(...lines).rules ?? [];
}
