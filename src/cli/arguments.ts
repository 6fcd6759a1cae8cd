// The command line: from words to a command, or to what is wrong with them. It does nothing but read.
import { parseArgs } from 'node:util';
import { nearestName } from '../core/nearest-name.js';
import { type CommandName, commandNames, commands, defaultConfigFile, type OptionDescription } from './commands.js';

/** What the command line asks for. */
export type Command =
  | {
      readonly name: 'run';
      readonly configFile: string;
      readonly workers: number | 'auto' | null;
      readonly pidFile: string | null;
      readonly watches: boolean;
      readonly lenient: boolean;
    }
  | { readonly name: 'reload' | 'upgrade'; readonly pidFile: string }
  | { readonly name: 'check'; readonly configFile: string; readonly lenient: boolean }
  | { readonly name: 'convert'; readonly configFile: string; readonly lenient: boolean }
  | { readonly name: 'demo'; readonly argv: readonly string[] }
  | { readonly name: 'help'; readonly topic: CommandName | null }
  | { readonly name: 'version' };

/** The words are not a command. The message says what is wrong and what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help tells more. */
  readonly topic: CommandName | null;

  constructor(message: string, topic: CommandName | null) {
    super(message);
    this.topic = topic;
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Reads the words after the program's name.
 * @throws UsageError
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const [first, ...rest] = argv;
  if (first === undefined) throw new UsageError('a command is missing', null);
  if (first === '--help' || first === '-h') return { name: 'help', topic: null };
  if (first === '--version' || first === '-v') return { name: 'version' };
  if (first === 'help') return { name: 'help', topic: rest[0] === undefined ? null : commandName(rest[0]) };
  if (first.startsWith('-')) throw unknownOption(first, ['--help', '--version'], null);
  const name = commandName(first);
  if (rest.includes('--help') || rest.includes('-h')) return { name: 'help', topic: name };
  if (name === 'demo') return { name, argv: rest };

  const { values, operands } = parseOptions(name, rest);
  if (name === 'reload' || name === 'upgrade') return { name, pidFile: pidFileOf(values['pid-file'], operands, name) };
  if (operands.length > 1) throw new UsageError(`"${operands[1]}" is one file too many: ${name} takes one`, name);
  if (name === 'convert' && operands[0] === undefined)
    throw new UsageError('which file is not said; write one, such as /etc/nginx/nginx.conf', name);
  const configFile = operands[0] ?? defaultConfigFile;
  const lenient = values['lenient'] === true;
  if (name === 'check' || name === 'convert') return { name, configFile, lenient };
  const pidFile = (values['pid-file'] as string | undefined) ?? null;
  return { name, configFile, workers: workersOf(values['workers']), pidFile, watches: values['watch'] === true, lenient };
}

function commandName(word: string): CommandName {
  const known = commandNames.find((name) => name === word);
  if (known !== undefined) return known;
  const nearest = nearestName(word, [...commandNames, 'help']);
  throw new UsageError(`there is no command "${word}"${nearest === null ? '' : `; did you mean "${nearest}"?`}`, null);
}

function parseOptions(command: CommandName, words: readonly string[]): { values: Values; operands: string[] } {
  const descriptions: Readonly<Record<string, OptionDescription>> = commands[command].options;
  const options = Object.fromEntries(
    Object.entries(descriptions).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  // Not strict, so that what is wrong is worded here; strict messages speak of parseArgs' own rules.
  const { values, positionals, tokens } = parseArgs({ args: [...words], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const description = Object.hasOwn(descriptions, token.name) ? descriptions[token.name] : undefined;
    if (description === undefined)
      throw unknownOption(token.rawName, [...Object.keys(descriptions).map((name) => `--${name}`), '--help'], command);
    const isValueMissing = token.value === undefined || token.value === '' || (!token.inlineValue && token.value.startsWith('--'));
    if (description.value !== undefined && isValueMissing) {
      throw new UsageError(`${token.rawName} needs a value; write ${token.rawName} ${description.value}`, command);
    }
  }
  return { values: values as Values, operands: positionals };
}

function unknownOption(written: string, known: readonly string[], command: CommandName | null): UsageError {
  const nearest = nearestName(written, known);
  const suggestion = nearest === null ? '' : `; did you mean "${nearest}"?`;
  return new UsageError(`there is no option "${written}"${suggestion}`, command);
}

function pidFileOf(written: string | boolean | undefined, operands: readonly string[], command: CommandName): string {
  if (operands[0] !== undefined) throw new UsageError(`"${operands[0]}" is one word too many: ${command} takes no file`, command);
  if (typeof written === 'string') return written;
  throw new UsageError('which Limpet is not said; write --pid-file with the path that it was run with', command);
}

function workersOf(written: string | boolean | undefined): number | 'auto' | null {
  if (written === undefined) return null;
  if (written === 'auto') return 'auto';
  const count = /^\d{1,4}$/.test(String(written)) ? Number(written) : 0;
  if (count >= 1 && count <= 1024) return count;
  throw new UsageError(`--workers cannot be "${written}"; write a whole number from 1 to 1024, or auto`, 'run');
}
