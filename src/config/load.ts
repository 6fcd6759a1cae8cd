// Loads a configuration: reads the file, checks it against the schema and across its parts, and gives either the
// Config or every problem at once. It binds nothing and changes nothing.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CertificateFiles } from './certificate-files.js';
import { checkListeners } from './check-listeners.js';
import { checkNames } from './check-names.js';
import { checkRules } from './check-rules.js';
import { checkSocketPaths } from './check-socket-paths.js';
import { checkTls } from './check-tls.js';
import { checkUpstreams } from './check-upstreams.js';
import { checkUser } from './check-user.js';
import type { Config } from './config.js';
import { addIssue, wordIssue } from './explain-issue.js';
import type { Translation } from './front-end.js';
import { frontEnds } from './front-ends.js';
import { JsonSource } from './json-source.js';
import { languageOf } from './language.js';
import { normaliseConfig } from './normalise.js';
import type { Problem } from './problem.js';
import { rootSchema } from './schema/root.js';
import type { Source } from './source.js';
import { TranslatedSource } from './translated-source.js';

/** Either a configuration that can be run, or what is wrong with it, in the order of the file. */
type Judgement = (
  | { readonly config: Config; readonly problems?: undefined }
  | { readonly config?: undefined; readonly problems: readonly Problem[] }
) & {
  /** Absolute paths of the other files that it names and that were read, or could not be. */
  readonly files: readonly string[];
};

export type LoadResult = Judgement & {
  /** What runs but not quite as it is written: only what another language says has any. */
  readonly warnings: readonly Problem[];
};

export interface LoadOptions {
  /** What another language says and Limpet cannot do is a warning, not a problem. */
  readonly lenient: boolean;
}

const exact: LoadOptions = { lenient: false };

/** Loads the configuration file, in whichever language it is. Relative paths in it start at its folder. Never throws. */
export function loadConfig(file: string, options: LoadOptions = exact): LoadResult {
  const text = readText(file);
  return typeof text === 'string' ? parseConfig(text, file, options) : { problems: [text], files: [], warnings: [] };
}

/** The text of a configuration file, or why it cannot be read. */
export function readText(file: string): string | Problem {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return { file, line: 0, column: 0, message: explainUnreadable(error as NodeJS.ErrnoException) };
  }
}

/** Like {@link loadConfig}, for a text that is there already. `file` gives the name in problems, and the folder of relative paths. */
export function parseConfig(text: string, file: string, options: LoadOptions = exact): LoadResult {
  const language = languageOf(file, text);
  if (language === 'json') return { ...judge(new JsonSource(file, text)), warnings: [] };
  return judgeTranslation(file, frontEnds[language](text, file, options));
}

/** The configuration that a translated document means, or everything that is wrong with it, where the peer's file says it. */
export function judgeTranslation(file: string, translation: Translation): LoadResult {
  const judged = judge(new TranslatedSource(file, translation));
  return { ...judged, files: [...translation.files, ...judged.files], warnings: translation.warnings };
}

/** The configuration that the document means, or everything that is wrong with it. */
function judge(source: Source): Judgement {
  if (source.value === undefined) return { problems: inOrder(source.problems), files: [] };
  const folder = dirname(resolve(source.file));
  const certificates = new CertificateFiles();
  const parsed = rootSchema.safeParse(source.value, { error: wordIssue });
  for (const issue of parsed.error?.issues ?? []) addIssue(source, issue);
  checkNames(source);
  checkUser(source);
  checkListeners(source);
  checkRules(source);
  checkUpstreams(source);
  checkSocketPaths(source, folder);
  checkTls(source, folder, certificates);

  const files = certificates.paths;
  if (parsed.success && source.problems.length === 0) return { config: normaliseConfig(parsed.data, folder, certificates), files };
  return { problems: inOrder(source.problems), files };
}

/** By place; of several at one place the first, because the others say the same from another side. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const sorted = [...problems].sort((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1) || a.line - b.line || a.column - b.column);
  return sorted.filter(
    (problem, index) =>
      index === 0 ||
      problem.file !== sorted[index - 1].file ||
      problem.line !== sorted[index - 1].line ||
      problem.column !== sorted[index - 1].column,
  );
}

function explainUnreadable(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file; write one, or give the path of another';
  if (error.code === 'EACCES') return 'this user may not read the file; give it the right to, or give the path of another';
  if (error.code === 'EISDIR') return 'this is a folder; give the path of a file';
  return `the file cannot be read (${error.code ?? error.message}); give the path of another`;
}
