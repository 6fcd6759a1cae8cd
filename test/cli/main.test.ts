// The program as a process: exit codes, and what goes to stdout and to stderr.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const compiled = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const main = existsSync(compiled) ? compiled : compiled.replace(/\.js$/, '.ts');
const folder = mkdtempSync(join(tmpdir(), 'limpet-main-'));

after(() => rmSync(folder, { recursive: true }));

function limpet(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, main, ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: status, out: stdout, err: stderr };
}

test('no command is wrong usage', () => {
  assert.deepEqual(limpet(), { code: 2, out: '', err: 'limpet: a command is missing\nTry `limpet --help`.\n' });
});

test('an option that does not exist is wrong usage, and names the page to read', () => {
  const expected = {
    code: 2,
    out: '',
    err: 'limpet: there is no option "--worker"; did you mean "--workers"?\nTry `limpet run --help`.\n',
  };
  assert.deepEqual(limpet('run', '--worker', '2'), expected);
});

test('--help and --version print to stdout', () => {
  const help = limpet('--help');
  assert.deepEqual([help.code, help.err], [0, '']);
  assert.match(help.out, /^Limpet is .*\n\nUsage: limpet COMMAND/);
  const packageFile = ['../../package.json', '../../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url)) as URL;
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  assert.deepEqual(limpet('--version'), { code: 0, out: `limpet ${version}\n`, err: '' });
});

test('check takes proxy.config.json by default and prints what it would do', () => {
  const file = join(folder, 'proxy.config.json');
  writeFileSync(
    file,
    '{ "listeners": { "web": { "address": ":80", "upstream": "app" } }, "upstreams": { "app": { "servers": ["a:1"] } } }',
  );
  const { code, out, err } = limpet('check');
  rmSync(file);
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^proxy\.config\.json is sound\./);
});

for (const command of ['check', 'run']) {
  test(`${command} prints every problem of a configuration on stderr and fails`, () => {
    writeFileSync(join(folder, 'bad.json'), '{\n  "workrs": 1,\n  "listeners": { "web": { "address": "80", "upstream": "app" } }\n}\n');
    assert.deepEqual(limpet(command, 'bad.json'), {
      code: 1,
      out: '',
      err: [
        'bad.json:2:3: unknown key "workrs"; write "workers" instead',
        'bad.json:3:38: "80" is only a port; write ":80" instead',
        'bad.json:3:56: there is no upstream "app"; write it under "upstreams": { "app": { "servers": [ … ] } }',
        '3 problems',
        '',
      ].join('\n'),
    });
  });

  test(`${command} fails where there is no configuration`, () => {
    const err = 'none.json: there is no such file; write one, or give the path of another\n1 problem\n';
    assert.deepEqual(limpet(command, 'none.json'), { code: 1, out: '', err });
  });
}

test('check prints all of it to a pipe that is read slowly', () => {
  const file = join(folder, 'many-routes.json');
  const routes = Array.from({ length: 5000 }, (_, i) => ({ match: { path: `/${i}` }, deny: true }));
  writeFileSync(file, JSON.stringify({ listeners: { web: { address: '127.0.0.1:0', routes } } }));
  const command = `"${process.execPath}" "${main}" check "${file}" | { sleep 2; wc -l; }`;
  const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8', timeout: 60_000 });
  assert.ok(Number(stdout) > 5000, stdout);
});
