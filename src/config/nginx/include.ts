// `include`: the statements of other files in place of it, names with "*", "?" and "[…]" standing for several files.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { TranslationBuilder } from '../translation-builder.js';
import { MAX_STATEMENTS, readStatements, type Statement } from './statements.js';

const MAX_INCLUDE_DEPTH = 16;

/** Replaces includes at every level of `statements`. Relative names start at `folder`, that of the main file. */
export function expandIncludes(statements: readonly Statement[], folder: string, builder: TranslationBuilder): Statement[] {
  return new Includes(folder, builder).expand(statements, 0);
}

class Includes {
  private count = 0;

  constructor(
    private readonly folder: string,
    private readonly builder: TranslationBuilder,
  ) {}

  expand(statements: readonly Statement[], depth: number): Statement[] {
    return statements.flatMap((statement) => {
      if (++this.count > MAX_STATEMENTS) return [];
      if (statement.name !== 'include') {
        return statement.block === null ? [statement] : [{ ...statement, block: this.expand(statement.block, depth) }];
      }
      return this.include(statement, depth);
    });
  }

  private include(statement: Statement, depth: number): Statement[] {
    const { args, block, place } = statement;
    if (args.length !== 1 || block !== null) {
      this.builder.refuse(place, '"include" takes one file, or a name with "*"; write include conf.d/*.conf;');
      return [];
    }
    if (depth >= MAX_INCLUDE_DEPTH) {
      this.builder.refuse(place, `files include each other more than ${MAX_INCLUDE_DEPTH} deep; take this one out`);
      return [];
    }
    const written = resolve(this.folder, args[0]!.text);
    const files = /[*?[]/.test(written) ? filesLike(written) : [written];
    return files.flatMap((file) => this.readFile(file, statement, depth));
  }

  private readFile(file: string, { place }: Statement, depth: number): Statement[] {
    this.builder.files.push(file);
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.builder.refuse(place, `${file} cannot be read (${code ?? message}); write the path of another`);
      return [];
    }
    return this.expand(readStatements(text, file, this.builder), depth + 1);
  }
}

/** The files, or folders, that a name with wildcards stands for, sorted; none is no mistake. */
function filesLike(pattern: string): string[] {
  const folder = dirname(pattern);
  const folders = /[*?[]/.test(folder) ? filesLike(folder) : [folder];
  const expression = nameExpression(basename(pattern));
  return folders
    .flatMap((one) =>
      namesIn(one)
        .filter((name) => expression.test(name))
        .map((name) => join(one, name)),
    )
    .sort();
}

/** `*`, `?` and `[…]` as in a shell; a leading dot is not matched by a star. */
function nameExpression(name: string): RegExp {
  const source = name
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  try {
    return new RegExp(`^(?!\\.)${source.replace(/\[!/g, '[^')}$`);
  } catch {
    return /^(?!)/;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
