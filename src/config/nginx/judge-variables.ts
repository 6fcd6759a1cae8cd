// Whether the variables that a file reads are there, wherever they stand: in what is carried over nowhere, too.
import type { TranslationBuilder } from '../translation-builder.js';
import { withVariables } from './directive-values.js';
import type { Statement } from './statements.js';
import { captureNames, isBuiltIn, unknownVariable, variablesIn } from './variables.js';

/** By directive: the argument that is the variable it defines. */
const defining: Readonly<Record<string, number>> = {
  set: 0,
  auth_request_set: 0,
  js_set: 0,
  js_var: 0,
  perl_set: 0,
  map: 1,
  split_clients: 1,
};

/** Reports the variables of a whole file that nobody defines. */
export function judgeVariables(statements: readonly Statement[], builder: TranslationBuilder): void {
  for (const { name, block } of statements) {
    if ((name !== 'http' && name !== 'stream') || block === null) continue;
    const all = everyStatement(block);
    const defined = new Set(all.flatMap(definedBy));
    for (const statement of all) {
      const first = withVariables.get(statement.name);
      if (first !== undefined) judge(statement.args.slice(first), statement.place, { defined, isStream: name === 'stream', builder });
    }
  }
}

function everyStatement(statements: readonly Statement[]): Statement[] {
  return statements.flatMap((statement) => [statement, ...everyStatement(statement.block ?? [])]);
}

function definedBy({ name, args }: Statement): string[] {
  // A block's entries may have any name, and patterns as names.
  const found = [name, ...args.map(({ text }) => text)].flatMap(captureNames);
  const at = name === 'geo' ? args.length - 1 : defining[name];
  const variable = at === undefined ? undefined : /^\$(\w+)$/.exec(args[at]?.text ?? '')?.[1];
  return variable === undefined ? found : [...found, variable];
}

interface Surroundings {
  readonly defined: ReadonlySet<string>;
  readonly isStream: boolean;
  readonly builder: TranslationBuilder;
}

function judge(args: Statement['args'], place: Statement['place'], { defined, isStream, builder }: Surroundings): void {
  for (const { text } of args) {
    // A pattern's "$" is its end.
    if (text.startsWith('~')) continue;
    for (const name of variablesIn(text)) {
      if (!defined.has(name) && !isBuiltIn(name, isStream)) builder.refuse(place, unknownVariable(name));
    }
  }
}
