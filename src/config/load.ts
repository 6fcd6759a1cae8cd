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
import { normaliseConfig } from './normalise.js';
import type { Problem } from './problem.js';
import { rootSchema } from './schema/root.js';
import { Source } from './source.js';

/** Either a configuration that can be run, or what is wrong with it, in the order of the file. */
export type LoadResult = (
  | { readonly config: Config; readonly problems?: undefined }
  | { readonly config?: undefined; readonly problems: readonly Problem[] }
) & {
  /** Absolute paths of the other files that it names and that were read, or could not be. */
  readonly files: readonly string[];
};

/** Loads the configuration file. Relative paths in it start at its folder. Never throws. */
export function loadConfig(file: string): LoadResult {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { problems: [{ file, line: 0, column: 0, message: explainUnreadable(error as NodeJS.ErrnoException) }], files: [] };
  }
  return parseConfig(text, file);
}

/** Like {@link loadConfig}, for a text that is there already. `file` gives the name in problems, and the folder of relative paths. */
export function parseConfig(text: string, file: string): LoadResult {
  const folder = dirname(resolve(file));
  const source = new Source(file, text);
  if (source.value === undefined) return { problems: source.problems, files: [] };

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
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return sorted.filter(
    (problem, index) => index === 0 || problem.line !== sorted[index - 1].line || problem.column !== sorted[index - 1].column,
  );
}

function explainUnreadable(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file; write one, or give the path of another';
  if (error.code === 'EACCES') return 'this user may not read the file; give it the right to, or give the path of another';
  if (error.code === 'EISDIR') return 'this is a folder; give the path of a file';
  return `the file cannot be read (${error.code ?? error.message}); give the path of another`;
}
