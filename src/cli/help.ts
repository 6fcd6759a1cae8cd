// The help: a page for the program and one for each command, written from the table of commands.
import { type CommandDescription, type CommandName, commandNames, commands, type OptionDescription } from './commands.js';

const lineWidth = 80;

/** The page for a command, or for the program. Ends with a newline. */
export function helpText(topic: CommandName | null): string {
  const lines = topic === null ? programPage() : commandPage(topic, commands[topic]);
  return `${lines.join('\n')}\n`;
}

function programPage(): string[] {
  return [
    'Limpet is a reverse proxy that keeps clients stuck to their server.',
    '',
    'Usage: limpet COMMAND [FILE] [OPTIONS]',
    '',
    'Commands:',
    ...entries(commandNames.map((name) => [name, commands[name].summary])),
    '',
    'Options:',
    ...entries([
      ['-h, --help', 'Show this page; after a command, the page for that command.'],
      ['-v, --version', 'Show the version.'],
    ]),
    '',
    'A first configuration, proxy.config.json:',
    '',
    '  {',
    '    "listeners": {',
    '      "web": { "address": "127.0.0.1:8080", "upstream": "app" }',
    '    },',
    '    "upstreams": {',
    '      "app": {',
    '        "servers": ["127.0.0.1:3000", "127.0.0.1:3001"],',
    '        "sticky": { "policy": "cookie", "name": "route" }',
    '      }',
    '    }',
    '  }',
    '',
    'Then `limpet check` says what it would do, and `limpet run` does it.',
    '',
    'Exit codes: 0 done, 1 the configuration or the run failed, 2 wrong usage.',
  ];
}

function commandPage(name: CommandName, command: CommandDescription): string[] {
  const options = Object.entries(command.options);
  const usage = ['limpet', name, command.operands, options.length > 0 ? '[OPTIONS]' : ''].filter((word) => word !== '');
  const paragraphs = command.explanation.flatMap((paragraph) => ['', ...wrap(paragraph, lineWidth)]);
  const optionLines = [
    ...options.map(([option, description]) => [optionForm(option, description), description.meaning]),
    ['-h, --help', 'Show this page.'],
  ];
  return [
    command.summary,
    '',
    `Usage: ${usage.join(' ')}`,
    ...paragraphs,
    '',
    'Options:',
    ...entries(optionLines),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
  ];
}

function optionForm(name: string, { value }: OptionDescription): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** Terms on the left, what they mean in a column on the right. */
function entries(rows: readonly (readonly string[])[]): string[] {
  const column = Math.max(...rows.map(([term]) => term.length)) + 4;
  return rows.flatMap(([term, meaning]) =>
    wrap(meaning, lineWidth - column).map((line, index) => (index === 0 ? `  ${term}`.padEnd(column) : ' '.repeat(column)) + line),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
