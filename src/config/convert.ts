// What another proxy's file says as a proxy.config.json that means the same.
import { frontEnds } from './front-ends.js';
import { languageOf } from './language.js';
import { judgeTranslation, type LoadOptions, readText } from './load.js';
import { printDocument } from './print-document.js';
import type { Problem } from './problem.js';

/** The text, and what could not be carried over; or everything that keeps it from being run. */
export type Conversion =
  | { readonly text: string; readonly warnings: readonly Problem[]; readonly problems?: undefined }
  | { readonly text?: undefined; readonly warnings: readonly Problem[]; readonly problems: readonly Problem[] };

/** Converts the file. What it prints checks and runs as the file itself does. Never throws. */
export function convertConfig(file: string, options: LoadOptions): Conversion {
  const text = readText(file);
  if (typeof text !== 'string') return { problems: [text], warnings: [] };
  const language = languageOf(file, text);
  if (language === 'json') {
    return {
      problems: [{ file, line: 0, column: 0, message: 'this is a proxy.config.json already; give an nginx.conf or a haproxy.cfg' }],
      warnings: [],
    };
  }
  const translation = frontEnds[language](text, file, options);
  const { problems } = judgeTranslation(file, translation);
  if (problems !== undefined) return { problems, warnings: translation.warnings };
  return { text: printDocument(translation.document, translation.notes), warnings: translation.warnings };
}
