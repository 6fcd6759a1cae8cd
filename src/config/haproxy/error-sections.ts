// http-errors: pages by status under a name, which sections and rules ask for with "errorfiles".
import { readErrorFile } from './answer.js';
import { type Answer, hasBuiltInAnswer } from './built-in-answers.js';
import type { Report } from './report.js';
import type { Statement } from './statements.js';

export interface ErrorSection {
  readonly name: string;
  readonly head: Statement;
  readonly statements: readonly Statement[];
}

/** Pages by status, by the name of the section. */
export type ErrorFiles = ReadonlyMap<string, ReadonlyMap<number, Answer>>;

export function readErrorSections(sections: readonly ErrorSection[], report: Report): ErrorFiles {
  const files = new Map<string, ReadonlyMap<number, Answer>>();
  for (const { name, head, statements } of sections) {
    const clash = sections.find((section) => section.name === name);
    if (clash?.head !== head && name !== '')
      report.reject(head, `"${name}" is the name of another such section already, in line ${clash!.head.line}; write another`);
    files.set(name, pagesOf(statements, report));
  }
  return files;
}

function pagesOf(statements: readonly Statement[], report: Report): Map<number, Answer> {
  const pages = new Map<number, Answer>();
  for (const { words } of statements) {
    const [keyword, status, file] = words;
    if (keyword!.text !== 'errorfile') report.reject(keyword!, `"${keyword!.text}" is not a keyword here; write "errorfile", or remove it`);
    else if (status === undefined || file === undefined || words.length > 3)
      report.reject(keyword!, '"errorfile" needs a status and a file; write both after it, and nothing else');
    else if (!hasBuiltInAnswer(Number(status.text)))
      report.reject(status, `"${status.text}" is not a status with a page; write one such as 403, 502 or 503`);
    else {
      try {
        pages.set(Number(status.text), readErrorFile(file.text, report));
      } catch (error) {
        report.take(error, file);
      }
    }
  }
  return pages;
}
