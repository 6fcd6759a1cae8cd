// The version of this program, from its package.json.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version, such as "0.1.0". */
export function version(): string {
  // The compiled file lies one folder deeper (dist/src/cli) than the source (src/cli).
  for (const candidate of ['../../package.json', '../../../package.json']) {
    const file = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  throw new Error('package.json is missing beside the program; install it again');
}
