// A haproxy.cfg as statements: the lines that hold, each as words with places. It follows .if and its like and knows
// no keyword beyond those that begin with a dot.
import { holdsLineCondition } from './line-condition.js';
import type { Report } from './report.js';
import { splitWords, type Word } from './words.js';

/** A word with its line: what problems are placed at. */
export interface PlacedWord extends Word {
  readonly line: number;
}

export interface Statement {
  readonly line: number;
  readonly column: number;
  /** At least one. */
  readonly words: readonly PlacedWord[];
}

/** Beyond so many characters a text is not looked at: no configuration is so long. */
const maxLength = 4 * 1024 ** 2;
const maxNesting = 255;

/** A branch that is open: whether its lines hold, whether one of its branches has held, whether .else was there. */
interface Branch {
  holds: boolean;
  hasHeld: boolean;
  hasElse: boolean;
  readonly isOuterHeld: boolean;
  readonly line: number;
}

export function readStatements(text: string, report: Report, environment: NodeJS.ProcessEnv): Statement[] {
  if (text.length > maxLength) {
    report.reject({ line: 0, column: 0 }, 'the file is longer than 4 MiB; write a shorter one');
    return [];
  }
  const statements: Statement[] = [];
  const branches: Branch[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = index + 1;
    const content = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (/^\s*\.[a-z]/.test(content)) {
      followDirective(content, line, branches, report, environment);
      continue;
    }
    if (branches.at(-1)?.holds === false) continue;
    const words = splitWords(content, environment);
    if (!Array.isArray(words)) report.reject({ line, column: words.column }, words.message);
    else if (words.length > 0) {
      const placed = words.map((word) => ({ ...word, line }));
      statements.push({ line, column: placed[0]!.column, words: placed });
    }
  }
  for (const branch of branches) report.reject({ line: branch.line, column: 1 }, '".if" is not ended; write ".endif"');
  return statements;
}

function followDirective(content: string, line: number, branches: Branch[], report: Report, environment: NodeJS.ProcessEnv): void {
  const name = /^\s*(\.[a-z]+)/.exec(content)![1]!;
  const spot = { line, column: content.indexOf('.') + 1 };
  const rest = content.slice(spot.column - 1 + name.length).replace(/(^|\s)#.*$/, '');
  const evaluate = (): boolean => {
    try {
      return holdsLineCondition(rest, environment);
    } catch (error) {
      report.reject(spot, (error as Error).message);
      return false;
    }
  };
  const branch = branches.at(-1);
  if (name === '.if') {
    if (branches.length >= maxNesting) {
      report.reject(spot, '".if" is nested too deep; write fewer');
      return;
    }
    const isOuterHeld = branch === undefined || branch.holds;
    const holds = isOuterHeld && evaluate();
    branches.push({ holds, hasHeld: holds, hasElse: false, isOuterHeld, line });
  } else if (name === '.elif' || name === '.else') {
    if (branch === undefined || branch.hasElse) {
      report.reject(spot, `"${name}" has no ".if" before it; write one, or remove it`);
      return;
    }
    branch.hasElse = name === '.else';
    branch.holds = branch.isOuterHeld && !branch.hasHeld && (name === '.else' || evaluate());
    branch.hasHeld ||= branch.holds;
  } else if (name === '.endif') {
    if (branch === undefined) {
      report.reject(spot, '".endif" has no ".if" before it; remove it');
      return;
    }
    branches.pop();
  } else if (branch?.holds !== false) {
    followMessage(name, rest.trim().replace(/^"(.*)"$/, '$1'), spot, report);
  }
}

function followMessage(name: string, text: string, spot: { line: number; column: number }, report: Report): void {
  if (name === '.alert') report.reject(spot, `the file itself says: ${text}`);
  else if (name === '.warning' || name === '.notice' || name === '.diag') report.note(spot, `the file itself says: ${text}`);
  else report.reject(spot, `"${name}" is not known; write .if, .elif, .else, .endif, .notice, .warning or .alert`);
}
