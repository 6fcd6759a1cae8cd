// `npm test`: every test file under dist/test, or those whose path contains one of the arguments, through Node's runner.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = import.meta.dirname;
const wanted = process.argv.slice(2);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.js') && (wanted.length === 0 || wanted.some((part) => path.includes(part))))
  .sort()
  .map((path) => relative(process.cwd(), join(root, path)));
if (files.length === 0) {
  console.error(`no test file's path contains ${wanted.join(' or ')}`);
  process.exit(2);
}
const reporter = `--test-reporter=${pathToFileURL(join(root, 'reporter.js'))}`;
const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=2', reporter, ...files], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
