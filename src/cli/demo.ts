// `limpet demo`: makes the development certificate, loads the configuration and hands it to the demo, which does the rest.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/load.js';
import { runDemo } from '../demo/run-demo.js';
import { ensureDevelopmentCertificate } from '../tls/development-certificate.js';
import { UsageError } from './arguments.js';
import { defaultConfigFile, exitCodes } from './commands.js';
import { reportProblems } from './report-problems.js';

/**
 * Resolves with the exit code once the demo has ended: 0 by a signal, 1 where it could not start or something failed.
 * @throws UsageError
 */
export async function demo(argv: string[]): Promise<number> {
  const option = argv.find((word) => word.startsWith('-'));
  if (option !== undefined) throw new UsageError(`there is no option "${option}"`, 'demo');
  if (argv.length > 1) throw new UsageError(`"${argv[1]}" is one file too many: demo takes one`, 'demo');
  if (!hasDevelopmentPackages()) {
    complain('the development packages are missing; run it in a clone of the repository, after npm install');
    return exitCodes.failed;
  }

  const configFile = argv[0] ?? defaultConfigFile;
  // Before the configuration is read: a certificate that it names and that is missing is one of its problems.
  if (existsSync(configFile)) await ensureDevelopmentCertificate(join(dirname(configFile), 'certs'));
  const { config, problems } = loadConfig(configFile);
  if (problems !== undefined) {
    reportProblems(problems);
    return exitCodes.failed;
  }
  const limpetMain = fileURLToPath(new URL('./main.js', import.meta.url));
  const hasEndedWell = await runDemo(config, { configFile, limpetMain, say: (line) => console.log(line), complain });
  return hasEndedWell ? exitCodes.done : exitCodes.failed;
}

function complain(line: string): void {
  console.error(`limpet demo: ${line}`);
}

function hasDevelopmentPackages(): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    resolve('sockjs');
    resolve('sockjs-client');
    return true;
  } catch {
    return false;
  }
}
