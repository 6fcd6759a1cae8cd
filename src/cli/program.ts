// The program: reads the command line, runs the command, exits with its code.
import { parseCommandLine, UsageError } from './arguments.js';
import { exitCodes } from './commands.js';
import { helpText } from './help.js';
import { version } from './version.js';

async function main(argv: readonly string[]): Promise<number> {
  const command = parseCommandLine(argv);
  switch (command.name) {
    case 'run':
      return (await import('./run.js')).run(command);
    case 'reload':
      return (await import('./reload.js')).reload(command);
    case 'upgrade':
      return (await import('./upgrade.js')).upgrade(command);
    case 'check':
      return whenPrinted((await import('./check.js')).check(command));
    case 'convert':
      return whenPrinted((await import('./convert.js')).convert(command));
    case 'demo':
      return (await import('./demo.js')).demo([...command.argv]);
    case 'help':
      process.stdout.write(helpText(command.topic));
      return exitCodes.done;
    case 'version':
      process.stdout.write(`limpet ${version()}\n`);
      return exitCodes.done;
  }
}

/**
 * The exit code, once everything is out: a pipe takes 64 KiB, and what waits behind it is lost when the process exits. Not
 * for what serves: it stops however slowly its log is read.
 */
async function whenPrinted(code: number): Promise<number> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))));
  return code;
}

function reportFailure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`limpet: ${error.message}\nTry \`limpet ${error.topic === null ? '' : `${error.topic} `}--help\`.\n`);
    return exitCodes.wrongUsage;
  }
  process.stderr.write(`limpet: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.failed;
}

// `limpet check | head` closes the pipe early: nobody is left to be told about it.
process.stdout.on('error', () => process.exit(exitCodes.failed));

// A command that has returned is over, whatever handles it left behind.
process.exit(await main(process.argv.slice(2)).catch(reportFailure));
