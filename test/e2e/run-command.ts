// Runs a command of the built program that comes to its end by itself, such as `limpet reload`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../fixtures/wait-for.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** The exit code, and everything that it has said. */
export async function runCommand(...words: string[]): Promise<[number | null, string]> {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
  const [code] = (await within('the command', once(child, 'close'), 90_000)) as [number | null];
  return [code, text];
}
